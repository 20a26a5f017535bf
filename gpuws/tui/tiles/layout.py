"""How many hosts stand beside each other, and how high each is. Pure."""

from __future__ import annotations

from dataclasses import dataclass

NARROWEST, WIDEST = 24, 60
"""Cells of a tile, with the gap behind it."""
LOWEST, EASY, HIGHEST = 3, 6, 12
"""Lines of one, with the gap below it: what it must have, what reads well, and more than which is of no use."""


@dataclass(frozen=True, slots=True)
class Layout:
    columns: int
    width: int
    height: int

    def rows(self, hosts: int) -> int:
        return -(-hosts // self.columns)


def layout(hosts: int, width: int, height: int) -> Layout:
    """As few columns as let all hosts be seen, at an easy height or at a lower one; where that can't be, as many as
    there is room for."""
    most = max(width // NARROWEST, 1)
    least = min(max(-(-width // WIDEST), 1), most)
    hosts = max(hosts, 1)
    fitting = (
        columns
        for lines in range(EASY, LOWEST - 1, -1)
        for columns in range(least, most + 1)
        if -(-hosts // columns) * lines <= height
    )
    columns = next(fitting, most)
    rows = -(-hosts // columns)
    return Layout(columns, width // columns, min(max(height // rows, LOWEST), HIGHEST))
