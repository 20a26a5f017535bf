"""A figure over time as an area of braille dots with its axes: from samples to lines. Pure."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from gpuws.model import units
from gpuws.model.timeline import NOTHING, Series
from gpuws.present.line import Line, Role, Span, one
from gpuws.tui.toolkit.fitting import cells, cut, right, spread, trim
from gpuws.tui.toolkit.fitting import width as cells_of

LABELS = 7
"""Cells left of the dots: the value at that height, and a blank."""
ROWS = 4
"""Dots of a cell, one over the other; there are two beside each other."""
BLANK = 0x2800
_LEFT = (0x00, 0x40, 0x44, 0x46, 0x47)  # so many dots from the bottom
_RIGHT = (0x00, 0x80, 0xA0, 0xB0, 0xB8)
_LEFT_DOT = (0x40, 0x04, 0x02, 0x01)  # the one at that height
_RIGHT_DOT = (0x80, 0x20, 0x10, 0x08)


@dataclass(frozen=True, slots=True)
class Figure:
    """What a chart is of. `name`: of its series. `said`: how it is now, "" where that is not known. `told`: a value
    with its unit. `top`: the value at the upper edge; None: whatever is the highest."""

    name: str
    title: str
    said: str
    told: Callable[[float], str]
    top: float | None = None


@dataclass(frozen=True, slots=True)
class Cursor:
    """A moment: steps `first` … `last` of what is shown, 0 the oldest. `clock`: what the clock showed then."""

    first: int
    last: int
    clock: str


@dataclass(frozen=True, slots=True)
class Chart:
    """`series`: the steps from the left edge to the right one. `marks`: words under places from 0, the left edge, to
    1; one that would touch an earlier one is left out. `nothing`: what is said where there
    is nothing to draw."""

    figure: Figure
    series: Series = NOTHING
    marks: tuple[tuple[float, str], ...] = ()
    cursor: Cursor | None = None
    nothing: str = ""


class _Dots(NamedTuple):
    """Of one column: how many from the bottom are filled, 0: unknown; and at which height the highest sample is."""

    filled: int = 0
    peak: int = 0


def draw(chart: Chart, width: int, height: int) -> list[Line]:
    """`height` lines of at most `width` cells: title, dots, and marks of time where there is room for them."""
    size = max(width - LABELS, 2)
    marked = height > 3
    rows = max(height - 1 - marked, 1)
    top = top_of(chart)
    at = None if chart.cursor is None else cell_of(chart.cursor.last, len(chart.series.counts), size)
    labels = _labels(chart.figure, top, rows)
    dots = _dots(chart.series, size * 2, top, rows * ROWS)
    plot = [
        (Span(right(label, LABELS - 1) + " ", "muted"), *_row(dots, rows - 1 - row, at))
        for row, label in enumerate(labels)
    ]
    if chart.series.peak is None and chart.nothing:
        plot[rows // 2] = (Span(" " * LABELS), Span(cut(chart.nothing, size), "muted"))
    found = [_title(chart, width), *plot]
    return [*found, _marks(chart, size, at)] if marked else found


def cell_of(step: int, steps: int, size: int) -> int:
    """Which of `size` cells has that step."""
    return min(max(step * size // max(steps, 1), 0), size - 1)


def steps_of(cell: int, steps: int, size: int) -> tuple[int, int]:
    """First and last step of that cell."""
    first = cell * steps // size
    return first, max((cell + 1) * steps // size - 1, first)


def top_of(chart: Chart) -> float:
    """The value at the upper edge; more than the figure's own where a sample was higher."""
    peak, wanted = chart.series.peak or 0.0, chart.figure.top or 0.0
    return wanted if wanted >= peak and wanted > 0 else round_up(peak)


