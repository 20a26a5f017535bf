"""Frames on a unix socket: four bytes of length, big-endian, then so many bytes.

Descriptors travel beside the frame they belong to. What the bytes say is the caller's matter."""

from __future__ import annotations

import _socket
import _thread
import os
import sys

from gpuws.model.errors import GpuwsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

LARGEST = 64 << 20  # bytes of one frame: what a keeper may be made to hold for a client
CHUNK = 1 << 18  # bytes read at once
LENGTH = 4  # bytes that say how long a frame is
MOST_DESCRIPTORS = 2
DESCRIPTOR = 4  # bytes of one, a C int


class Broken(Exception):
    """The other side is gone, or speaks another language: the connection is of no more use."""


class Frames:
    """One end. Any thread may send; one receives."""

    def __init__(self, sock: _socket.socket) -> None:
        self._socket = sock
        self._sending = _thread.allocate_lock()
        self._closed = False
        self._received: list[int] = []

    def send(self, data: bytes, descriptors: Sequence[int] = ()) -> None:
        """GpuwsError: it is too large, and nothing was sent."""
        if len(data) > LARGEST:
            raise GpuwsError(f"{len(data) >> 20} MiB are too large for the keeper", "GPUWS_KEEPER=0 does without it")
        frame = framed(data)
        try:
            with self._sending:
                sent = self._socket.sendmsg([frame], [_rights(descriptors)]) if descriptors else 0
                self._socket.sendall(memoryview(frame)[sent:])
        except OSError as error:
            raise Broken(str(error)) from error

    def receive(self, timeout: float | None = None) -> bytearray:
        """The next one. TimeoutError: none began within `timeout` seconds; Broken: none will come."""
        if timeout is not None:
            self._wait(timeout)
        self._drop_descriptors()
        try:
            size = int.from_bytes(self._read(LENGTH), "big")
            if size > LARGEST:
                raise Broken("the message is too large")
            return self._read(size)
        except OSError as error:
            raise Broken(str(error)) from error

    def receive_soon(self, timeout: float) -> bytearray:
        """The next one while nobody else uses this end; Broken where it does not come in time."""
        self._socket.settimeout(timeout)
        try:
            return self.receive()
        finally:
            self._forget_time()

    def take_descriptors(self) -> list[int]:
        """Those that came with the last frame; the caller closes them."""
        taken, self._received = self._received, []
        return taken

    def close(self) -> None:
        """Frees a thread that receives or sends."""
        if self._closed:
            return
        self._closed = True
        try:
            self._socket.shutdown(_socket.SHUT_RDWR)
        except OSError:
            pass
        finally:
            self._socket.close()
            self._drop_descriptors()

    def _forget_time(self) -> None:
        try:
            self._socket.settimeout(None)
        except OSError:
            return  # it was closed meanwhile

    def _wait(self, timeout: float) -> None:
        """Not the socket's own time limit, which would end a sender in another thread."""
        import select

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
        room = _socket.CMSG_SPACE(DESCRIPTOR * MOST_DESCRIPTORS)
        data, beside, flags, _ = self._socket.recvmsg(min(most, CHUNK), room)
        for level, kind, carried in beside:
            if (level, kind) == (_socket.SOL_SOCKET, _socket.SCM_RIGHTS):
                self._received += _descriptors(carried)
        if flags & _socket.MSG_CTRUNC or len(self._received) > MOST_DESCRIPTORS:
            raise Broken("more descriptors than were expected")
        if not data:
            raise Broken("the connection was closed")
        return data

    def _drop_descriptors(self) -> None:
        """Those that came and that nobody took."""
        for descriptor in self.take_descriptors():
            os.close(descriptor)


def framed(data: bytes) -> bytes:
    return len(data).to_bytes(LENGTH, "big") + data


def _rights(descriptors: Sequence[int]) -> tuple[int, int, bytes]:
    """The control message that hands them over."""
    return _socket.SOL_SOCKET, _socket.SCM_RIGHTS, b"".join(_bytes(one) for one in descriptors)


def _bytes(descriptor: int) -> bytes:
    return descriptor.to_bytes(DESCRIPTOR, sys.byteorder)


def _descriptors(carried: bytes) -> list[int]:
    """One that was cut off is left out."""
    whole = len(carried) - len(carried) % DESCRIPTOR
    return [int.from_bytes(carried[at : at + DESCRIPTOR], sys.byteorder) for at in range(0, whole, DESCRIPTOR)]
