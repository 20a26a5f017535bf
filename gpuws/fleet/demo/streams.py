"""Byte streams of the demo: a container's log that goes on while followed, and a program's output."""

from __future__ import annotations

import math
import queue
import threading
import time
from collections.abc import Callable, Sequence

from gpuws.fleet.demo.shell import Reply
from gpuws.model.workspace.log_messages import Message, epoch_of, framed, stamp_of
from gpuws.model.workspace.logs import LogWindow

LINES, BEFORE = 120, 30
"""Lines of the past, and of the run before."""
SPACING = 7.0  # seconds between two lines of the past
CRASH = (
    "Traceback (most recent call last):",
    '  File "/workspace/train.py", line 214, in <module>',
    "    loss.backward()",
    "\x1b[1;31mtorch.OutOfMemoryError\x1b[0m: CUDA out of memory. Tried to allocate 2.00 GiB.",
)


class DemoLog:
    """What one container wrote since it was looked at first, and for a while before; it grows while it is followed."""

    def __init__(self, name: str, now: Callable[[], float], beat: float) -> None:
        self._name, self._now, self._beat = name, now, beat
        start = now() - LINES * SPACING
        self._lines = [self._line(number, start + number * SPACING) for number in range(LINES)]
        self._grown = time.monotonic()
        self._lock = threading.Lock()

    def lines(self, *, previous: bool) -> list[Message]:
        if not previous:
            return list(self._lines)
        start = epoch_of(self._lines[0].stamp) - SPACING * BEFORE
        found = [self._line(number, start + number) for number in range(BEFORE)]
        crash = [Message("stderr", stamp_of(start + BEFORE), f"{line}\n".encode()) for line in CRASH]
        return [*found, *crash]

    def grow(self) -> None:
        """By a line each beat, however many look."""
        with self._lock:
            if time.monotonic() - self._grown >= self._beat:
                self._grown = time.monotonic()
                self._lines.append(self._line(len(self._lines), self._now()))

    def _line(self, number: int, at: float) -> Message:
        if number % 40 == 39:
            text = f"\x1b[33mWARNING\x1b[0m checkpoint {number * 20} took 8.1 s to write"
            return Message("stderr", stamp_of(at), f"{text}\n".encode())
        text = f"{self._name}: epoch 3 step {number * 20} loss {2.4 / (1 + number * 0.02):.4f}"
        return Message("stdout", stamp_of(at), f"{text}\n".encode())


class LogStream:
    """A Stream: the past of `window`, then, when followed, what comes, looked for each `beat` seconds."""

    def __init__(self, log: DemoLog, window: LogWindow, beat: float) -> None:
        self._log, self._window, self._beat = log, window, beat
        self._closed = threading.Event()
        self._timeout: float | None = None
        told = log.lines(previous=window.previous)
        self._read = len(told)
        if window.tail is not None:
            told = told[len(told) - min(window.tail, len(told)) :]
        self._pending = self._shown(told)

    def _shown(self, told: Sequence[Message]) -> bytes:
        """In whichever form is wanted."""
        since, until = self._window.since or 0, self._window.until or math.inf
        told = [one for one in told if since <= epoch_of(one.stamp) <= until]
        if self._window.framed:
            return b"".join(map(framed, told))
        return b"".join(f"{one.stamp} ".encode() * self._window.timestamps + one.data for one in told)

    def recv(self, limit: int = 65536) -> bytes:
        while not self._pending and self._window.follow and not self._closed.is_set():
            self._wait()
        data, self._pending = self._pending[:limit], self._pending[limit:]
        return data

    def _wait(self) -> None:
        patience = self._beat if self._timeout is None else min(self._beat, self._timeout)
        if self._closed.wait(patience):
            return
        if self._timeout is not None and self._timeout < self._beat:
            raise TimeoutError
        self._log.grow()
        told = self._log.lines(previous=False)[self._read :]
        self._read += len(told)
        self._pending = self._shown(told)

    def sendall(self, data: bytes) -> None:
        """A log takes no input."""

    def shutdown_write(self) -> None:
        """A log takes no input."""

    def settimeout(self, seconds: float | None) -> None:
        self._timeout = seconds

    def close(self) -> None:
        self._closed.set()


class DemoProcess:
    """A Process that has answered already; `echoes`: it writes what it reads, as `cat` does, until its stdin ends."""

    def __init__(self, reply: Reply, *, echoes: bool = False) -> None:
        self._status = reply.status
        self._output: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._errors = b"" if reply.status == 0 else reply.text.encode()
        self._done = threading.Event()
        self._finished = False
        if reply.text and reply.status == 0:
            self._output.put(reply.text.encode())
        if not echoes:
            self._finish()

    def _finish(self) -> None:
        if not self._done.is_set():
            self._done.set()
            self._output.put(b"")

    def read(self, limit: int = 65536) -> bytes:  # noqa: ARG002 - what is queued is always small
        if self._finished:
            return b""
        data = self._output.get()
        self._finished = not data
        return data

    def write(self, data: bytes) -> None:
        if data and not self._done.is_set():
            self._output.put(data)

    def close_stdin(self) -> None:
        self._finish()

    def read_stderr(self, limit: int = 65536) -> bytes:
        data, self._errors = self._errors[:limit], self._errors[limit:]
        return data

    def wait(self, timeout: float | None = None) -> int | None:
        if not self._done.wait(timeout):
            raise TimeoutError
        return self._status

    def close(self) -> None:
        self._finish()
