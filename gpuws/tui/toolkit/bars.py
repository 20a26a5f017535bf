"""Eighth-block bars and sparklines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gpuws.present.line import Line, Role, Span

_EIGHTHS = " ▏▎▍▌▋▊▉"
_LEVELS = "▁▂▃▄▅▆▇█"
TRACK = "▁"
TREND = 20
"""Values of a GPU's trend: five minutes in steps of 15 s."""


def level(percent: float | None, thresholds: tuple[float, float]) -> Role:
    """calm below the first threshold, hot from the second on."""
    if percent is None:
        return "muted"
    return "calm" if percent < thresholds[0] else "warm" if percent < thresholds[1] else "hot"


def bar(fraction: float | None, size: int, role: Role) -> Line:
    """`size` cells. From one percent on at least a sliver shows; unknown is a faint dotted line."""
    if size < 1:
        return ()
    if fraction is None:
        return (Span("┄" * size, "faint"),)
    eighths = round(min(max(fraction, 0.0), 1.0) * size * 8)
    eighths = max(eighths, 1) if fraction >= 0.01 else 0
    whole, part = divmod(eighths, 8)
    filled = "█" * whole + (_EIGHTHS[part] if part else "")
    return (Span(filled, role), Span(TRACK * (size - len(filled)), "track"))


def spark(percents: Iterable[float | None]) -> str:
    """One cell a value, 0 to 100 percent; unknown is blank."""
    return "".join(" " if p is None else _LEVELS[min(int(min(max(p, 0.0), 100.0) / 12.5), 7)] for p in percents)


def resampled(values: Sequence[float | None], size: int) -> list[float | None]:
    """`size` values for as many or as few: the mean of what falls into each, None where nothing is known."""
    number = len(values)
    found: list[float | None] = []
    for cell in range(size):
        first = cell * number // size
        part = [value for value in values[first : max((cell + 1) * number // size, first + 1)] if value is not None]
        found.append(sum(part) / len(part) if part else None)
    return found


def trend(values: Sequence[float | None], size: int) -> str:
    """A sparkline of `size` cells of the last TREND values, the newest at its right edge."""
    if not values:
        return ""
    known = values[-TREND:]
    return spark(resampled([*([None] * (TREND - len(known))), *known], size))


def graph(values: Sequence[float | None], size: int, height: int) -> list[str]:
    """Rows of `size` cells, the highest first: 0 to 100 percent, the newest value at the right edge."""
    eighths = [
        None if v is None else round(min(max(v, 0.0), 100.0) * height * 8 / 100) for v in resampled(values, size)
    ]
    return ["".join(_cell(each, floor) for each in eighths) for floor in range((height - 1) * 8, -1, -8)]


def _cell(eighths: int | None, floor: int) -> str:
    """What a row whose bottom is at `floor` shows of a column; a known nothing is a thin line at the very bottom."""
    if eighths is None:
        return " "
    over = eighths - floor
    if over <= 0:
        return _LEVELS[0] if floor == 0 else " "
    return _LEVELS[min(over, 8) - 1]


def progress(fraction: float | None, size: int) -> Line:
    """`▕██▍  `: how far a task is; unknown shows as a dotted line."""
    if fraction is None:
        return (Span("▕", "muted"), Span("┄" * size, "mine"))
    filled = bar(fraction, size, "mine")[0]
    return (Span("▕", "muted"), filled, Span(" " * (size - len(filled.text))))
