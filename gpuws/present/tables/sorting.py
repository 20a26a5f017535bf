"""Rows by one of their columns: which one, which way, and what comes before what. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from gpuws.model import units
from gpuws.present.line import Line, text_of
from gpuws.present.tables.base import Table, TableRow

FALLING, RISING = "↓", "↑"
Rank = float | str | tuple[float | str, ...]
T = TypeVar("T")

_DURATION = re.compile(r"(\d+)(h|d|m|s)(\d\d)?")
_FIGURE = re.compile(r"[≥~↑↓ ]*(\d+(?:\.\d+)?)(?:/[\d.–]+)?\s*([KMGTPk]?)")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_POWERS = {"": 0, "K": 1, "k": 1, "M": 2, "G": 3, "T": 4, "P": 5}


@dataclass(frozen=True, slots=True)
class Sort:
    """`column`: its name, "" for rows as they come. `reverse`: against the column's usual way."""

    column: str = ""
    reverse: bool = False

    def by(self, column: str) -> Sort:
        """Chosen again, a column turns round."""
        return Sort(column, column == self.column and not self.reverse)

    def beside(self, columns: Sequence[str], step: int) -> Sort:
        """By a column further to the right (1) or left (-1); beyond the last one rows are as they come."""
        every = ("", *columns)
        at = every.index(self.column) if self.column in every else 0
        return Sort(every[(at + step) % len(every)])

    def falls(self, usually: bool) -> bool:
        """The highest first."""
        return usually is not self.reverse


def arranged(items: Iterable[T], rank: Callable[[T], Rank | None], *, falling: bool) -> list[T]:
    """By rank; what has none is last, whichever way. Equals stay as they come."""
    ranked = [(rank(item), item) for item in items]
    known = [(value, item) for value, item in ranked if value is not None]
    known.sort(key=lambda pair: pair[0], reverse=falling)
    return [*(item for _, item in known), *(item for value, item in ranked if value is None)]


def by_column(table: Table, sort: Sort) -> Sequence[TableRow]:
    """The table's rows: those that belong to the row above stay under it, sums stay last. A column that the table has
    not changes nothing."""
    index = next((at for at, column in enumerate(table.columns) if column.title and column.title == sort.column), None)
    if index is None:
        return table.rows
    column = table.columns[index]
    read = figure if column.at_right else word
    falling = sort.falls(column.at_right)

    def level(rows: Sequence[TableRow]) -> list[TableRow]:
        found: list[TableRow] = []
        for head, under in arranged(families(rows), lambda family: read(family[0].cells[index]), falling=falling):
            found += [head, *level(under)]
        return found

    return [*level([row for row in table.rows if not row.sum]), *(row for row in table.rows if row.sum)]


def families(rows: Sequence[TableRow]) -> Iterator[tuple[TableRow, Sequence[TableRow]]]:
    """Each row with those that belong to it."""
    at = 0
    while at < len(rows):
        end = at + 1
        while end < len(rows) and rows[end].level > rows[at].level:
            end += 1
        yield rows[at], rows[at + 1 : end]
        at = end


def word(cell: Line) -> Rank | None:
    """As people sort words: letters alike in either case, and gpu2 before gpu10."""
    text = text_of(cell).strip().casefold()
    if text in ("", units.DASH):
        return None
    parts = re.split(r"(\d{1,18})", text)
    return tuple(int(part) if number % 2 else part for number, part in enumerate(parts))


def figure(cell: Line) -> Rank | None:
    """What a cell with a figure says, in its smallest unit: `3h12`, `74/80G`, `1.5T`, `95%`, `4.1 kW`. A word comes
    before all figures; of `–/80G` nothing is known."""
    text = text_of(cell).strip()
    if text == "" or text.partition("/")[0] == units.DASH:
        return None
    if found := _DURATION.fullmatch(text):
        return (1, int(found[1]) * _SECONDS[found[2]] + int(found[3] or 0) * 60)
    if found := _FIGURE.match(text):
        return (1, float(found[1]) * 1024 ** _POWERS[found[2]])
    return (0, text.casefold())
