"""What a channel has received and nobody has read."""

from __future__ import annotations

from paramiko.buffered_pipe import PipeTimeout

from gpuws.link.paramiko.typed import TypedBuffer
from gpuws.link.pieces import Pieces


class ChannelBuffer(TypedBuffer):
    """paramiko: an array, into which each packet is copied, and which moves what is left with each read."""

    _buffer: Pieces

    def __init__(self) -> None:
        super().__init__()
        self._buffer = Pieces()

    def feed(self, data: bytes | str) -> None:
        with self._lock:
            self._buffer.add(data.encode() if isinstance(data, str) else data)
            if self._event is not None:
                self._event.set()
            self._cv.notify_all()

    def read(self, nbytes: int, timeout: float | None = None) -> bytes:
        with self._lock:
            if not self._buffer and not self._cv.wait_for(lambda: self._buffer or self._closed, timeout):
                raise PipeTimeout
            return self._taken(nbytes)

    def empty(self) -> bytes:
        with self._lock:
            return self._taken(len(self._buffer))

    def _taken(self, limit: int) -> bytes:
        data = self._buffer.take(limit)
        if self._event is not None and not self._buffer and not self._closed:
            self._event.clear()
        return data
