"""An engine that answers as the test says, on a real socket."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

Script = Callable[[socket.socket, bytes], None]
"""Gets the connection and the head of a request; what it leaves open is closed afterwards."""

VERSION = b'{"Version": "20.10.0", "ApiVersion": "1.41", "MinAPIVersion": "1.12"}'


def reply(body: bytes, status: str = "200 OK") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


@contextlib.contextmanager
def serving(path: Path, script: Script, version: bytes = VERSION) -> Iterator[Path]:
    """Every request is handed to `script`, but /version, which is answered so."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()
    opened: list[socket.socket] = []

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                peer, _ = listener.accept()
                opened.append(peer)
                threading.Thread(target=answer, args=(peer,), daemon=True).start()

    def answer(peer: socket.socket) -> None:
        with contextlib.suppress(OSError), peer:
            while head := read_head(peer):
                if b" /version " in head:
                    peer.sendall(reply(version))
                else:
                    script(peer, head)
                    return

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield path
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for peer in opened:
            with contextlib.suppress(OSError):
                peer.shutdown(socket.SHUT_RDWR)


def read_head(peer: socket.socket) -> bytes:
    head = b""
    while b"\r\n\r\n" not in head:
        data = peer.recv(1)
        if not data:
            return b""
        head += data
    return head
