"""Tables on the screen: which columns fit, the heading, and a line for each row."""

from __future__ import annotations

from collections.abc import Sequence

from gpuws.present.line import Line, Span
from gpuws.present.table import Column, Table, TableRow
from gpuws.tui.present.line import fit, left, right, trim, width

GAP = Span("  ")
REST_MIN = 16
"""Cells that a column which takes what remains needs to be of use."""


def visible(columns: Sequence[Column], size: int) -> list[tuple[int, int]]:
    """(index, width) of the columns that fit into `size` cells."""
    shown = [index for index, column in enumerate(columns) if column.only != "shell"]
    for column in sorted((columns[index] for index in shown if columns[index].drop), key=lambda c: -c.drop):
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
