"""Aligned tables for stdout: plain text in a pipe, cut to the width and coloured on a terminal."""

from __future__ import annotations

import os
import shutil
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from gpuws.model.text import plain

Tone = Literal["", "good", "warm", "bad", "mine", "dim"]
GAP = "  "
_COLOURS: Mapping[str, str] = {"good": "32", "warm": "33", "bad": "31", "mine": "36", "dim": "2"}


@dataclass(frozen=True, slots=True)
class Cell:
    text: str
    tone: Tone = ""


@dataclass(frozen=True, slots=True)
class Table:
    """`right`: titles of the columns whose text stands at the right."""

    titles: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    right: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Style:
    """`width` None: lines are never cut."""

    width: int | None = None
    colour: bool = False


def style() -> Style:
    """What stdout can show."""
    if not sys.stdout.isatty():
        return Style()
    plain_wanted = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return Style(shutil.get_terminal_size().columns, not plain_wanted)


def render(table: Table, style: Style, at_least: Sequence[int] = ()) -> list[str]:
    """The lines of `table`, its titles first. `at_least`: columns are never narrower."""
    rows = _rows(table)
    found = _widths(rows, at_least)
    right = [title in table.right for title in table.titles]
    return [_line(row, found, right, style) for row in rows]


def widths(table: Table, at_least: Sequence[int] = ()) -> tuple[int, ...]:
    """The columns' widths."""
    return _widths(_rows(table), at_least)


def _rows(table: Table) -> list[tuple[Cell, ...]]:
    titles = tuple(Cell(title, "dim") for title in table.titles)
    return [titles, *(tuple(Cell(plain(cell.text), cell.tone) for cell in row) for row in table.rows)]


def _widths(rows: Sequence[Sequence[Cell]], at_least: Sequence[int]) -> tuple[int, ...]:
    found = (max(columns(cell.text) for cell in column) for column in zip(*rows, strict=True))
    return tuple(max(pair) for pair in zip(found, at_least or [0] * len(rows[0]), strict=True))


def _line(row: Sequence[Cell], widths: Sequence[int], right: Sequence[bool], style: Style) -> str:
    left = style.width
    parts: list[str] = []
    for index, (cell, width, at_right) in enumerate(zip(row, widths, right, strict=True)):
        gap = GAP if index else ""
        last = index == len(row) - 1
        padding = " " * (width - columns(cell.text))
        text = padding + cell.text if at_right else cell.text + ("" if last else padding)
        if left is not None:
            text = cut(text, left - len(gap))
            left -= len(gap) + columns(text)
            if left < 0 or not text:
                break
        parts.append(gap + coloured(Cell(text, cell.tone), style))
    return "".join(parts).rstrip() if not style.colour else "".join(parts)


def coloured(cell: Cell, style: Style) -> str:
    text = cell.text
    return f"\x1b[{_COLOURS[cell.tone]}m{text}\x1b[0m" if style.colour and cell.tone and text.strip() else text


def columns(text: str) -> int:
    """How many columns of a terminal `text` takes: wide characters two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(_columns(char) for char in text)


def _columns(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def cut(text: str, width: int) -> str:
    """`text` in at most `width` columns, `…` where something is missing."""
    if columns(text) <= width:
        return text
    kept, used = "", 0
    for char in text:
        used += _columns(char)
        if used > width - 1:
            break
        kept += char
    return kept + "…" if width > 0 else ""
