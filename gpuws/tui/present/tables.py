"""Tables: columns, rows of cells, and a line from both. What one of them shows is in `panels`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from gpuws.present.line import Line, Span
from gpuws.tui.present.line import fit, left, right, trim, width

GAP = Span("  ")


@dataclass(frozen=True, slots=True)
class Column:
    """`size` in cells; 0: takes what remains. `drop`: leaves first where the table is narrow; 0 never leaves."""

    title: str
    size: int
    at_right: bool = False
    drop: int = 0


@dataclass(frozen=True, slots=True)
class TableRow:
    key: str
    cells: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """`empty` says what would be here and the key that makes it."""

    columns: tuple[Column, ...] = ()
    rows: tuple[TableRow, ...] = field(default=())
    empty: str = ""


REST_MIN = 16


def visible(columns: Sequence[Column], size: int) -> list[tuple[int, int]]:
    """(index, width) of the columns that fit into `size` cells."""
    shown = list(range(len(columns)))
    for column in sorted((c for c in columns if c.drop), key=lambda c: -c.drop):
        if _needed(columns, shown) <= size:
            break
        shown.remove(columns.index(column))
    room = max(size - _needed(columns, shown) + REST_MIN, 4)
    return [(index, columns[index].size or room) for index in shown]


def _needed(columns: Sequence[Column], shown: Sequence[int]) -> int:
    return 2 + sum(columns[i].size or REST_MIN for i in shown) + len(GAP.text) * (len(shown) - 1)


def heading(table: Table, size: int) -> Line:
    parts: list[Span] = [Span("  ")]
    for number, (index, room) in enumerate(visible(table.columns, size)):
        column = table.columns[index]
        title = (right if column.at_right else left)(column.title, room)
        parts += [GAP, Span(title, "head")] if number else [Span(title, "head")]
    return fit(tuple(parts), size)


def table_line(table: Table, row: TableRow, size: int, mark: str = "") -> Line:
    """`mark`: one cell in front of the row, after the cell that shows the cursor."""
    parts: list[Span] = [Span(" "), Span(mark or " ", "key")]
    for number, (index, room) in enumerate(visible(table.columns, size)):
        column, cell = table.columns[index], row.cells[index]
        if number:
            parts.append(GAP)
        if column.at_right:
            cell = trim(cell, room)
            parts += [Span(" " * (room - width(cell))), *cell]
        else:
            parts += fit(cell, room)
    return fit(tuple(parts), size)
