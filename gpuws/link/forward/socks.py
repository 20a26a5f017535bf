"""A SOCKS5 proxy of this workstation's loopback (RFC 1928): each connection says by itself where it leads.

Only CONNECT, without a login: what may connect is every user of this machine."""

from __future__ import annotations

import contextlib
import re
import socket
import struct
from collections.abc import Callable

from gpuws.link.forward.listener import Listening, loopback
from gpuws.link.place import Stream
from gpuws.model.errors import GpuwsError

VERSION, NO_LOGIN, NONE_FITS = 5, 0, 0xFF
CONNECT = 1
V4, NAME = 1, 3
DONE, FAILED, NOT_SUPPORTED = 0, 1, 7
PATIENCE = 10.0  # seconds for a client to say what it wants
USUAL = 1080


class Refusal(Exception):
    """What a client wants can't be had. `code`: of RFC 1928, None before it may be told one."""

    def __init__(self, reason: str, code: int | None = None) -> None:
        super().__init__(reason)
        self.code = code


class SocksProxy(Listening):
    """`dial` leads to a machine, by the name or address that a client said, and its port."""

    def __init__(self, dial: Callable[[str, int], Stream], port: int | None = None) -> None:
        self._lead = dial
        listeners = loopback(port, USUAL)
        self.port: int = listeners[0].getsockname()[1]
        super().__init__(_unled, listeners)

    def _dial_patiently(self, sock: socket.socket) -> Stream | None:
        usual = sock.gettimeout()
        try:
            sock.settimeout(PATIENCE)
            host, port = wanted(sock)
        except (Refusal, OSError) as refusal:
            self.error = str(refusal)
            if isinstance(refusal, Refusal) and refusal.code is not None:
                _tell(sock, refusal.code)
            return None
        finally:
            sock.settimeout(usual)
        stream = self._patiently(sock, lambda: self._lead(host, port))
        if not _tell(sock, FAILED if stream is None else DONE) and stream is not None:
            stream.close()
            return None
        return stream


def wanted(sock: socket.socket) -> tuple[str, int]:
    """Where the client wants to go. Refusal, or OSError where it says nothing more."""
    version, methods = _exactly(sock, 2)
    if version != VERSION:
        raise Refusal("a client that does not speak SOCKS 5")
    if NO_LOGIN not in _exactly(sock, methods):
        sock.sendall(bytes((VERSION, NONE_FITS)))
        raise Refusal("a client wants to log in, and there is no login")
    sock.sendall(bytes((VERSION, NO_LOGIN)))
    _, command, _, kind = _exactly(sock, 4)
    if command != CONNECT:
        raise Refusal("a client wants UDP or a port there, and only connections are led on", NOT_SUPPORTED)
    host = _address(sock, kind)
    (port,) = struct.unpack("!H", _exactly(sock, 2))
    return host, port


def _address(sock: socket.socket, kind: int) -> str:
    if kind == NAME:
        (length,) = _exactly(sock, 1)
        name = _exactly(sock, length).decode("latin-1")
        if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]*", name):
            raise Refusal("a client names no machine", FAILED)
        return name
    if kind == V4:
        return socket.inet_ntop(socket.AF_INET, _exactly(sock, 4))
    return socket.inet_ntop(socket.AF_INET6, _exactly(sock, 16))


def _exactly(sock: socket.socket, size: int) -> bytes:
    """ConnectionError where the client ends before."""
    data = b""
    while len(data) < size:
        if not (more := sock.recv(size - len(data))):
            raise ConnectionAbortedError("a client ended in the middle of what it wanted")
        data += more
    return data


def _tell(sock: socket.socket, code: int) -> bool:
    """False where it is gone. The address in the answer means nothing to a client that connects."""
    with contextlib.suppress(OSError):
        sock.sendall(bytes((VERSION, code, 0, V4)) + bytes(6))
        return True
    return False


def _unled() -> Stream:
    raise GpuwsError("a connection of a proxy says itself where it leads")
