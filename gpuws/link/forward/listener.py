"""Local listeners that lead somewhere else. They are kept for life, whatever happens to the way behind them."""

from __future__ import annotations

import contextlib
import errno
import os
import select
import selectors
import socket
import threading
import time
from collections.abc import Callable, Collection, Sequence
from functools import partial

from gpuws.link.forward.connection import ForwardedConnection, reset
from gpuws.link.place import Stream
from gpuws.model.errors import GpuwsError, Unreachable

CAP = 256  # connections at once
PATIENCE = 75.0  # seconds that a new connection is held while the link is away: a minute's fault, and its end
RETRY = 0.25  # seconds between attempts meanwhile
BACKLOG = 128  # connections that the system holds until they are taken
FAREWELL = 0.5  # seconds for the listener to be closed; it needs none
BEGINNING = 16  # bytes of an answer, which tell what speaks there
TRIED_PORTS = 200  # from the preferred one upwards, before any free port will do


class Listening:
    """Takes connections on `listeners` until `close`; they are closed with it.

    `dial` makes the far end of each connection: `Unreachable` is waited out, any other error resets the connection."""

    def __init__(self, dial: Callable[[], Stream], listeners: Sequence[socket.socket]) -> None:
        self._dial = dial
        self._listeners = listeners
        self.error: str | None = None  # why the last connection could not be made; None once one could
        self.shut: str | None = None  # why the last one was not even taken; None once one was
        self.bytes_in = 0  # from the far end
        self.bytes_out = 0  # to the far end
        self.first = b""  # how the far end began its last answer
        self._lock = threading.Lock()
        self._open: set[ForwardedConnection] = set()
        self._closing = threading.Event()
        self._wake, self._waker = os.pipe()
        self._acceptor = threading.Thread(target=self._accept, name="forward", daemon=True)
        self._acceptor.start()

    @property
    def connections(self) -> int:
        """How many are open now."""
        return len(self._open)

    def close(self) -> None:
        """Give the port back and reset what is open; returns at once."""
        with self._lock:
            if self._closing.is_set():
                return
            self._closing.set()
            connections = list(self._open)
        os.close(self._waker)
        for connection in connections:
            connection.abort()
        self._acceptor.join(FAREWELL)  # the port is free when this returns

    def _accept(self) -> None:
        with selectors.DefaultSelector() as selector:
            for listener in self._listeners:
                selector.register(listener, selectors.EVENT_READ)
            selector.register(self._wake, selectors.EVENT_READ)
            while not self._closing.is_set():
                for key, _ in selector.select():
                    if isinstance(key.fileobj, socket.socket):
                        self._take(key.fileobj)
        for listener in self._listeners:
            listener.close()
        os.close(self._wake)

    def _take(self, listener: socket.socket) -> None:
        try:
            sock, _ = listener.accept()
        except OSError as error:  # the client went away, or no descriptors are left
            if error.errno in (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM):
                self.shut = f"no more connections can be taken: {error.strerror}"
                self._closing.wait(RETRY)
            return
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = ForwardedConnection(sock, lambda: self._dial_patiently(sock), self._count, self._left, self._hear)
        with self._lock:
            full = len(self._open) >= CAP
            if not full and not self._closing.is_set():
                self.shut = None
                self._open.add(connection)
                connection.start()
                return
        if full:
            self.shut = f"more than {CAP} connections at once"
        reset(sock)

    def _dial_patiently(self, sock: socket.socket) -> Stream | None:
        """None: it could not be made, and `error` says why; or the client has reset its end."""
        return self._patiently(sock, self._dial)

    def _patiently(self, sock: socket.socket, dial: Callable[[], Stream]) -> Stream | None:
        deadline = time.monotonic() + PATIENCE
        while not self._closing.is_set():
            try:
                stream = dial()
            except Unreachable as error:
                self.error = str(error)
                if time.monotonic() >= deadline or _was_reset(sock):
                    return None
                self._closing.wait(RETRY)
            except (GpuwsError, OSError) as error:
                self.error = str(error)
                return None
            else:
                self.error = None
                return stream
        return None

    def _count(self, received: int, sent: int) -> None:
        with self._lock:
            self.bytes_in += received
            self.bytes_out += sent

    def _hear(self, data: bytes) -> None:
        if data:
            self.first = data[:BEGINNING]

    def _left(self, connection: ForwardedConnection) -> None:
        with self._lock:
            self._open.discard(connection)


def _was_reset(sock: socket.socket) -> bool:
    look = select.poll()
    look.register(sock, 0)  # a fault shows whatever is asked for
    return bool(look.poll(0))


class Forward(Listening):
    """Listens on loopback, or at the one address `bind`. `port` must be free; from `preferred` the next free one is
    taken, none of `but`."""

    def __init__(
        self,
        dial: Callable[[], Stream],
        port: int | None = None,
        preferred: int | None = None,
        but: Collection[int] = (),
        bind: str = "",
    ) -> None:
        listeners = _listen(port, preferred, but, bind)
        self.port: int = listeners[0].getsockname()[1]
        super().__init__(dial, listeners)


def _listen(port: int | None, preferred: int | None, but: Collection[int], bind: str) -> list[socket.socket]:
    """On 127.0.0.1 and, where possible, on the same port of ::1; else at `bind`."""
    attempt = partial(_at, bind) if bind else _both
    if port is not None:
        if found := attempt(port):
            return found
        raise GpuwsError(f"port {port} is in use on this workstation", "choose another one, or leave it to gpuws")
    wanted = range(preferred, min(preferred + TRIED_PORTS, 65536)) if preferred else ()
    for number in (*wanted, 0):
        if number not in but and (found := attempt(number)):
            return found
    raise GpuwsError("no local port is free", "close some tunnels")


def loopback(port: int | None, preferred: int) -> list[socket.socket]:
    """Listeners there on `port`, else on the first free one from `preferred`. GpuwsError where there is none."""
    return _listen(port, preferred, (), "")


def _at(address: str, port: int) -> list[socket.socket]:
    """Empty where the port is in use there; GpuwsError where this machine has no such address."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        return [_bind(family, address, port)]
    except OSError as error:
        if error.errno != errno.EADDRNOTAVAIL:
            return []
        raise GpuwsError(f"{address} is no address of this workstation", "0.0.0.0 means all that it has") from error


def _both(port: int) -> list[socket.socket]:
    """Empty where another program has it on either address: `localhost` would lead to one of the two."""
    made: list[socket.socket] = []
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            made.append(_bind(family, address, port or (made[0].getsockname()[1] if made else 0)))
        except OSError as error:
            if not made or error.errno == errno.EADDRINUSE:
                for sock in made:
                    sock.close()
                return []
    return made


def _bind(family: int, address: str, port: int) -> socket.socket:
    """OSError where it is in use, or where there is no such address here."""
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind((address, port))
        sock.listen(BACKLOG)
        sock.setblocking(False)
    except OSError:
        sock.close()
        raise
    return sock
