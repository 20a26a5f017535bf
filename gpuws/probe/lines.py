"""Bytes of a stream cut into lines of bounded length."""

from __future__ import annotations

from collections.abc import Callable, Iterator

LONGEST = 1 << 20


class Lines:
    """Lines without their end, in order. A line that is too long is dropped, however long it is."""

    def __init__(self, read: Callable[[], bytes], longest: int = LONGEST) -> None:
        self._read = read
        self._longest = longest

    def __iter__(self) -> Iterator[bytes]:
        held = bytearray()
        dropping = False
        while chunk := self._read():
            *ended, rest = chunk.split(b"\n")
            for line in ended:
                held += line
                if not dropping and len(held) <= self._longest:
                    yield bytes(held)
                held.clear()
                dropping = False
            held += rest
            if len(held) > self._longest:
                held.clear()
                dropping = True
