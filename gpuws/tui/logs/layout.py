"""Which rows the lines of a log make, kept as lines come and go: only what is new is laid out. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from gpuws.model.workspace.log_messages import Output
from gpuws.tui.logs.store import LogStore
from gpuws.tui.logs.text import LogLine
from gpuws.tui.text.wrapping import chunks


class Row(NamedTuple):
    """The characters from `start` to `end` of the line with that number."""

    number: int
    start: int
    end: int


class Layout:
    """`width`: cells for text, 0: nothing is wrapped. `wanted`: only lines with these letters; `output`: only of that
    one. `sought`: lines with these letters are `hits`."""

    def __init__(self, store: LogStore) -> None:
        self.store = store
        self.width = 0
        self.wanted = ""
        self.sought = ""
        self.output: Output | None = None
        self.rows: list[Row] = []
        self.hits: list[int] = []
        self._end = store.first

    def anew(self) -> None:
        self.rows = [*self._rows(self.store.first, self.store.end)]
        self._end = self.store.end
        self.seek(self.sought)

    def seek(self, text: str) -> None:
        self.sought = text
        self.hits = self._found(self.store.first, self.store.end)

    def grown(self) -> int:
        """Lines were appended, and some dropped at the top: by so many rows."""
        gone = bisect_left(self.rows, (self.store.first,))
        del self.rows[:gone]
        del self.hits[: bisect_left(self.hits, self.store.first)]
        begin = max(self._end, self.store.first)
        self.rows += self._rows(begin, self.store.end)
        self.hits += self._found(begin, self.store.end)
        self._end = self.store.end
        return gone

    def preceded(self, count: int) -> int:
        """So many lines were prepended, and perhaps some dropped at the end: rows that came on top."""
        del self.rows[bisect_left(self.rows, (self.store.end,)) :]
        del self.hits[bisect_left(self.hits, self.store.end) :]
        new = [*self._rows(self.store.first, self.store.first + count)]
        self.rows[:0] = new
        self.hits[:0] = self._found(self.store.first, self.store.first + count)
        self._end = self.store.end
        return len(new)

    def of(self, number: int, line: LogLine) -> Iterator[Row]:
        """The rows of one line."""
        if not self.shows(line):
            return
        size = len(line.text)
        if not self.width or (size <= self.width and line.text.isascii()):
            yield Row(number, 0, size)
            return
        at = 0
        for piece in chunks(line.text, self.width):
            yield Row(number, at, at + len(piece))
            at += len(piece)

    def shows(self, line: LogLine) -> bool:
        if self.output is not None and line.output != self.output:
            return False
        return not self.wanted or self.wanted.lower() in line.text.lower()

    def row_of(self, number: int) -> int:
        """The first row of that line, or where it would be."""
        return bisect_left(self.rows, (number,))

    def _rows(self, begin: int, end: int) -> Iterable[Row]:
        store = self.store
        return (row for number in range(begin, end) for row in self.of(number, store[number]))

    def _found(self, begin: int, end: int) -> list[int]:
        if not self.sought:
            return []
        letters = self.sought.lower()
        store = self.store
        return [
            number
            for number in range(begin, end)
            if letters in store[number].text.lower() and self.shows(store[number])
        ]


def places(text: str, letters: str) -> list[tuple[int, int]]:
    """Where they stand in `text`, whatever their case."""
    found: list[tuple[int, int]] = []
    low, wanted = text.lower(), letters.lower()
    if not wanted or len(low) != len(text):  # letters that get longer when they are made small: none to point at
        return found
    at = low.find(wanted)
    while at >= 0:
        found.append((at, at + len(wanted)))
        at = low.find(wanted, at + len(wanted))
    return found
