"""The lines of a log that are held: so many at most, each with a number that stays its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from gpuws.fleet.reading import Edge, Key
from gpuws.model.workspace.log_messages import epoch_of
from gpuws.model.workspace.log_reached import SLACK
from gpuws.tui.logs.text import LogLine

LIMIT = 20_000


class LogStore:
    """`first`: the number of the first line; older ones have smaller numbers, also below 0. `left`: how many there were
    at the top, or at the end, that are held no more."""

    def __init__(self, limit: int = LIMIT) -> None:
        self.limit = limit
        self.lines: list[LogLine] = []
        self.first = 0
        self.dropped = 0
        self._beyond: Counter[int] = Counter()  # messages of each source that were let go at the end
        self._let_go: dict[int, LogLine] = {}  # and the oldest line of these

    def __getitem__(self, number: int) -> LogLine:
        return self.lines[number - self.first]

    @property
    def end(self) -> int:
        """The number of the next line."""
        return self.first + len(self.lines)

    def append(self, lines: Sequence[LogLine]) -> None:
        """The oldest go where there are too many."""
        for line in lines:
            if self._beyond[line.source] > 0:
                self._beyond[line.source] -= line.parts
        self.lines += lines
        excess = len(self.lines) - self.limit
        if excess > 0:
            del self.lines[:excess]
            self.first += excess
            self.dropped += excess

    def prepend(self, lines: Sequence[LogLine]) -> bool:
        """The newest go where there are too many; True: some did."""
        self.lines[:0] = lines
        self.first -= len(lines)
        excess = len(self.lines) - self.limit
        if excess > 0:
            for line in reversed(self.lines[-excess:]):
                self._beyond[line.source] += line.parts
                self._let_go[line.source] = line
            del self.lines[-excess:]
        return excess > 0

    def edge(self, source: int, ahead: Sequence[LogLine] = ()) -> Edge:
        """Where the part of this source's log begins that is held. `ahead`: of that source, older, on their way."""
        mine = [*ahead, *(line for line in self.lines if line.source == source and line.stamp)]
        beyond = max(self._beyond[source], 0)
        if not mine and beyond:
            mine, beyond = [self._let_go[source]], beyond - self._let_go[source].parts
        if not mine:
            return Edge()
        until = epoch_of(mine[0].stamp) + 2 * SLACK
        known: Counter[Key] = Counter()
        for line in mine:
            if epoch_of(line.stamp) > until:
                break
            known[line.stamp, line.output] += line.parts
        last = max(line.stamp for line in mine) if beyond else ""
        return Edge(mine[0].stamp, known, sum(line.parts for line in mine) + beyond, last)
