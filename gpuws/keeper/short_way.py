"""Fetches what the keeper has ready, with as little as can be loaded: no model, no types of messages."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Sequence
from typing import Any

import msgspec

from gpuws import __version__
from gpuws.keeper import PROTOCOL
from gpuws.keeper.home import Home, connect

LARGEST = 64 << 20  # bytes of an answer
PATIENCE = 1.0  # seconds; a keeper that is slower is asked the long way
_LENGTH = struct.Struct(">I")


def ready_text(home: Home, hosts: Sequence[str], tags: Sequence[str]) -> str | None:
    """None where no keeper of this version lives, or it has to wait first."""
    sock = connect(home)
    if sock is None:
        return None
    with sock:
        sock.settimeout(PATIENCE)
        try:
            _send(
                sock, {"type": "Hello", "protocol": PROTOCOL, "version": __version__, "client": f"short-{os.getpid()}"}
            )
            welcome = _receive(sock)
            if (welcome.get("protocol"), welcome.get("version")) != (PROTOCOL, __version__):
                return None
            _send(sock, {"type": "Prepare", "hosts": hosts, "tags": tags})
            text = _receive(sock).get("text")
        except (OSError, EOFError, msgspec.MsgspecError):
            return None
    return text if isinstance(text, str) else None


def _send(sock: socket.socket, message: dict[str, Any]) -> None:
    data = msgspec.msgpack.encode(message)
    sock.sendall(_LENGTH.pack(len(data)) + data)


def _receive(sock: socket.socket) -> dict[str, Any]:
    (size,) = _LENGTH.unpack(_read(sock, _LENGTH.size))
    if size > LARGEST:
        raise EOFError
    return msgspec.msgpack.decode(_read(sock, size), type=dict[str, Any])


def _read(sock: socket.socket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        chunk = sock.recv(min(size - len(data), 1 << 20))
        if not chunk:
            raise EOFError
        data += chunk
    return bytes(data)
