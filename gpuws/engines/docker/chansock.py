"""A link's byte stream in the shape of a socket, as far as http.client and urllib3 use one."""

from __future__ import annotations

import io
import socket
from typing import Any

from gpuws.link.place import Stream

LARGEST_REPLY = 64 << 20
"""Bytes of one reply: a daemon that sends more is broken or hostile."""


MOMENT = 1e-6
"""Seconds: zero would make a socket non-blocking, which streams do not know."""


class ChannelSocket:
    """Closing waits for the files made of it, as `socket.socket` does.

    http.client closes the socket right after the header of a reply whose end is the connection's end; the body is
    still to be read then."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._files = 0
        self._closed = False
        self._allowance = LARGEST_REPLY

    def begin_reply(self) -> None:
        self._allowance = LARGEST_REPLY

    def makefile(self, mode: str = "rb", buffering: int = -1) -> io.BufferedReader:  # noqa: ARG002  socket's signature
        self._files += 1
        like: Any = self
        return io.BufferedReader(socket.SocketIO(like, "r"))

    def recv_into(self, buffer: bytearray | memoryview) -> int:
        view = memoryview(buffer)
        data = self._stream.recv(len(view))
        self._allowance -= len(data)
        if self._allowance < 0:
            raise OSError(f"a reply of more than {LARGEST_REPLY >> 20} MiB")
        view[: len(data)] = data
        return len(data)

    def sendall(self, data: bytes) -> None:
        self._stream.sendall(bytes(data))

    def settimeout(self, seconds: float | None) -> None:
        self._stream.settimeout(seconds)

    def shutdown(self, how: int) -> None:
        if how == socket.SHUT_WR:
            self._stream.shutdown_write()
        else:
            self._stream.close()

    def usable(self) -> bool:
        """Open, and nothing came unasked for: a daemon that went away shows as end of file."""
        try:
            self._stream.settimeout(MOMENT)
            self._stream.recv(1)
        except TimeoutError:
            return not self._closed
        except Exception:  # noqa: BLE001  whatever it is, another connection is made
            return False
        return False

    def close(self) -> None:
        self._closed = True
        self._close_when_unused()

    def _decref_socketios(self) -> None:
        self._files -= 1
        if self._closed:
            self._close_when_unused()

    def _close_when_unused(self) -> None:
        if self._files <= 0:
            self._stream.close()
