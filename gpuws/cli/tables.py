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
FLOOR = 12
"""Columns of text get no narrower while others could leave."""
_COLOURS: Mapping[str, str] = {"good": "32", "warm": "33", "bad": "31", "mine": "36", "dim": "2"}


@dataclass(frozen=True, slots=True)
class Cell:
    text: str
    tone: Tone = ""


@dataclass(frozen=True, slots=True)
class Table:
    """`right`: titles of the columns whose text stands at the right; figures are never cut.

    `kept`: titles of the columns that no width makes leave, as the first never does; others leave from the right."""

    titles: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    right: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()


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
    shown = _shown(table, _widths(rows, at_least), style.width)
    return [_line(row, shown, table, style) for row in rows]


def widths(table: Table, at_least: Sequence[int] = ()) -> tuple[int, ...]:
    """The columns' widths."""
    return _widths(_rows(table), at_least)


def _rows(table: Table) -> list[tuple[Cell, ...]]:
    titles = tuple(Cell(title, "dim") for title in table.titles)
    return [titles, *(tuple(Cell(plain(cell.text), cell.tone) for cell in row) for row in table.rows)]


def _widths(rows: Sequence[Sequence[Cell]], at_least: Sequence[int]) -> tuple[int, ...]:
    found = (max(columns(cell.text) for cell in column) for column in zip(*rows, strict=True))
    return tuple(max(pair) for pair in zip(found, at_least or [0] * len(rows[0]), strict=True))


def _shown(table: Table, natural: Sequence[int], room: int | None) -> dict[int, int]:
    """The columns that fit into `room`, by index, and their widths."""
    shown = dict(enumerate(natural))
    if room is None:
        return shown
    fixed = {index for index, title in enumerate(table.titles) if title in table.right}
    least = {index: size if index in fixed else min(size, FLOOR) for index, size in shown.items()}
    for index in reversed(range(1, len(natural))):
        if _total(least) <= room:
            break
        if table.titles[index] not in table.kept:
            del least[index]
    figures = {index: size for index, size in least.items() if index in fixed}
    words = {index: natural[index] for index in least if index not in fixed}
    gaps = len(GAP) * (len(least) - 1)
    return dict(sorted((figures | _level(words, room - gaps - sum(figures.values()))).items()))


def _level(sizes: Mapping[int, int], room: int) -> dict[int, int]:
    """`sizes`, the largest cut to the same, so that all fit into `room`: one long name costs its own column most."""
    found: dict[int, int] = {}
    for left, (index, size) in zip(
        range(len(sizes), 0, -1), sorted(sizes.items(), key=lambda one: one[1]), strict=True
    ):
        found[index] = max(min(size, room // left), 1)
        room -= found[index]
    return found


def _total(sizes: Mapping[int, int]) -> int:
    return sum(sizes.values()) + len(GAP) * (len(sizes) - 1)


def _line(row: Sequence[Cell], shown: Mapping[int, int], table: Table, style: Style) -> str:
    parts = []
    for index, width in shown.items():
        text = cut(row[index].text, width)
        padding = " " * (width - columns(text))
        text = padding + text if table.titles[index] in table.right else text + padding
        parts.append(coloured(Cell(text, row[index].tone), style))
    line = GAP.join(parts)
    return line if style.colour else line.rstrip()


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
