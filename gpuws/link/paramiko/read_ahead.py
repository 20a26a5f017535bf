"""A socket that is read in large parts: paramiko asks for each packet in two, of which each would be a system call."""

from __future__ import annotations

from typing import Any

CHUNK = 1 << 18  # bytes


class ReadAhead:
    """As much of a socket as paramiko's packetizer uses; one thread reads."""

    def __init__(self, sock: Any) -> None:
        self._socket = sock
        self._buffer = b""
        self._at = 0
        self.send, self.close = sock.send, sock.close

    def recv(self, limit: int) -> bytes:
        if self._at == len(self._buffer):
            self._buffer, self._at = self._socket.recv(CHUNK), 0
        data = self._buffer[self._at : self._at + limit]
        self._at += len(data)
        return data
