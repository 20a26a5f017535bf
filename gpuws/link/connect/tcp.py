"""A TCP connection from this machine: all addresses of a name, the next one started before the last has failed."""

from __future__ import annotations

import contextlib
import selectors
import socket
import sys
import time

RTO_MAX, SILENCE = 44, 2000
"""TCP_RTO_MAX_MS of Linux 6.15, and milliseconds: what was not answered is sent again so often at least, however long
the network was away. Without it the pauses double, and a link goes on long after the network does."""
STAGGER = 0.25  # seconds between attempts (RFC 8305)
FAMILIES = {"inet": socket.AF_INET, "inet6": socket.AF_INET6}


def connect_tcp(host: str, port: int, timeout: float, family: str = "any", bind: str = "") -> socket.socket:
    """The first address that answers. OSError: that of the last one that refused, else TimeoutError."""
    name = host if host.isascii() else host.encode()  # as ssh has it: Python would make another name of it, by IDNA
    addresses = socket.getaddrinfo(name, port, FAMILIES.get(family, socket.AF_UNSPEC), socket.SOCK_STREAM)
    race = _Race(bind)
    try:
        winner = race.run([(entry[0], entry[4]) for entry in addresses], time.monotonic() + timeout)
    finally:
        race.selector.close()
        for sock in race.running:
            sock.close()
    winner.setblocking(True)
    with contextlib.suppress(OSError):
        winner.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if sys.platform == "linux":
            winner.setsockopt(socket.IPPROTO_TCP, RTO_MAX, SILENCE)
    return winner


class _Race:
    def __init__(self, bind: str) -> None:
        self.selector = selectors.DefaultSelector()
        self.running: set[socket.socket] = set()
        self.bind = bind
        self.error: OSError = TimeoutError("timed out")

    def run(self, addresses: list[tuple[int, object]], deadline: float) -> socket.socket:
        waiting = _interleaved(addresses)
        while waiting or self.running:
            if waiting:
                self._start(*waiting.pop(0))
            patience = min(STAGGER if waiting else deadline, deadline - time.monotonic())
            if patience <= 0:
                raise self.error if not self.running else TimeoutError("timed out")
            if winner := self._first(patience):
                return winner
        raise self.error

    def _start(self, family: int, address: object) -> None:
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.setblocking(False)
        try:
            if self.bind:
                sock.bind((self.bind, 0))
            sock.connect(address)  # type: ignore[arg-type]
        except BlockingIOError:
            pass
        except OSError as error:
            self.error = error
            sock.close()
            return
        self.running.add(sock)
        self.selector.register(sock, selectors.EVENT_WRITE)

    def _first(self, patience: float) -> socket.socket | None:
        """A socket that connected; those that failed are dropped."""
        if not self.running:
            return None
        for key, _ in self.selector.select(patience):
            sock = key.fileobj
            assert isinstance(sock, socket.socket)
            self.selector.unregister(sock)
            self.running.discard(sock)
            code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if code == 0:
                return sock
            self.error = OSError(code, _words(code))
            sock.close()
        return None


def _interleaved(addresses: list[tuple[int, object]]) -> list[tuple[int, object]]:
    """The two families in turn, the resolver's first choice first."""
    first = [entry for entry in addresses if entry[0] == addresses[0][0]]
    second = [entry for entry in addresses if entry[0] != addresses[0][0]]
    longest = max(len(first), len(second))
    return [entry for i in range(longest) for entry in (*first[i : i + 1], *second[i : i + 1])]


def _words(code: int) -> str:
    import os

    return os.strerror(code)
