"""Tables on the screen: which columns fit, the heading, and a line for each row."""

from __future__ import annotations

from collections.abc import Sequence

from gpuws.present.line import Line, Span
from gpuws.present.tables.base import Column, Table, TableRow
from gpuws.tui.toolkit.fitting import fit, left, right, trim, width

GAP = Span("  ")
COMFORT = 16
"""Cells that the column which takes what remains gets beyond its least, before others get more than theirs."""


def visible(columns: Sequence[Column], size: int) -> list[tuple[int, int]]:
    """(index, width) of the columns that fit into `size` cells."""
    shown = [index for index, column in enumerate(columns) if column.only != "shell"]
    for column in sorted((columns[index] for index in shown if columns[index].drop), key=lambda c: -c.drop):
        if _needed(columns, shown) <= size:
            break
        shown.remove(columns.index(column))
    spare = size - _needed(columns, shown)
    sizes = {}
    for index in shown:
        column = columns[index]
        more = min(max(column.roomy - column.size, 0), max(spare - COMFORT, 0)) if column.size else 0
        sizes[index] = column.size + more
        spare -= more
    return [(index, sizes[index] or max(columns[index].least + spare, 4)) for index in shown]


def _needed(columns: Sequence[Column], shown: Sequence[int]) -> int:
    return 2 + sum(columns[i].size or columns[i].least for i in shown) + len(GAP.text) * (len(shown) - 1)


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
