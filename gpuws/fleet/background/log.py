"""The log of one task: its first and its newest lines, each with its time, for those who read on while it grows."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Iterator

from gpuws.fleet.background.store import TaskStore
from gpuws.model import units
from gpuws.model.workspace.log_messages import Message, framed
from gpuws.model.workspace.logs import LogWindow

FIRST = 1000
NEWEST = 4000
"""Lines that are kept: how it began, and how it ended."""


class TaskLog:
    """Any thread may write, any number may read. Lines are numbered from 0; those in the middle go first."""

    def __init__(self, store: TaskStore, task_id: str, *, begun: bool = False) -> None:
        """`begun`: by a process that is gone; what is written now goes on behind it."""
        self._store = store
        self._id = task_id
        self._grown = threading.Condition()
        self._stored = True
        self._over = False
        self._forget(there=not begun)

    def write(self, lines: Iterable[str], at: float) -> None:
        """`at`: epoch seconds. Where the disk takes no more, memory still does."""
        stamp = units.timestamp(at)
        with self._grown:
            self._recall()
            new = [f"{stamp} {line}" for line in lines]
            for line in new:
                self._take(line)
            if self._stored and new:
                self._stored = self._keep(new)
            self._grown.notify_all()

    def end(self) -> None:
        """Nothing more comes: whoever reads on is at the end. What lies on the disk need not lie in memory."""
        with self._grown:
            self._over = True
            if self._stored and not self._left_out:
                self._forget(there=False)
            self._grown.notify_all()

    def read(self, window: LogWindow) -> TaskLogStream:
        with self._grown:
            self._recall()
            start = 0 if window.tail is None else max(self._count - window.tail, 0)
        return TaskLogStream(self, start, window)

    def after(self, number: int, stop: threading.Event, wait: float | None, *, follow: bool) -> tuple[list[str], int]:
        """The lines from `number` on, waited for with `follow`, and the number of the next; none at the end, or once
        `stop` is set. TimeoutError after `wait` seconds."""
        with self._grown:
            self._recall()
            if follow and not self._grown.wait_for(lambda: self._count > number or self._over or stop.is_set(), wait):
                raise TimeoutError
            self._recall()
            return list(self._from(number)), self._count

    def stop(self, reader: threading.Event) -> None:
        """One who reads wants no more."""
        with self._grown:
            reader.set()
            self._grown.notify_all()

    def _forget(self, *, there: bool) -> None:
        self._there = there
        self._first: list[str] = []
        self._newest: deque[str] = deque(maxlen=NEWEST)
        self._count = self._on_disk = 0

    def _recall(self) -> None:
        """From the disk, what is not in memory."""
        if not self._there:
            self._there = True
            for line in self._store.log(self._id):
                self._take(line)
            self._on_disk = self._count

    def _take(self, line: str) -> None:
        self._count += 1
        if len(self._first) < FIRST:
            self._first.append(line)
        else:
            self._newest.append(line)

    def _keep(self, new: list[str]) -> bool:
        if self._on_disk + len(new) <= FIRST + 2 * NEWEST:
            self._on_disk += len(new)
            return self._store.append(self._id, new)
        lines = list(self._from(0))
        self._on_disk = len(lines)
        return self._store.rewrite(self._id, lines)

    def _from(self, number: int) -> Iterator[str]:
        yield from self._first[number:]
        left_out = self._left_out
        if left_out and number <= len(self._first):
            yield f"… {left_out} lines are left out here"
        newest = list(self._newest)
        yield from newest[max(number - len(self._first) - left_out, 0) :]

    @property
    def _left_out(self) -> int:
        return self._count - len(self._first) - len(self._newest)


class TaskLogStream:
    """A `Stream` of it; of one reader."""

    def __init__(self, log: TaskLog, start: int, window: LogWindow) -> None:
        self._log = log
        self._next = start
        self._window = window
        self._pending = b""
        self._timeout: float | None = None
        self._ended = False
        self._closed = threading.Event()

    def recv(self, limit: int = 65536) -> bytes:
        while not self._pending and not self._ended and not self._closed.is_set():
            lines, self._next = self._log.after(self._next, self._closed, self._timeout, follow=self._window.follow)
            self._ended = not lines
            self._pending = b"".join(self._shown(line) for line in lines)
        data, self._pending = self._pending[:limit], self._pending[limit:]
        return b"" if self._closed.is_set() else data

    def _shown(self, line: str) -> bytes:
        stamp, _, text = line.partition(" ")
        if not _is_stamp(stamp):
            stamp, text = "", line
        if stamp and not self._wanted(stamp):
            return b""
        if self._window.framed:
            return framed(Message("stdout", stamp, f"{text}\n".encode()))
        return f"{line if self._window.timestamps else text}\n".encode()

    def _wanted(self, stamp: str) -> bool:
        since, until = units.timestamp(self._window.since), units.timestamp(self._window.until)
        return (since is None or stamp >= since) and (until is None or stamp <= until)

    def sendall(self, data: bytes) -> None:
        """A log takes no input."""

    def shutdown_write(self) -> None:
        """A log takes no input."""

    def settimeout(self, seconds: float | None) -> None:
        self._timeout = seconds

    def close(self) -> None:
        self._log.stop(self._closed)


def _is_stamp(word: str) -> bool:
    return word.endswith("Z") and word[:1].isdecimal()
