"""A terminal's bytes as a socket, which can be waited for together with keys and signals."""

from __future__ import annotations

import _socket
import contextlib
import socket
import threading

from gpuws.link.place import Terminal
from gpuws.model.errors import GpuwsError
from gpuws.quick.streams import CarriedTerminal


def socket_of(terminal: Terminal) -> _socket.socket:
    """One that came through the keeper has its own; others are copied by two threads, until they are closed."""
    if isinstance(terminal, CarriedTerminal):
        return terminal.data
    ours, theirs = socket.socketpair()
    up = threading.Thread(target=_up, args=(terminal, theirs), daemon=True)
    up.start()
    threading.Thread(target=_down, args=(terminal, theirs, up), daemon=True).start()
    return ours


def _down(terminal: Terminal, sock: socket.socket, up: threading.Thread) -> None:
    with contextlib.suppress(GpuwsError, OSError):
        while data := terminal.recv():
            sock.sendall(data)
    _shut(sock, socket.SHUT_RDWR)  # frees the other thread, too
    up.join()
    sock.close()


def _up(terminal: Terminal, sock: socket.socket) -> None:
    try:
        while data := sock.recv(65536):
            terminal.sendall(data)
    except (GpuwsError, OSError):  # the program takes no more; what it says still goes down
        _shut(sock, socket.SHUT_RD)


def _shut(sock: socket.socket, how: int) -> None:
    with contextlib.suppress(OSError):
        sock.shutdown(how)
