"""Tables on the screen: which columns fit and where they stand, the heading, and a line for each row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from gpuws.present.line import Line, Span
from gpuws.present.tables.base import Column, Table, TableRow
from gpuws.tui.toolkit.fitting import cells, cut, fit, left, trim, width


@dataclass(frozen=True, slots=True)
class Frame:
    """Cells before the first column and between two. `comfort`: cells that the column which takes what remains gets
    beyond its least, before others get more than theirs."""

    lead: int = 2
    gap: int = 2
    comfort: int = 16


class Placed(NamedTuple):
    """A column (its index) that is shown: its first cell, and how many it has."""

    column: int
    at: int
    size: int


class Arrow(NamedTuple):
    """Rows are sorted by this column (its index)."""

    column: int
    sign: str


TABLE = Frame()
"""The cells before the first column show the cursor and the mark."""


@lru_cache(maxsize=256)
def placed(columns: tuple[Column, ...], size: int, frame: Frame = TABLE) -> tuple[Placed, ...]:
    """The columns that fit into `size` cells, from left to right."""
    shown = _fitting(columns, size, frame)
    spare = size - _needed(columns, shown, frame)
    found: list[Placed] = []
    at = frame.lead
    sizes = dict(_grown(columns, shown, spare, frame.comfort))
    spare -= sum(sizes[index] - (columns[index].size or columns[index].least) for index in shown)
    for index in shown:
        room = sizes[index] if columns[index].size else max(sizes[index] + spare, 4)
        found.append(Placed(index, at, room))
        at += room + frame.gap
    return tuple(found)


def _fitting(columns: Sequence[Column], size: int, frame: Frame) -> list[int]:
    every = [index for index, column in enumerate(columns) if column.only != "shell"]
    shown = [index for index in every if not columns[index].extra]
    for index in sorted((index for index in shown if columns[index].drop), key=lambda index: -columns[index].drop):
        if _needed(columns, shown, frame) > size:
            shown.remove(index)
    for extra in (index for index in every if columns[index].extra):
        more = sorted([*shown, extra])
        wanted = sum(max(columns[i].roomy - columns[i].size, 0) if columns[i].size else frame.comfort for i in shown)
        if _needed(columns, more, frame) + wanted <= size:
            shown = more
    return shown


def _grown(columns: Sequence[Column], shown: Sequence[int], spare: int, comfort: int) -> Iterator[tuple[int, int]]:
    """Each column's size, from left to right as near to what it wants as there is room."""
    for index in shown:
        column = columns[index]
        more = min(max(column.roomy - column.size, 0), max(spare - comfort, 0)) if column.size else 0
        spare -= more
        yield index, (column.size or column.least) + more


def _needed(columns: Sequence[Column], shown: Sequence[int], frame: Frame) -> int:
    sizes = sum(columns[i].size or columns[i].least for i in shown)
    return frame.lead + sizes + frame.gap * (len(shown) - 1)


def heading(
    columns: tuple[Column, ...], size: int, arrow: Arrow | None = None, places: Sequence[Placed] | None = None
) -> Line:
    """`arrow`: stands beside the title, away from the edge at which that stands."""
    text, mark = "", -1
    for index, at, room in placed(columns, size) if places is None else places:
        title = cut(columns[index].title, room)
        start = at + room - cells(title) if columns[index].at_right else at
        text = text.ljust(start) + title
        if arrow is not None and index == arrow.column:
            mark = start - 1 if columns[index].at_right else min(start + cells(title), size - 1)
    text = left(text, size)
    if arrow is None or not 0 <= mark < size:
        return (Span(text, "head"),)
    return (Span(text[:mark], "head"), Span(arrow.sign, "key"), Span(text[mark + 1 :], "head"))


def column_at(places: Iterable[Placed], x: int) -> int | None:
    """The index of the column that stands there; the cells left of a column are its own, too."""
    return next((index for index, at, room in places if x < at + room), None)


def laid(parts: Iterable[tuple[Placed, Line]], size: int, start: Line = ()) -> Line:
    """Cells at their columns' places. `start`: what stands before them."""
    spans: list[Span] = [*start]
    at = width(start)
    for place, cell in parts:
        if place.at > at:
            spans.append(Span(" " * (place.at - at)))
        spans += fit(cell, place.size)
        at = place.at + place.size
    return fit(tuple(spans), size)


def table_line(table: Table, row: TableRow, size: int, mark: str = "") -> Line:
    """`mark`: one cell in front of the row, after the cell that shows the cursor."""
    start = (Span(" "), Span(mark or " ", "key"))
    if row.across:
        return fit((*start, *row.across), size)
    parts = ((place, _cell(table.columns[place.column], row.cells[place.column], place.size))
             for place in placed(table.columns, size))  # fmt: skip
    return laid(parts, size, start)


def _cell(column: Column, cell: Line, room: int) -> Line:
    return at_right(cell, room) if column.at_right else cell


def at_right(cell: Line, room: int) -> Line:
    """At the right edge of `room` cells."""
    cell = trim(cell, room)
    return (Span(" " * (room - width(cell))), *cell)
