"""Eighth-block bars and sparklines."""

from __future__ import annotations

from collections.abc import Iterable

from gpuws.tui.present.line import Line, Role, Span

_EIGHTHS = " ▏▎▍▌▋▊▉"
_LEVELS = "▁▂▃▄▅▆▇█"
TRACK = "▁"


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


def progress(fraction: float | None, size: int) -> Line:
    """`▕██▍  `: how far a task is; unknown shows as a dotted line."""
    if fraction is None:
        return (Span("▕", "muted"), Span("┄" * size, "mine"))
    filled = bar(fraction, size, "mine")[0]
    return (Span("▕", "muted"), filled, Span(" " * (size - len(filled.text))))
