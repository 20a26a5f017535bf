"""Aligned tables for stdout: plain text in a pipe, cut to the width and coloured on a terminal."""

from __future__ import annotations

import os
import shutil
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from gpuws.model.text import plain
from gpuws.present.line import Line, Role, Span, one, text_of
from gpuws.present.tables.base import Column, Table

GAP = "  "
FLOOR = 12
"""Columns of text get no narrower while others could leave."""
_COLOURS: Mapping[Role, str] = {
    "strong": "1", "title": "1;36", "key": "36", "ok": "32", "free": "1;32", "mine": "1;35",
    "warn": "33", "idle": "33", "error": "31", "warm": "33", "hot": "31",
    "head": "2", "faint": "2", "rule": "2", "track": "2",
}  # fmt: skip


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
    """The lines of `table` as they are printed. `at_least`: columns are never narrower."""
    found = (coloured(line, style) for line in lines_of(table, style.width, at_least))
    return [line if style.colour else line.rstrip() for line in found]


def lines_of(table: Table, room: int | None, at_least: Sequence[int] = ()) -> list[Line]:
    """The titles and the rows, aligned; in `room` columns where that is not None."""
    shown, rows = _drawn(table)
    sizes = _fitting(shown, _widths(rows, at_least), room)
    return [_line(row, shown, sizes) for row in rows]


def widths(table: Table, at_least: Sequence[int] = ()) -> tuple[int, ...]:
    """The columns' widths."""
    return _widths(_drawn(table)[1], at_least)


def _drawn(table: Table) -> tuple[list[Column], list[list[Line]]]:
    """The columns that are for the shell, and all rows with the cells of these, the titles first."""
    shown = [index for index, column in enumerate(table.columns) if column.only != "screen"]
    titles = [one(table.columns[index].title, "head") for index in shown]
    rows = [[harmless(row.cells[index]) for index in shown] for row in table.rows]
    return [table.columns[index] for index in shown], [titles, *rows]


def harmless(cell: Line) -> Line:
    """Nothing in it steers a terminal; what does not stays as it is, with its spaces."""
    return tuple(span if span.text.isprintable() else Span(plain(span.text), span.role) for span in cell)


def _widths(rows: Sequence[Sequence[Line]], at_least: Sequence[int]) -> tuple[int, ...]:
    found = (max(columns(text_of(cell)) for cell in column) for column in zip(*rows, strict=True))
    return tuple(max(pair) for pair in zip(found, at_least or [0] * len(rows[0]), strict=True))


def _fitting(shown: Sequence[Column], natural: Sequence[int], room: int | None) -> dict[int, int]:
    """The columns that fit into `room`, by index, and their widths."""
    sizes = dict(enumerate(natural))
    if room is None:
        return sizes
    fixed = {index for index, column in enumerate(shown) if column.at_right}
    least = {index: size if index in fixed else min(size, FLOOR) for index, size in sizes.items()}
    for index in [index for index, column in enumerate(shown) if column.extra]:
        if _total(sizes | {index: least[index]}) > room:
            del least[index], sizes[index]
    for index in reversed(range(1, len(natural))):
        if _total(least) <= room:
            break
        if not shown[index].kept:
            least.pop(index, None)
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


def _line(row: Sequence[Line], shown: Sequence[Column], sizes: Mapping[int, int]) -> Line:
    spans: list[Span] = []
    for index, width in sizes.items():
        spans += [Span(GAP)] if spans else []
        spans += _cell(row[index], width, shown[index].at_right)
    return tuple(spans)


def _cell(cell: Line, width: int, at_right: bool) -> Line:
    """Of exactly `width` columns; a cell of one role has it in its padding, too."""
    spans = _cut(cell, width)
    padding = " " * (width - columns(text_of(spans)))
    if len(spans) == 1:
        text, role = spans[0]
        spans = (Span(padding + text if at_right else text + padding, role),)
    else:
        spans = (Span(padding), *spans) if at_right else (*spans, Span(padding))
    return spans


def filled(line: Line, width: int) -> Line:
    """Of exactly `width` columns."""
    kept = _cut(line, width)
    return (*kept, Span(" " * (width - columns(text_of(kept)))))


def _cut(cell: Line, width: int) -> Line:
    if len(cell) == 1 or columns(text_of(cell)) <= width:
        return tuple(Span(cut(span.text, width), span.role) for span in cell)
    kept: list[Span] = []
    for span in cell:
        kept.append(Span(cut(span.text, width), span.role))
        width -= columns(kept[-1].text)
        if kept[-1].text != span.text or not width:
            break
    return tuple(kept)


def coloured(line: Iterable[Span], style: Style) -> str:
    """`line` with its colours, where there are such."""
    return "".join(_coloured(span, style) for span in line)


def _coloured(span: Span, style: Style) -> str:
    colour = _COLOURS.get(span.role) if style.colour and span.text.strip() else None
    return f"\x1b[{colour}m{span.text}\x1b[0m" if colour else span.text


def columns(text: str) -> int:
    """How many columns of a terminal `text` takes: wide characters two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(_columns(char) for char in text)


@cache
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
