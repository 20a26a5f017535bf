"""One forwarded connection: two threads, one a direction, because a Stream's writer can't be waited for otherwise."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable

from gpuws.link.forward.workers import Workers
from gpuws.link.place import Stream
from gpuws.model.errors import GpuwsError

CHUNK = 1 << 18  # bytes taken at once
GLANCE = 1.0  # seconds after which a thread that is stuck in sending looks whether it still should

_workers = Workers()


class ForwardedConnection:
    """`sock`: the local end. `dial` makes the far end, None if it can't. `heard` gets the first that comes from there,
    b"" where nothing came. Half-close goes through; what ends abnormally there ends with a reset here, so that a cut
    answer never looks complete."""

    def __init__(
        self,
        sock: socket.socket,
        dial: Callable[[], Stream | None],
        count: Callable[[int, int], None],
        left: Callable[[ForwardedConnection], None],
        heard: Callable[[bytes], None],
    ) -> None:
        self._socket = sock
        self._dial = dial
        self._count = count
        self._left = left
        self._heard = heard
        self._lock = threading.Lock()
        self._stream: Stream | None = None
        self._running = 1
        self._aborted = False
        sock.settimeout(GLANCE)

    def start(self) -> None:
        _workers.do(self._run)

    def abort(self) -> None:
        """Reset the local end; returns at once. `SHUT_RD` frees the reader and, unlike closing, sends no clean end."""
        with self._lock:
            self._aborted, stream = True, self._stream
        if stream is not None:
            stream.close()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RD)

    def _run(self) -> None:
        stream = self._dial()
        with self._lock:
            self._stream = stream
            aborted = self._aborted
            self._running += stream is not None and not aborted
        if stream is None or aborted:
            self.abort()
        else:
            _workers.do(lambda: self._down(stream))
            self._up(stream)
        self._leave()

    def _up(self, stream: Stream) -> None:
        """Local → far."""
        try:
            while data := self._receive():
                stream.sendall(data)
                self._count(0, len(data))
            stream.shutdown_write()
        except GpuwsError:  # the far end takes no more; what it has sent still comes down
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RD)
        except OSError:  # the local end was reset
            self.abort()

    def _down(self, stream: Stream) -> None:
        """Far → local."""
        try:
            data = stream.recv(CHUNK)
            self._heard(data)
            while data:
                self._send(data)
                self._count(len(data), 0)
                data = stream.recv(CHUNK)
            if not self._aborted:
                self._socket.shutdown(socket.SHUT_WR)
        except (GpuwsError, OSError):
            self.abort()
        self._leave()

    def _receive(self) -> bytes:
        while not self._aborted:
            with contextlib.suppress(TimeoutError):
                return self._socket.recv(CHUNK)
        return b""

    def _send(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            if self._aborted:
                raise ConnectionAbortedError
            with contextlib.suppress(TimeoutError):
                view = view[self._socket.send(view) :]

    def _leave(self) -> None:
        """The last thread out closes."""
        with self._lock:
            self._running -= 1
            if self._running:
                return
        if self._stream is not None:
            self._stream.close()
        if self._aborted:
            reset(self._socket)
        self._socket.close()
        self._left(self)


def reset(sock: socket.socket) -> None:
    """Close with RST instead of FIN."""
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()
