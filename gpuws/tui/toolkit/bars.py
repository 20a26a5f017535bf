"""Bars and sparklines, thinner than a row: neighbours never melt into one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from gpuws.present.line import Line, Role, Span

_LEVELS = "▁▂▃▄▅▆"
"""The highest spark leaves air above it."""
_EIGHTHS = " ▏▎▍▌▋▊▉"
_COLUMNS = ((0x40, 0x44, 0x46, 0x47), (0x80, 0xA0, 0xB0, 0xB8))
"""Braille: the left and the right half of a cell, filled from below by one to four dots."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """What a bar is drawn with: whole cells, the half one at its end, and what is left of its way."""

    whole: str
    half: str
    track: str


BLOCK = Stroke("▄", "▖", "▁")
"""Half as high as the row."""
SLIM = Stroke("━", "╸", "─")
TREND = 20
"""Values of a GPU's trend: five minutes in steps of 15 s."""


def bar(fraction: float | None, size: int, role: Role, stroke: Stroke = BLOCK) -> Line:
    """`size` cells, in steps of half a cell; from one percent on the least of them shows. Unknown is a dotted line."""
    if size < 1:
        return ()
    if fraction is None:
        return (Span("┄" * size, "track"),)
    halves = round(min(max(fraction, 0.0), 1.0) * size * 2)
    whole, part = divmod(max(halves, 1) if fraction >= 0.01 else 0, 2)
    filled = stroke.whole * whole + stroke.half * part
    return (Span(filled, role), Span(stroke.track * (size - len(filled)), "track"))


def spark(percents: Iterable[float | None]) -> str:
    """One cell a value, 0 to 100 percent; unknown is blank."""
    most = len(_LEVELS)
    return "".join(" " if p is None else _LEVELS[min(int(max(p, 0.0) * most / 100), most - 1)] for p in percents)


def resampled(values: Sequence[float | None], size: int) -> list[float | None]:
    """`size` values for as many or as few: the mean of what falls into each, None where nothing is known."""
    number = len(values)
    found: list[float | None] = []
    for cell in range(size):
        first = cell * number // size
        part = [value for value in values[first : max((cell + 1) * number // size, first + 1)] if value is not None]
        found.append(sum(part) / len(part) if part else None)
    return found


@lru_cache(maxsize=1024)  # asked for each second, and new every 15 s
def trend(values: tuple[float | None, ...], size: int) -> str:
    """The last TREND values, 0 to 100 percent, in `size` cells of dots, the newest at the right edge.

    A known nothing is a row of dots at the bottom, unknown is blank."""
    if not values:
        return ""
    known = values[-TREND:]
    halves = resampled([*([None] * (TREND - len(known))), *known], size * 2)
    return "".join(_dots(*halves[at : at + 2]) for at in range(0, size * 2, 2))


def _dots(left: float | None, right: float | None) -> str:
    dots = sum(
        column[min(int(max(percent, 0.0) / 25), 3)]
        for column, percent in zip(_COLUMNS, (left, right), strict=True)
        if percent is not None
    )
    return chr(0x2800 + dots) if dots else " "


def progress(fraction: float | None, size: int) -> Line:
    """`▕██▍  `: how far a task is; unknown shows as a dotted line."""
    if fraction is None:
        return (Span("▕", "muted"), Span("┄" * size, "mine"))
    eighths = round(min(max(fraction, 0.0), 1.0) * size * 8)
    whole, part = divmod(max(eighths, 1) if fraction >= 0.01 else 0, 8)
    filled = "█" * whole + (_EIGHTHS[part] if part else "")
    return (Span("▕", "muted"), Span(filled, "mine"), Span(" " * (size - len(filled))))
