"""Two descriptors as one socket: what an ssh client gives its ProxyCommand."""

from __future__ import annotations

import contextlib
import fcntl
import os
import select

PIPE = 1 << 20  # bytes; what Linux lets any user have


class StdioSocket:
    """As much of a socket as paramiko uses. It owns both descriptors; one thread reads, one at a time writes."""

    def __init__(self, reading: int, writing: int) -> None:
        self._reading = reading
        self._writing = writing
        self._timeout: float | None = None
        self._closed = False
        for descriptor in (reading, writing):
            os.set_blocking(descriptor, False)
            _widen(descriptor)

    def settimeout(self, seconds: float | None) -> None:
        self._timeout = seconds

    def recv(self, limit: int) -> bytes:
        """b"" at the end; TimeoutError after `settimeout`."""
        while True:
            self._wait(self._reading, select.POLLIN)
            with contextlib.suppress(BlockingIOError):
                return os.read(self._reading, limit)

    def send(self, data: bytes) -> int:
        while True:
            self._wait(self._writing, select.POLLOUT)
            with contextlib.suppress(BlockingIOError):
                return os.write(self._writing, data)

    def fileno(self) -> int:
        """Of what is written to: the transport looks whether it could write now."""
        return self._writing

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            for descriptor in {self._reading, self._writing}:
                os.close(descriptor)

    def _wait(self, descriptor: int, event: int) -> None:
        if self._closed:
            raise OSError("closed")
        poll = select.poll()
        poll.register(descriptor, event)
        if not poll.poll(None if self._timeout is None else self._timeout * 1000):
            raise TimeoutError


def _widen(descriptor: int) -> None:
    """Have a pipe hold more than Linux's 64 kB: else both ends wake each other for every second packet."""
    if (resize := getattr(fcntl, "F_SETPIPE_SZ", None)) is not None:
        with contextlib.suppress(OSError):  # no pipe, or more than the user's pipes may hold
            fcntl.fcntl(descriptor, resize, PIPE)
