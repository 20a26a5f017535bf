"""A private, bounded file of what was run on hosts: whoever runs something hands it over and waits for nothing.

One thread writes. A disk that is full or hangs costs lines, whose number is told once it takes some again. Several
programs write into the file at once, each its whole lines; what comes again and again is one line with a count."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import itertools
import os
import stat
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from gpuws.model.errors import GpuwsError
from gpuws.model.host.ran import DAYS, GONE, Means, Ran, from_line, joined, line_of, old_file

LARGEST = 4 << 20
"""Bytes of the file; then it becomes NAME.old, in the place of the one before."""
PAUSE = 1.0  # seconds for which lines are gathered
GLANCE = 30.0  # seconds between looks at counts that are due
WAITING = 5000  # lines that wait to be written; more are lost, and counted
SHOWN = 3  # times that the same is written each by itself
FIRST, LAST = 60.0, 3600.0  # seconds between lines with a count, each time twice as long
APART = 600.0  # seconds after which the same is no repetition
KINDS = 1000  # that are remembered, to count them
ENDING = 0.3  # seconds that the end of a program waits for the last lines

Told = Callable[[], str]
"""Says what is run; called by the thread that writes, so that nobody waits for the search for secrets."""


@dataclass(slots=True)
class Outcome:
    """What came of it, as far as whoever ran it says."""

    status: int | None = None


class CommandLog:
    """`path`: the file, made with the first line. `on` False: nothing is written from now on."""

    def __init__(self, path: Path, *, on: bool = True) -> None:
        self.on = on
        self._file = _File(path)
        self._folding = _Folding()
        self._waiting: deque[tuple[Ran, Told]] = deque()
        self._open: dict[str, Running] = {}
        self._numbers = itertools.count(1)
        self._lost = 0
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def of(self, host: str, user: str) -> Recorder:
        """What is run on `host`, as `user` there."""
        return Recorder(self, host, user)

    def note(self, ran: Ran, told: Told) -> None:
        """Never blocks."""
        if not self.on or self._closing.is_set():
            return
        if len(self._waiting) >= WAITING:
            self._lost += 1
            return
        self._waiting.append((ran, told))
        if self._thread is None:
            self._begin()
        if not self._wake.is_set():
            self._wake.set()

    def begin(self, ran: Ran, told: Told) -> Running:
        """Something that runs on: it is noted now, and with its end."""
        running = Running(self, replace(ran, run=f"{os.getpid()}-{next(self._numbers)}"), told)
        self._open[running.ran.run] = running
        self.note(replace(running.ran, begun=True), told)
        return running

    def ended(self, running: Running) -> bool:
        """Whether it was open until now."""
        return self._open.pop(running.ran.run, None) is not None

    def close(self, patience: float = ENDING) -> None:
        """What is open ends here; the last lines are waited for, not for longer than `patience`, seconds."""
        for running in list(self._open.values()):
            running.end(error=GONE)
        self._closing.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(patience)

    def _begin(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._write, name="command log", daemon=True)
                self._thread.start()

    def _write(self) -> None:
        while not self._closing.is_set():
            self._wake.wait(GLANCE)
            self._closing.wait(PAUSE if self._wake.is_set() else 0)
            self._wake.clear()
            self._put(self._folding.folded(self._taken(), time.time()))
        self._put([*self._folding.folded(self._taken(), time.time()), *self._folding.rest()])

    def _taken(self) -> list[Ran]:
        """What ended meanwhile is one line with its beginning."""
        taken = [self._waiting.popleft() for _ in range(len(self._waiting))]
        found = joined(replace(ran, what=_said(told)) for ran, told in taken)
        begun = {ran.run for ran, _ in taken if ran.begun}
        return [replace(ran, run="") if ran.run in begun and not ran.begun else ran for ran in found]

    def _put(self, lines: list[Ran]) -> None:
        if not lines:
            return
        lost = self._lost
        first = min(ran.at for ran in lines)
        missing = [Ran(first, "", "", "lost", "could not be written", times=lost)] if lost else []
        try:
            self._file.append("".join(f"{line_of(ran)}\n" for ran in [*missing, *lines]))
        except OSError:
            self._lost += len(lines)
        else:
            self._lost -= lost


@dataclass(slots=True)
class Running:
    """Something that runs on there. Whichever of its ends is told first counts."""

    log: CommandLog
    ran: Ran
    told: Told

    def end(self, status: int | None = None, error: str = "") -> None:
        if self.log.ended(self):
            self.log.note(replace(self.ran, status=status, seconds=_since(self.ran.at), error=error), self.told)


@dataclass(frozen=True, slots=True)
class Recorder:
    """The log, for what is run on one host as one user."""

    log: CommandLog
    host: str
    user: str

    def begin(self, means: Means, told: Told) -> Running:
        return self.log.begin(Ran(time.time(), self.host, self.user, means, ""), told)

    @contextlib.contextmanager
    def once(self, means: Means, told: Told) -> Iterator[Outcome]:
        """Something from its start to its end; what it raises is why nothing came of it."""
        began, outcome, error = time.time(), Outcome(), ""
        try:
            yield outcome
        except BaseException as raised:
            error = "" if outcome.status is not None else why(raised)
            raise
        finally:
            ran = Ran(began, self.host, self.user, means, "", outcome.status, _since(began), error)
            self.log.note(ran, told)


def _since(began: float) -> float:
    return round(max(time.time() - began, 0.0), 3)


def why(raised: BaseException) -> str:
    """An error as a line has it."""
    from gpuws.model.host.told import reason_told

    return reason_told(raised.message if isinstance(raised, GpuwsError) else str(raised) or type(raised).__name__)


def _said(told: Told) -> str:
    try:
        return told()
    except Exception as error:  # noqa: BLE001  whatever it is, the line says so
        return f"(not to be told: {type(error).__name__})"


@dataclass(slots=True)
class _Again:
    """The same, again: `newest` and `count` of what is not written yet, since `first`."""

    times: int = 0
    last: float = 0.0
    count: int = 0
    first: float = 0.0
    newest: Ran | None = None
    wait: float = FIRST
    due: float = 0.0

    def counts(self, ran: Ran, now: float) -> bool:
        """Whether this one is only counted."""
        self.times, self.last = self.times + 1, now
        if self.times <= SHOWN:
            return False
        if not self.count:
            self.first = ran.at
            self.due = max(self.due, now + self.wait)
        self.count, self.newest = self.count + 1, ran
        return True

    def taken(self) -> list[Ran]:
        """The line with the count, if there is any."""
        if self.newest is None:
            return []
        until = self.newest.at if self.count > 1 else None
        line = replace(self.newest, at=self.first, times=self.count, until=until)
        self.count, self.newest, self.wait = 0, None, min(2 * self.wait, LAST)
        return [line]


@dataclass(slots=True)
class _Folding:
    """What comes again and again is written a few times, then counted."""

    seen: dict[tuple[object, ...], _Again] = field(default_factory=dict)

    def folded(self, lines: list[Ran], now: float) -> list[Ran]:
        """What is to be written now."""
        found: list[Ran] = []
        for ran in lines:
            if ran.run:
                found.append(ran)
                continue
            again = self.seen.pop(ran.kind, None) or _Again()
            if now - again.last > APART:
                found += again.taken()
                again = _Again()
            self.seen[ran.kind] = again  # as the newest
            if not again.counts(ran, now):
                found.append(ran)
        while len(self.seen) > KINDS:
            found += self.seen.pop(next(iter(self.seen))).taken()
        due = (again.taken() for again in self.seen.values() if again.count and again.due <= now)
        return [*found, *itertools.chain.from_iterable(due)]

    def rest(self) -> list[Ran]:
        return [line for again in self.seen.values() for line in again.taken()]


@dataclass(slots=True)
class _File:
    path: Path
    torn: bool = True  # whoever wrote before may have been killed in the middle of a line
    began: tuple[int, float] = (0, 0.0)  # the file that was looked at, and the time of its first line

    def append(self, text: str) -> None:
        """Whole lines at its end; OSError where it can't be had."""
        data = f"\n{text}".encode() if self.torn else text.encode()
        handle = self._opened()
        try:
            if self._aged(handle, len(data)) and self._set_aside(handle):
                os.close(handle)
                handle = self._opened()
            self.torn = True
            if os.write(handle, data) < len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            self.torn = False
        finally:
            os.close(handle)

    def _opened(self) -> int:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        handle = os.open(self.path, flags, 0o600)
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.getuid():
            os.close(handle)
            raise OSError(errno.EPERM, "not a file of mine")
        if stat.S_IMODE(found.st_mode) & 0o077:
            os.fchmod(handle, 0o600)
        return handle

    def _aged(self, handle: int, more: int) -> bool:
        """Too long, or too old."""
        found = os.fstat(handle)
        if found.st_ino != self.began[0]:
            first = from_line(os.pread(handle, 1 << 13, 0).lstrip(b"\n").partition(b"\n")[0])
            self.began = (found.st_ino, first.at if first else time.time())
            _forget(old_file(self.path))
        half = DAYS * 86400 / 2
        return found.st_size > 0 and (found.st_size + more > LARGEST or time.time() - self.began[1] > half)

    def _set_aside(self, handle: int) -> bool:
        """Whether it was done, here or by another program meanwhile. Who holds the lock on a file that still has the
        name may give it another."""
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(handle).st_ino == self.path.stat().st_ino:
                self.path.replace(old_file(self.path))
                _forget(old_file(self.path))
        except OSError:
            return False
        return True


def _forget(path: Path) -> None:
    """What was written last before so many days is deleted."""
    with contextlib.suppress(OSError):
        if time.time() - path.stat().st_mtime > DAYS * 86400:
            path.unlink()
