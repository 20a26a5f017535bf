"""Messages on the keeper's socket: each a frame of MessagePack, and one of the kinds that its sender may send."""

from __future__ import annotations

import socket
from typing import Any, Generic, TypeVar

import msgspec

from gpuws.keeper.wire.messages import FromClient, FromKeeper, Message
from gpuws.quick.framing import Broken, Frames

T = TypeVar("T")


class Wire(Generic[T]):
    """One end. Any thread may send; one receives. Made by `client_wire` or `keeper_wire`."""

    def __init__(self, sock: socket.socket, decoder: msgspec.msgpack.Decoder[T]) -> None:
        self.frames = Frames(sock)
        self._decoder = decoder

    def send(self, message: Message | dict[str, Any], descriptors: tuple[int, ...] = ()) -> None:
        """GpuwsError: it is too large, and nothing was sent. Broken: the other side is gone."""
        self.frames.send(encode(message), descriptors)

    def receive(self, timeout: float | None = None) -> T:
        """The next message. TimeoutError: none began within `timeout` seconds; Broken: none will come."""
        return self._decoded(self.frames.receive(timeout))

    def receive_soon(self, timeout: float) -> T:
        """The next message while nobody else uses this end; Broken where it does not come in time."""
        return self._decoded(self.frames.receive_soon(timeout))

    def take_descriptors(self) -> list[int]:
        """Those that came with the last message; the caller closes them."""
        return self.frames.take_descriptors()

    def close(self) -> None:
        """Frees a thread that receives or sends."""
        self.frames.close()

    def _decoded(self, data: bytearray) -> T:
        try:
            return self._decoder.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Broken(str(error)) from error


_encode = msgspec.msgpack.Encoder().encode


def encode(value: Any) -> bytes:
    return _encode(value)


def client_wire(sock: socket.socket) -> Wire[FromKeeper]:
    return Wire(sock, msgspec.msgpack.Decoder(FromKeeper))


def keeper_wire(sock: socket.socket) -> Wire[FromClient]:
    return Wire(sock, msgspec.msgpack.Decoder(FromClient))
