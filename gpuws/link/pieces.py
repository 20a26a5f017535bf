"""Bytes that come in pieces and are taken in their order; a piece that is taken whole is never copied."""

from __future__ import annotations

from collections import deque


class Pieces:
    """Whoever shares it between threads locks it."""

    def __init__(self) -> None:
        self._pieces: deque[bytes] = deque()
        self._at = 0  # bytes of the first one that are taken
        self._size = 0

    def __len__(self) -> int:
        """Bytes."""
        return self._size

    def add(self, data: bytes) -> None:
        if data:
            self._pieces.append(data)
            self._size += len(data)

    def take(self, limit: int) -> bytes:
        """The next bytes, as many as there are, at most `limit`."""
        left = min(limit, self._size)
        self._size -= left
        taken = []
        while left:
            taken.append(self._next(left))
            left -= len(taken[-1])
        return taken[0] if len(taken) == 1 else b"".join(taken)

    def _next(self, limit: int) -> bytes:
        first, begin = self._pieces[0], self._at
        part = first[begin : begin + limit]  # all of it: the same object
        if begin + len(part) == len(first):
            self._pieces.popleft()
            self._at = 0
        else:
            self._at += len(part)
        return part
