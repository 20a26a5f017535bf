"""Bytes of a stream cut into lines of bounded length."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator

LONGEST = 1 << 20
PACE = 0.01  # seconds between two lines, at least


class LineReader:
    """Lines without their end, in order. A line that is too long is dropped, however long it is."""

    def __init__(self, read: Callable[[], bytes], longest: int = LONGEST) -> None:
        self._read = read
        self._longest = longest
        self._held = bytearray()

    @property
    def unfinished(self) -> bytes:
        """What has come of a line whose end has not: a question, perhaps."""
        return bytes(self._held)

    def __iter__(self) -> Iterator[bytes]:
        held = self._held
        dropping = False
        while chunk := self._read():
            *ended, rest = chunk.split(b"\n")
            for line in ended:
                whole = bytes(held + line)
                held.clear()
                if not dropping and len(whole) <= self._longest:
                    yield whole
                dropping = False
            held += rest
            if len(held) > self._longest:
                held.clear()
                dropping = True


def paced(lines: Iterable[bytes], over: threading.Event) -> Iterator[bytes]:
    """Until `over`. A host that floods us is slowed down by what it floods: a fifth of one thread is its share."""
    for line in lines:
        began = time.monotonic()
        yield line
        if over.wait(max(PACE, 4 * (time.monotonic() - began))):
            return


def unhurried(read: Callable[[], bytes], over: threading.Event) -> Callable[[], bytes]:
    """The same for a line without end."""

    def next_chunk() -> bytes:
        chunk = read()
        return b"" if chunk and b"\n" not in chunk and over.wait(PACE) else chunk

    return next_chunk
