"""Tables: columns and rows of cells. The shell and the screen draw the same ones, each in its own way. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gpuws.model import units
from gpuws.present.line import Line, one

Only = Literal["", "shell", "screen"]

NOTHING = one(units.DASH, "faint")


@dataclass(frozen=True, slots=True)
class Column:
    """`at_right`: figures, which stand at the right edge. `only`: it is shown there alone.

    On the screen it has `size` cells, as many as `roomy` where there is room; with a size of 0 it has what remains, at
    least `least`. Where that is narrow the column with the highest `drop` leaves first, with 0 it never does. In the
    shell it is as wide as its texts; where that is narrow columns leave from the right, but for the first and those
    that are `kept`; an `extra` one is there only where nothing has to be cut for it."""

    title: str
    size: int = 0
    at_right: bool = False
    drop: int = 0
    kept: bool = False
    roomy: int = 0
    least: int = 16
    only: Only = ""
    extra: bool = False


@dataclass(frozen=True, slots=True)
class TableRow:
    """`key`: what it is about, for whoever selects it. `cells`: one for each column. `level`: it belongs to the nearest
    row above it whose level is lower. `sum`: it sums up the others and stays below them. `across`: what the screen
    shows over all columns instead."""

    key: str
    cells: tuple[Line, ...]
    level: int = 0
    sum: bool = False
    across: Line = ()


@dataclass(frozen=True, slots=True)
class Table:
    """`empty` says what would be here and the key that makes it."""

    columns: tuple[Column, ...] = ()
    rows: tuple[TableRow, ...] = ()
    empty: str = ""
