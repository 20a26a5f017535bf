"""The ssh that holds a host's connection: it logs in, stays in the foreground, and ends when gpuws does, however that
ends."""

from __future__ import annotations

import contextlib
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from gpuws.link.openssh import sockets, words
from gpuws.link.openssh.askpass import Answering, Askpass
from gpuws.link.openssh.control import running
from gpuws.link.openssh.words import Told
from gpuws.link.resolve.resolve import Resolved
from gpuws.model.errors import GpuwsError, Unreachable

LOOK = 0.05  # seconds between two looks for the socket, where ssh says nothing
SET_UP = 15.0  # seconds for the key exchange, after the time to connect
LOGIN = 150.0  # seconds without a word during the login: a key may have to be touched
LAST_WORDS = 0.5  # seconds between the end of a connection and the end of its ssh

# The shell is ssh's parent, so that its process id is nobody else's until the shell has seen it end. Its own input ends
# with gpuws, also where that was killed; until then it only waits.
_GUARD = """
exec 3<&0
"$@" </dev/null 3<&- &
ssh=$!
exec >/dev/null 2>&1
read -r _ <&3
exec 3<&-
kill "$ssh"
(trap 'kill "$nap"; exit' TERM; sleep 2 & nap=$!; wait "$nap"; kill -KILL "$ssh") &
late=$!
wait "$ssh"
kill "$late"
"""


def shared(resolved: Resolved) -> int | None:
    """The process of an ssh of the user's own that holds a connection to this host and shares it (ControlMaster), as
    `ssh -O check` finds it; None: there is none."""
    return running(resolved.control_path) if resolved.control_path else None


class Master:
    """An ssh that is logging in, or has. `end` from any thread."""

    def __init__(
        self, resolved: Resolved, argv: Callable[[str], Sequence[str]], answering: Answering, environ: Mapping[str, str]
    ) -> None:
        """`argv` makes ssh's of the path of its socket."""
        self.told = Told()
        self.greeting: tuple[str, ...] = ()
        self.socket = sockets.new_path(environ, "s")
        self._resolved = resolved
        self._patience = time.monotonic() + resolved.connect_timeout + SET_UP
        self._asking = 0
        self._answering = answering
        self._turned = threading.Event()
        self.ending = threading.Event()  # nobody need answer any more
        self.over = threading.Event()
        self._lock = threading.Lock()
        self._askpass = Askpass(sockets.new_path(environ, "a"), Path(sockets.folder(environ)) / "askpass", self._answer)
        try:
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", _GUARD, "sh", *argv(self.socket)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env=self._askpass.environment(environ),
                start_new_session=True,
            )
        except BaseException:
            self._askpass.close()
            raise
        assert self._process.stderr is not None
        threading.Thread(target=self._hear, args=(self._process.stderr,), name="ssh", daemon=True).start()

    def await_login(self, phase: Callable[[str], None]) -> None:
        """Returns once it listens; a GpuwsError where it ended before, or is never heard of again."""
        told = ""
        try:
            while not Path(self.socket).exists():
                if self.over.is_set():
                    raise words.fault(self._resolved, self.told)
                if self.ending.is_set():
                    raise Unreachable(f"{self._resolved.name}: connecting was stopped")
                if not self._asking and time.monotonic() > self._patience:
                    self.end()
                    raise self._late()
                self._turned.wait(LOOK)
                self._turned.clear()
                if told != self.told.phase:
                    told = self.told.phase
                    phase(told)
            self.greeting = self.told.logged_in()
        finally:
            self._askpass.close()

    def why(self, reason: str) -> str:
        """`reason`, or better what ssh said at its end, which comes a moment later."""
        if not self.over.wait(LAST_WORDS):
            return reason
        return self.told.loss() or "its ssh was ended"

    def end(self) -> None:
        """Returns at once."""
        self.ending.set()
        self._turned.set()
        with self._lock:
            if self._process.stdin is not None and not self._process.stdin.closed:
                self._process.stdin.close()

    def _answer(self, prompt: str, hint: str) -> str | None:
        self._asking += 1
        try:
            return self._answering(prompt, hint)
        finally:
            self._asking -= 1
            self._patience = time.monotonic() + LOGIN

    def _late(self) -> GpuwsError:
        resolved = self._resolved
        if self.told.phase == words.CONNECTING:
            where = f"{resolved.hostname} port {resolved.port}"
            return Unreachable(f"{resolved.name}: {where} accepts connections but does not answer", words.HUNG)
        return Unreachable(f"{resolved.name}: the server stopped answering during the login")

    def _hear(self, stderr: IO[bytes]) -> None:
        """Until the end of ssh, and of what it started."""
        with stderr:
            while line := stderr.readline(4096):
                before = self.told.phase
                self.told.hear(line)
                if self.told.phase != before:
                    self._patience = time.monotonic() + (LOGIN if self.told.phase == "logging in" else SET_UP)
                self._turned.set()
        self.over.set()
        self._turned.set()
        self.end()
        self._process.wait()
        with contextlib.suppress(OSError):  # ssh was killed
            Path(self.socket).unlink(missing_ok=True)
