"""Sockets as Streams, and how a broken stream is told."""

from __future__ import annotations

import contextlib
import socket

from gpuws.model.errors import Unreachable


class StreamBroken(Unreachable, ConnectionError):
    """A stream that ended without its end: a fault of ours for `gpuws`, an OSError for libraries that read sockets."""


class SocketStream:
    """A connected socket."""

    def __init__(self, sock: socket.socket, what: str) -> None:
        self._socket = sock
        self._what = what
        self._closed = False

    def recv(self, limit: int = 65536) -> bytes:
        try:
            return self._socket.recv(limit)
        except TimeoutError:
            raise
        except OSError as error:
            if self._closed:
                return b""
            raise StreamBroken(f"{self._what}: the connection broke") from error

    def sendall(self, data: bytes) -> None:
        try:
            self._socket.sendall(data)
        except TimeoutError:
            raise
        except OSError as error:
            raise StreamBroken(f"{self._what}: the other side closed the connection") from error

    def shutdown_write(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)

    def settimeout(self, seconds: float | None) -> None:
        self._socket.settimeout(seconds)

    def close(self) -> None:
        """`shutdown` frees a thread that is blocked in `recv`; closing alone does not."""
        self._closed = True
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
