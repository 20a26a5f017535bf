"""A connection to the keeper for one request: messages as plain maps, and the sockets that an answer brings.

What asks in a blink has nothing else; what goes the long road hands its own connection on to it once a stream is
opened."""

from __future__ import annotations

import _socket
import os

from gpuws import __version__
from gpuws.model.errors import GpuwsError, Unreachable
from gpuws.quick.endpoint import dial
from gpuws.quick.failures import error_of, keeper_ended
from gpuws.quick.framing import Broken, Frames
from gpuws.quick.greeting import PROTOCOL, hello
from gpuws.quick.packing import packed, unpacked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PATIENCE = 3.0  # seconds; a keeper that is slower is asked the long road


class OpenedStream:
    """A stream that the keeper opened: the connection that it came by and that belongs to it alone, and its bytes.
    `errors`: stderr of a program, else the data again. `label`: what it leads to, as it would be typed; `words`: what
    the user is to be told."""

    __slots__ = ("connection", "data", "errors", "label", "words")

    def __init__(self, connection: KeeperConnection, sockets: list[_socket.socket], label: str, words: str) -> None:
        self.connection = connection
        self.data, self.errors = sockets[0], sockets[-1]
        self.label, self.words = label, words


class StreamEnd:
    """How a stream ended: `status` as `Process.wait` tells it, `failure`: why it broke."""

    __slots__ = ("failure", "status")

    def __init__(self, status: int | None, failure: GpuwsError | None) -> None:
        self.status = status
        self.failure = failure


class KeeperConnection:
    """It is closed by whoever made it, or by the stream that was opened over it."""

    def __init__(self, frames: Frames) -> None:
        self._frames = frames

    def ask(self, request: dict[str, Any]) -> None:
        """Said in one breath with the hello. Broken where nobody listens any more, ValueError where it is no text."""
        greeting, asked = packed(hello(f"quick-{os.getpid()}", person=False)), packed(request)
        self._frames.send(greeting)
        self._frames.send(asked)

    def welcomed(self) -> bool:
        """False: no keeper of this version, or none that answers soon. It does nothing of what it was asked for then:
        of another version it declines, and one that wakes later finds this connection closed."""
        try:
            welcome = _message(self._frames.receive_soon(PATIENCE))
        except Broken:
            return False
        return (welcome.get("protocol"), welcome.get("version")) == (PROTOCOL, __version__)

    def answer_soon(self) -> dict[str, Any]:
        """The answer, or Broken where it does not come at once."""
        return _message(self._frames.receive_soon(PATIENCE))

    def opened(self) -> OpenedStream | None:
        """The stream that was asked for; None: something else was answered. Raises what went wrong there."""
        try:
            answer = _message(self._frames.receive())
        except Broken as broken:
            raise keeper_ended() from broken
        if answer.get("type") == "Failure":
            raise _error(answer)
        if answer.get("type") != "Opened":
            return None
        sockets = [_socket.socket(fileno=descriptor) for descriptor in self._frames.take_descriptors()]
        return OpenedStream(self, sockets, answer.get("label", ""), answer.get("words", "")) if sockets else None

    def resize(self, columns: int, rows: int) -> None:
        """Unreachable where the keeper is gone."""
        try:
            self._frames.send(packed({"type": "Resize", "size": {"columns": columns, "rows": rows}}))
        except Broken as broken:
            raise Unreachable("the keeper is gone") from broken

    def ended(self, timeout: float | None) -> StreamEnd | None:
        """How the stream ended; None: the keeper went away before it said so. TimeoutError: it goes on."""
        try:
            message = _message(self._frames.receive(timeout))
        except Broken:
            return None
        failure = message.get("failure")
        return StreamEnd(message.get("status"), _error(failure) if isinstance(failure, dict) else None)

    def close(self) -> None:
        """Frees a thread that waits for its end."""
        self._frames.close()


def asked(path: str, request: dict[str, Any]) -> KeeperConnection | None:
    """A connection to the keeper at `path` over which `request` was sent; None: there is no keeper, or there is more to
    be said of it."""
    try:
        sock = dial(path)
    except GpuwsError:
        return None
    if sock is None:
        return None
    connection = KeeperConnection(Frames(sock))
    try:
        connection.ask(request)
    except (Broken, ValueError):  # it ends just now; or a word is no text
        connection.close()
        return None
    return connection


def _message(data: bytes | bytearray) -> dict[str, Any]:
    try:
        message = unpacked(bytes(data))
    except ValueError as error:
        raise Broken(str(error)) from error
    if not isinstance(message, dict):
        raise Broken("no message")
    return message


def _error(failure: dict[str, Any]) -> GpuwsError:
    """A `Failure` of the keeper as the error that it was there."""
    return error_of(*(str(failure.get(key, "")) for key in ("kind", "message", "remedy")))
