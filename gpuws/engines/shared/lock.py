"""One launch at a time on a host, whoever launches: a name that the host's kernel forgets with its holder.

A tiny program there binds the abstract unix socket `gpuws-launch` and goes when its input ends, after 20 s at most.
Nothing is written on the host and nothing is left on it, however gpuws ends."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from gpuws.engines.shared.process_stream import ProcessStream
from gpuws.link.place import Link
from gpuws.model.errors import Cancelled, GpuwsError, HostError, Refused

HOLD = 20.0
"""Seconds that one launch may keep the others waiting."""

PATIENCE = 90.0
"""Seconds to wait for the launches of others."""

# Python 3.6, without site-packages: no home directory is looked at. Whoever waits is connected to the holder, whose end
# is seen at once, without asking again and again.
_PROGRAM = r"""
import errno, select, socket, sys, time
def say(word):
    print(word)
    sys.stdout.flush()
name, wait, hold = b"\0gpuws-launch", float(sys.argv[1]), float(sys.argv[2])
end = time.monotonic() + wait
while True:
    mine = socket.socket(socket.AF_UNIX)
    try:
        mine.bind(name)
        mine.listen(128)
        break
    except OSError as error:
        mine.close()
        if error.errno != errno.EADDRINUSE:
            say("unable")
            sys.exit()
    if time.monotonic() > end:
        say("busy")
        sys.exit()
    other = socket.socket(socket.AF_UNIX)
    pause = 1.0
    try:
        other.setblocking(False)
        other.connect(name)
    except OSError:
        pause = 0.05
        other.close()
        other = None
    watched = [sys.stdin] + ([other] if other else [])
    if sys.stdin in select.select(watched, [], [], pause)[0]:
        sys.exit()
    if other:
        other.close()
say("held")
select.select([sys.stdin], [], [], hold)
"""


@dataclass(slots=True)
class Lock:
    """`active` False: this host has no way to lock. `taken_at`: of the monotonic clock."""

    active: bool
    taken_at: float

    @property
    def lapsed(self) -> bool:
        """It may not have been held to the end of what was done under it."""
        return self.active and time.monotonic() - self.taken_at > HOLD - 1.0


@contextmanager
def held(link: Link, host: str, python: str, cancel: threading.Event) -> Iterator[Lock]:
    """Hold the host's launch lock; waits for others. Refused when they take too long, `Cancelled` on `cancel`."""
    try:
        stream = ProcessStream(link.popen([python, "-ISc", _PROGRAM, str(PATIENCE), str(HOLD)]))
    except HostError:
        raise
    except GpuwsError:
        yield Lock(False, time.monotonic())
        return
    try:
        said = _answer(stream, cancel)
        if said == b"busy":
            text = f"other launches have kept {host} busy for {PATIENCE:g} s"
            raise Refused(text, "try again; `ss -xlp` there says who holds gpuws-launch")
        yield Lock(said == b"held", time.monotonic())
    finally:
        stream.close()


def _answer(stream: ProcessStream, cancel: threading.Event) -> bytes:
    """What the program says once it has the lock; nothing when it ended without."""
    stream.settimeout(0.2)
    said = b""
    while not said.endswith(b"\n"):
        if cancel.is_set():
            raise Cancelled("cancelled: nothing was left behind")
        try:
            data = stream.recv()
        except TimeoutError:
            continue
        if not data:
            break
        said += data
    return said.strip()
