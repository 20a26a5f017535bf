"""A pipe or PTY that threads may block on and any thread may close: closing a bare descriptor frees nobody, and its
number may be somebody else's a moment later."""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import struct
import termios
import threading


class Descriptor:
    """Owns `fd`."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._lock = threading.Lock()
        self._users = 0
        self._closed = False
        self._finished = False
        self._wake, self._waker = os.pipe()
        os.set_blocking(fd, False)

    def read(self, limit: int) -> bytes:
        """b"" at the end, or once closed."""
        if not self._enter():
            return b""
        try:
            while True:
                ready = self._wait(select.POLLIN)
                if self._closed:
                    return b""
                try:
                    return os.read(self._fd, limit)
                except BlockingIOError:
                    if self._finished and not ready:
                        return b""
                except OSError:  # EIO: the other side of a PTY is gone
                    return b""
        finally:
            self._leave()

    def write(self, data: bytes) -> None:
        """All of it; OSError once closed here or there."""
        if not self._enter():
            raise BrokenPipeError("closed")
        try:
            view = memoryview(data)
            while view:
                self._wait(select.POLLOUT)
                if self._closed or self._finished:
                    raise BrokenPipeError("closed")
                with contextlib.suppress(BlockingIOError):
                    view = view[os.write(self._fd, view) :]
        finally:
            self._leave()

    def resize(self, columns: int, rows: int) -> None:
        """The window size of a PTY."""
        if self._enter():
            try:
                with contextlib.suppress(OSError):
                    fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            finally:
                self._leave()

    def finish(self) -> None:
        """Nothing more will come: what is there can still be read, then it ends."""
        with self._lock:
            if not self._closed and not self._finished:
                self._finished = True
                os.write(self._waker, b"x")

    def close(self) -> None:
        with self._lock:
            if self._closed:
                return
            self._closed = True
            os.write(self._waker, b"x")
        self._release()

    def _wait(self, event: int) -> bool:
        """Until `fd` is ready (True) or somebody finished or closed it."""
        poll = select.poll()
        poll.register(self._fd, event)
        poll.register(self._wake, select.POLLIN)
        return any(fd == self._fd for fd, _ in poll.poll())

    def _enter(self) -> bool:
        with self._lock:
            if self._closed:
                return False
            self._users += 1
            return True

    def _leave(self) -> None:
        with self._lock:
            self._users -= 1
        self._release()

    def _release(self) -> None:
        """The last one out closes."""
        with self._lock:
            if not self._closed or self._users or self._fd < 0:
                return
            fds, self._fd = (self._fd, self._wake, self._waker), -1
        for fd in fds:
            os.close(fd)

    def __del__(self) -> None:
        self._closed, self._users = True, 0
        self._release()
