"""Streams that run through the keeper, as programs see them: sockets of their own, and word of the end beside them."""

from __future__ import annotations

import contextlib
import socket
import threading

from gpuws.keeper.failures import as_error
from gpuws.keeper.messages import Ended, FromKeeper, Resize
from gpuws.keeper.wire import Broken, Wire
from gpuws.model.errors import GpuwsError, Unreachable
from gpuws.model.terminal import Size

CHUNK = 65536
LAST_WORD = 5.0  # seconds from the end of the data to the word of how it ended


class _Carried:
    """One stream. `wire` belongs to it alone; `data` is the socket that came with it."""

    def __init__(self, wire: Wire[FromKeeper], data: socket.socket) -> None:
        self._wire = wire
        self._data = data
        self._asking = threading.Lock()
        self._end: Ended | None = None
        self._closed = False

    def recv(self, limit: int = CHUNK) -> bytes:
        try:
            data = self._data.recv(limit)
        except TimeoutError:
            raise
        except OSError as error:
            if not self._closed:
                raise Unreachable(f"the stream broke: {error.strerror}") from error
            data = b""
        return data if data or self._closed else self._at_end()

    def sendall(self, data: bytes) -> None:
        try:
            self._data.sendall(data)
        except OSError as error:
            raise Unreachable("the program takes no more input") from error

    def shutdown_write(self) -> None:
        with contextlib.suppress(OSError):
            self._data.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Frees whoever reads or writes."""
        self._closed = True
        with contextlib.suppress(OSError):
            self._data.shutdown(socket.SHUT_RDWR)
        self._data.close()
        self._wire.close()

    def _at_end(self) -> bytes:
        """b"" where the end came by itself; else why it came is raised."""
        return b""

    def _ended(self, timeout: float | None) -> Ended | None:
        """How it ended; None: the keeper went away before it said so. TimeoutError: it goes on."""
        with self._asking:
            if self._end is None:
                with contextlib.suppress(Broken):
                    message = self._wire.receive(timeout)
                    self._end = message if isinstance(message, Ended) else None
            return self._end


class CarriedStream(_Carried):
    """Implements `Stream`."""

    def settimeout(self, seconds: float | None) -> None:
        self._data.settimeout(seconds)

    def _at_end(self) -> bytes:
        end = self._ended(LAST_WORD)
        if end is None:
            raise Unreachable("the keeper ended in the middle of it", "repeat it")
        if end.failure is not None:
            raise as_error(end.failure)
        return b""


class CarriedTerminal(_Carried):
    """Implements `Terminal`."""

    def resize(self, size: Size) -> None:
        try:
            self._wire.send(Resize(size))
        except Broken as broken:
            raise Unreachable("the keeper is gone") from broken

    def exit_status(self) -> int | None:
        with contextlib.suppress(TimeoutError, GpuwsError):
            end = self._ended(LAST_WORD)
            return end.status if end else None
        return None


class CarriedProcess(_Carried):
    """Implements `Process`."""

    def __init__(self, wire: Wire[FromKeeper], data: socket.socket, errors: socket.socket) -> None:
        super().__init__(wire, data)
        self._errors = errors

    def read(self, limit: int = CHUNK) -> bytes:
        return self.recv(limit)

    def write(self, data: bytes) -> None:
        self.sendall(data)

    def close_stdin(self) -> None:
        self.shutdown_write()

    def read_stderr(self, limit: int = CHUNK) -> bytes:
        try:
            return self._errors.recv(limit)
        except OSError:
            return b""

    def wait(self, timeout: float | None = None) -> int | None:
        end = self._ended(timeout)
        if end is not None and end.failure is not None:
            raise as_error(end.failure)
        return end.status if end else None

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._errors.shutdown(socket.SHUT_RDWR)
        self._errors.close()
        super().close()