def round_up(value: float) -> float:
    """To 1, 2, 4 or 8 of its power of ten: halves of it read well, too."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next((power * step for step in (1, 2, 4, 8) if power * step >= value), power * 10)


# what is read


def _title(chart: Chart, width: int) -> Line:
    """What is told of the whole stretch gives way to the value."""
    name: Line = (Span(f" {chart.figure.title}", "head"), Span("  "))
    fitting = ((*name, *value) for value in _values(chart) if cells_of((*name, *value)) <= width)
    start = trim(next(fitting, (*name, *_values(chart)[-1])), width)
    room = width - cells_of(start) - 2
    end = next((text for text in _whole(chart) if cells(text) <= room), "")
    return spread(start, (Span(end, "muted"),), width)


def _whole(chart: Chart) -> tuple[str, ...]:
    """Mean and highest of all that is shown, in fewer and fewer words."""
    mean, peak, told = chart.series.mean, chart.series.peak, chart.figure.told
    if mean is None or peak is None:
        return ()
    return f"mean {told(mean)}  peak {told(peak)}", f"peak {told(peak)}"


def _values(chart: Chart) -> tuple[Line, ...]:
    """As it is now, or as it was at the cursor, in fewer and fewer words: the clock stands below the dots, too."""
    figure, cursor = chart.figure, chart.cursor
    if cursor is None:
        return (one(figure.said or units.DASH, "strong"),)
    mean, peak = at(chart.series, cursor.first, cursor.last)
    if mean is None or peak is None:
        return ((Span(units.DASH, "key"), Span(f" not seen at {cursor.clock}", "muted")),)
    told, most = figure.told(mean), figure.told(peak)
    above = f" peak {most}" if most != told else ""
    return tuple((Span(told, "key"), Span(more, "muted")) for more in (f"{above} at {cursor.clock}", above, ""))


def at(series: Series, first: int, last: int) -> tuple[float | None, float | None]:
    """Mean and highest sample of these steps."""
    part = slice(first, last + 1)
    means, peaks, counts = series.means[part], series.peaks[part], series.counts[part]
    known = [(mean, max(count, 1)) for mean, count in zip(means, counts, strict=True) if mean is not None]
    weight = sum(count for _, count in known)
    mean = sum(mean * count for mean, count in known) / weight if known else None
    return mean, max((peak for peak in peaks if peak is not None), default=None)


def _labels(figure: Figure, top: float, rows: int) -> list[str]:
    """A value for each row, from the top: at both edges and, where there is room, between them."""
    found = [""] * rows
    found[0] = figure.told(top)
    if rows > 1:
        found[-1] = figure.told(0.0)
    if rows > 4:
        found[rows // 2] = figure.told(top / 2)
    return found


def _marks(chart: Chart, size: int, at: int | None) -> Line:
    """The words under the dots; where the cursor's clock is, there is none of them."""
    under = [" "] * size
    told = "" if chart.cursor is None or at is None else cut(chart.cursor.clock, size)
    start = 0 if at is None else min(max(at - len(told) // 2, 0), size - len(told))
    _write(under, start, told)
    for place, word in chart.marks:
        _write(under, min(max(round(place * size - len(word) / 2), 0), size - len(word)), word)
    end = start + len(told)
    return (
        Span(" " * LABELS + "".join(under[:start]), "faint"), Span(told, "key"), Span("".join(under[end:]), "faint"),
    )  # fmt: skip


def _write(line: list[str], start: int, word: str) -> None:
    """Not where it would touch what stands there."""
    if start >= 0 and not "".join(line[max(start - 1, 0) : start + len(word) + 1]).strip():
        line[start : start + len(word)] = word


# dots


def area(series: Series, size: int, rows: int, top: float) -> list[Line]:
    """The dots alone: `rows` lines of `size` cells."""
    dots = _dots(series, size * 2, top, rows * ROWS)
    return [tuple(_row(dots, row, None)) for row in range(rows - 1, -1, -1)]


def _dots(series: Series, columns: int, top: float, levels: int) -> list[_Dots]:
    """One for each column of dots. What is known is at least one dot high."""
    steps = len(series.counts)
    if not steps:
        return [_Dots()] * columns
    spans = (steps_of(column, steps, columns) for column in range(columns))
    return [_column(*_in(series, *span), top, levels) for span in spans]


def _in(series: Series, first: int, last: int) -> tuple[float | None, float | None]:
    return (series.means[first], series.peaks[first]) if first == last else at(series, first, last)


def _column(mean: float | None, peak: float | None, top: float, levels: int) -> _Dots:
    if mean is None:
        return _Dots()
    filled = _level(mean, top, levels)
    return _Dots(filled, max(_level(peak if peak is not None else mean, top, levels), filled))


def _level(value: float, top: float, levels: int) -> int:
    return min(max(round(value / top * levels), 1), levels)


def _row(dots: Sequence[_Dots], row: int, cursor: int | None) -> list[Span]:
    """`row`: 0 at the bottom. The cursor is a line, which is seen without colours too, bright as high as the value."""
    floor = row * ROWS
    found: list[tuple[str, Role]] = []
    for column in range(0, len(dots), 2):
        near, far = dots[column], dots[column + 1]
        filled = _LEFT[_clipped(near.filled - floor)] | _RIGHT[_clipped(far.filled - floor)]
        peaks = _dot(_LEFT_DOT, near.peak - floor) | _dot(_RIGHT_DOT, far.peak - floor)
        dotted = filled | peaks
        inside = _edge(near, far) >= floor + ROWS + 1
        role: Role = "track" if inside else "calm" if filled else "faint"
        if column // 2 == cursor:
            found.append(("│", "key" if dotted else "faint"))
        else:
            found.append((chr(BLANK | dotted) if dotted else " ", role))
    return [Span("".join(text for text, _ in run), role) for role, run in groupby(found, key=lambda cell: cell[1])]


def _edge(near: _Dots, far: _Dots) -> int:
    """How high both are filled; where only one is known it does not end there, we just don't know more."""
    return min((each.filled for each in (near, far) if each.filled), default=0)


def _clipped(over: int) -> int:
    return 0 if over < 0 else min(over, ROWS)


def _dot(table: Sequence[int], height: int) -> int:
    return table[height - 1] if 0 < height <= ROWS else 0


def clock(at: float, seconds: float) -> str:
    """What the clock showed; to the second where so much is told."""
    return time.strftime("%H:%M:%S" if seconds < 60 else "%H:%M", time.localtime(at))
