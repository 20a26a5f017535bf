"""Pieces that arrive, as the file that tarfile reads."""

from __future__ import annotations

from collections.abc import Iterator


class Incoming:
    """A read gives all it asks for, but at the end."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._buffer = bytearray()

    def read(self, size: int) -> bytes:
        while len(self._buffer) < size and (piece := next(self._pieces, None)) is not None:
            self._buffer += piece  # an empty one is no end
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken
