"""One of a relay's connections, as a Stream."""

from __future__ import annotations

import threading
from typing import Protocol

from gpuws.link.pieces import Pieces
from gpuws.link.relay.far.frames import AMOUNT, CLOSE, CREDIT, DATA, END, FAR_WINDOW, NEAR_WINDOW
from gpuws.link.streams import StreamBroken

MOST_AT_ONCE = 1 << 16
"""Bytes of a frame: a larger one would hold up the other connections."""


class Carrier(Protocol):
    """What carries the frames of all connections."""

    def send(self, kind: int, number: int, payload: bytes = b"") -> None:
        """Returns when a buffer on the way has taken it; `StreamBroken` where the relay has ended."""
        ...

    def post(self, kind: int, number: int) -> None:
        """The same, without ever waiting."""
        ...

    def forget(self, number: int) -> None:
        """Nothing that comes for it is of interest."""
        ...


class RelayStream:
    """`what` names it in errors. The methods without a leading word in `Stream` are for the relay."""

    def __init__(self, carrier: Carrier, number: int, what: str) -> None:
        self._carrier = carrier
        self._number = number
        self._what = what
        self._changed = threading.Condition()
        self._pieces = Pieces()
        self._taken = 0  # bytes that were read, and not given back yet
        self._credit = FAR_WINDOW
        self._timeout: float | None = None
        self._open = False
        self._ended = False  # nothing more comes
        self._finished = False  # nothing more goes
        self._closed = False
        self._broken: str | None = None

    # for whoever reads and writes it

    def recv(self, limit: int = 65536) -> bytes:
        with self._changed:
            if not self._changed.wait_for(self._readable, self._timeout):
                raise TimeoutError("timed out")
            if self._closed:
                return b""
            data = self._pieces.take(limit)
            if not data and self._broken is not None:
                raise StreamBroken(f"{self._what}: {self._broken}")
            due = self._due(len(data))
        if due:
            self._carrier.send(CREDIT, self._number, AMOUNT.pack(due))
        return data

    def sendall(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            with self._changed:
                if not self._changed.wait_for(self._writable, self._timeout):
                    raise TimeoutError("timed out")
                if self._broken is not None or self._closed or self._finished:
                    raise StreamBroken(f"{self._what}: the other side closed the connection")
                size = min(self._credit, MOST_AT_ONCE, len(view))
                self._credit -= size
            self._carrier.send(DATA, self._number, bytes(view[:size]))
            view = view[size:]

    def shutdown_write(self) -> None:
        with self._changed:
            first = not (self._finished or self._closed or self._broken is not None)
            self._finished = True
            over = self._ended
        if first:
            self._carrier.post(END, self._number)
            if over:
                self._carrier.forget(self._number)

    def settimeout(self, seconds: float | None) -> None:
        self._timeout = seconds

    def close(self) -> None:
        with self._changed:
            if self._closed:
                return
            self._closed = True
            self._changed.notify_all()
            unfinished = self._broken is None and not (self._ended and self._finished)
        self._carrier.forget(self._number)
        if unfinished:
            self._carrier.post(CLOSE, self._number)

    # for the relay, on its reading thread: none of these waits

    def await_open(self, seconds: float) -> str | None:
        """None when it is connected, else why not. TimeoutError when nothing was heard."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._open or self._broken is not None, seconds):
                raise TimeoutError
            return None if self._open else self._broken

    def opened(self) -> None:
        with self._changed:
            self._open = True
            self._changed.notify_all()

    def feed(self, data: bytes) -> None:
        with self._changed:
            self._pieces.add(data)
            self._changed.notify_all()

    def grant(self, amount: int) -> None:
        with self._changed:
            self._credit += amount
            self._changed.notify_all()

    def end(self) -> bool:
        """Nothing more comes. Whether it is over, since nothing more goes either."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()
            return self._finished

    def fail(self, reason: str) -> None:
        """What came before can still be read."""
        with self._changed:
            if self._broken is None and not (self._ended and self._finished):
                self._broken = reason
            self._changed.notify_all()

    def _readable(self) -> bool:
        return bool(self._pieces) or self._ended or self._closed or self._broken is not None

    def _writable(self) -> bool:
        return self._credit > 0 or self._finished or self._closed or self._broken is not None

    def _due(self, taken: int) -> int:
        """What to give back now: seldom, and nothing once nothing more comes."""
        self._taken += taken
        if self._ended or self._broken is not None or self._taken < NEAR_WINDOW // 8:
            return 0
        due, self._taken = self._taken, 0
        return due
