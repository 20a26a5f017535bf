"""Messages on a unix socket: four bytes of length, big-endian, then one message as MessagePack.

Descriptors travel beside the message they belong to."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import struct
import threading
from typing import Any, Generic, TypeVar

import msgspec

from gpuws.keeper.wire.messages import FromClient, FromKeeper, Message
from gpuws.model.errors import GpuwsError

LARGEST = 64 << 20  # bytes of one message: what a keeper may be made to hold for a client
CHUNK = 1 << 18  # bytes read at once
LENGTH = struct.Struct(">I")
MOST_DESCRIPTORS = 2

T = TypeVar("T")


class Broken(Exception):
    """The other side is gone, or speaks another language: the connection is of no more use."""


class Wire(Generic[T]):
    """One end. Any thread may send; one receives. Made by `client_wire` or `keeper_wire`."""

    def __init__(self, sock: socket.socket, decoder: msgspec.msgpack.Decoder[T]) -> None:
        self._socket = sock
        self._decoder = decoder
        self._sending = threading.Lock()
        self._closed = threading.Event()
        self._received: list[int] = []

    def send(self, message: Message, descriptors: tuple[int, ...] = ()) -> None:
        """GpuwsError: it is too large, and nothing was sent."""
        data = encode(message)
        if len(data) > LARGEST:
            raise GpuwsError(f"{len(data) >> 20} MiB are too large for the keeper", "GPUWS_KEEPER=0 does without it")
        frame = LENGTH.pack(len(data)) + data
        try:
            with self._sending:
                sent = socket.send_fds(self._socket, [frame], descriptors) if descriptors else 0
                self._socket.sendall(memoryview(frame)[sent:])
        except OSError as error:
            raise Broken(str(error)) from error

    def receive(self, timeout: float | None = None) -> T:
        """The next message. TimeoutError: none began within `timeout` seconds; Broken: none will come."""
        if timeout is not None:
            self._wait(timeout)
        self._drop_descriptors()
        try:
            (size,) = LENGTH.unpack(self._read(LENGTH.size))
            if size > LARGEST:
                raise Broken("the message is too large")
            return self._decoder.decode(self._read(size))
        except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Broken(str(error)) from error

    def receive_soon(self, timeout: float) -> T:
        """The next message while nobody else uses this end; Broken where it does not come in time."""
        self._socket.settimeout(timeout)
        try:
            return self.receive()
        finally:
            with contextlib.suppress(OSError):
                self._socket.settimeout(None)

    def take_descriptors(self) -> list[int]:
        """Those that came with the last message; the caller closes them."""
        taken, self._received = self._received, []
        return taken

    def close(self) -> None:
        """Frees a thread that receives or sends."""
        if self._closed.is_set():
            return
        self._closed.set()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._drop_descriptors()

    def _wait(self, timeout: float) -> None:
        """Not the socket's own timeout, which would end a sender in another thread."""
        poll = select.poll()
        try:
            poll.register(self._socket, select.POLLIN)
        except (OSError, ValueError) as error:
            raise Broken("the connection was closed") from error
        if not poll.poll(timeout * 1000):
            raise TimeoutError

    def _read(self, size: int) -> bytearray:
        data = bytearray()
        while len(data) < size:
            data += self._read_some(size - len(data))
        return data

    def _read_some(self, most: int) -> bytes:
        """Memory is taken for what came, not for what was announced."""
        data, descriptors, flags, _ = socket.recv_fds(self._socket, min(most, CHUNK), MOST_DESCRIPTORS)
        self._received += descriptors
        if flags & socket.MSG_CTRUNC or len(self._received) > MOST_DESCRIPTORS:
            raise Broken("more descriptors than were expected")
        if not data:
            raise Broken("the connection was closed")
        return data

    def _drop_descriptors(self) -> None:
        """Those that came and that nobody took."""
        for descriptor in self.take_descriptors():
            os.close(descriptor)


_encode = msgspec.msgpack.Encoder().encode


def encode(value: Any) -> bytes:
    return _encode(value)


def client_wire(sock: socket.socket) -> Wire[FromKeeper]:
    return Wire(sock, msgspec.msgpack.Decoder(FromKeeper))


def keeper_wire(sock: socket.socket) -> Wire[FromClient]:
    return Wire(sock, msgspec.msgpack.Decoder(FromClient))
