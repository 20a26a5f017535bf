"""Streams that run through the keeper, as programs see them: sockets of their own, and word of the end beside them."""

from __future__ import annotations

import _socket
import _thread

from gpuws.model.errors import GpuwsError, Unreachable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gpuws.model.session.terminal import Size
    from gpuws.quick.connection import OpenedStream, StreamEnd

CHUNK = 65536
LAST_WORD = 5.0  # seconds from the end of the data to the word of how it ended


class _Carried:
    """One stream. Over the connection that it came by it is resized, and its end is told."""

    def __init__(self, opened: OpenedStream) -> None:
        self._connection = opened.connection
        self._data = opened.data
        self._asking = _thread.allocate_lock()
        self._end: StreamEnd | None = None
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
        _shut(self._data, _socket.SHUT_WR)

    def close(self) -> None:
        """Frees whoever reads or writes."""
        self._closed = True
        _shut(self._data, _socket.SHUT_RDWR)
        self._data.close()
        self._connection.close()

    def _at_end(self) -> bytes:
        """b"" where the end came by itself; else why it came is raised."""
        return b""

    def _ended(self, timeout: float | None) -> StreamEnd | None:
        """As `KeeperConnection.ended`, asked once."""
        with self._asking:
            if self._end is None:
                self._end = self._connection.ended(timeout)
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
            raise end.failure
        return b""


class CarriedTerminal(_Carried):
    """Implements `Terminal`."""

    @property
    def data(self) -> _socket.socket:
        """Its bytes, for who waits for more than them."""
        return self._data

    def resize(self, size: Size) -> None:
        self._connection.resize(size.columns, size.rows)

    def exit_status(self) -> int | None:
        try:
            end = self._ended(LAST_WORD)
        except (TimeoutError, GpuwsError):
            return None
        return end.status if end else None


class CarriedProcess(_Carried):
    """Implements `Process`."""

    def __init__(self, opened: OpenedStream) -> None:
        super().__init__(opened)
        self._errors = opened.errors

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
            raise end.failure
        return end.status if end else None

    def close(self) -> None:
        _shut(self._errors, _socket.SHUT_RDWR)
        self._errors.close()
        super().close()


def _shut(sock: _socket.socket, how: int) -> None:
    try:
        sock.shutdown(how)
    except OSError:
        return  # the other side did so first
