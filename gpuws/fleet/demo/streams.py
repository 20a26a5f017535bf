"""Byte streams of the demo: a container's log that goes on while followed, and a program's output."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

from gpuws.fleet.demo.shell import Reply
from gpuws.model import units
from gpuws.model.workspace.logs import LogWindow
from gpuws.model.workspace.workspace import Workspace

LINES = 120
SPACING = 7.0  # seconds between two lines of the past


class LogStream:
    """A Stream: the past of `window`, then, when followed, a line each `beat` seconds until it is closed."""

    def __init__(self, container: Workspace, window: LogWindow, now: Callable[[], float], beat: float) -> None:
        self._container, self._window, self._now, self._beat = container, window, now, beat
        self._closed = threading.Event()
        self._timeout: float | None = None
        self._number = LINES
        self._pending = self._past()

    def _past(self) -> bytes:
        start = self._now() - LINES * SPACING
        stamps = [(number, start + number * SPACING) for number in range(LINES)]
        if self._window.since is not None:
            stamps = [pair for pair in stamps if pair[1] >= self._window.since]
        if self._window.tail is not None:
            stamps = stamps[len(stamps) - min(self._window.tail, len(stamps)) :]
        return b"".join(self._line(number, at) for number, at in stamps)

    def _line(self, number: int, at: float) -> bytes:
        stamp = f"{units.timestamp(at)} " if self._window.timestamps else ""
        return (
            f"{stamp}{self._container.name}: epoch 3 step {number * 20} loss {2.4 / (1 + number * 0.02):.4f}\n".encode()
        )

    def recv(self, limit: int = 65536) -> bytes:
        if not self._pending and self._window.follow:
            self._wait()
        data, self._pending = self._pending[:limit], self._pending[limit:]
        return data

    def _wait(self) -> None:
        patience = self._beat if self._timeout is None else min(self._beat, self._timeout)
        if self._closed.wait(patience):
            return
        if self._timeout is not None and self._timeout < self._beat:
            raise TimeoutError
        self._pending = self._line(self._number, self._now())
        self._number += 1

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
