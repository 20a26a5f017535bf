"""How pages about one thing are laid out: headed sections, facts by their names, two columns where there is room."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gpuws.model import units
from gpuws.present.line import Line, Role, Span
from gpuws.tui.toolkit.fitting import fit, left

WIDE = 124
"""From so many cells on there are two columns."""
LABEL = 12


def section(title: str, lines: Iterable[Line]) -> list[Line]:
    """Nothing where there is nothing to say."""
    found = list(lines)
    return [(Span(f" {title}", "head"),), *found, ()] if found else []


def beside(first: Sequence[Line], second: Sequence[Line], half: int, width: int) -> list[Line]:
    """Two columns, the first of `half` cells."""
    rows = max(len(first), len(second))
    pads = [[*lines, *[()] * (rows - len(lines))] for lines in (first, second)]
    return [(*fit(at_left, half), *fit(at_right, width - half)) for at_left, at_right in zip(*pads, strict=True)]


def fact(name: str, text: str, role: Role = "text") -> Line:
    return (Span(f" {left(name, LABEL)} ", "muted"), Span(text or units.DASH, role))
