"""Checkups of hosts as lines of a page: what is wrong, and under it what mends it. Pure."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gpuws.model.checkup.rules import summary, worst
from gpuws.model.plan import Check, Status
from gpuws.present.host_state import LOOK
from gpuws.present.line import Line, Role, Span, clean
from gpuws.tui.present.line import left

NAME = 12
INDENT = NAME + 6
SIGNS: dict[Status, tuple[str, Role]] = {"ok": ("✓", "ok"), "warn": (LOOK, "warn"), "fail": ("✗", "error")}


@dataclass(frozen=True, slots=True)
class Patient:
    """`checks` None: it has not answered yet."""

    host: str
    checks: Sequence[Check] | None = None


def page(patients: Sequence[Patient], room: int, *, everything: bool) -> list[Line]:
    """`everything`: what is well, too."""
    found: list[Line] = []
    for patient in patients:
        found.append(_heading(patient))
        shown = [check for check in patient.checks or () if everything or check.status != "ok"]
        for check in shown:
            found += _rows(check, room)
        if shown:
            found.append(())
    return found


def _heading(patient: Patient) -> Line:
    name = clean(patient.host, 60)
    if patient.checks is None:
        return (Span(" ◐ ", "muted"), Span(name, "strong"), Span("  asking …", "muted"))
    sign, role = SIGNS[worst(patient.checks)]
    return (Span(f" {sign} ", role), Span(name, "strong"), Span(f"  {summary(patient.checks)}", "muted"))


def _rows(check: Check, room: int) -> Iterator[Line]:
    sign, role = SIGNS[check.status]
    first, *more = _wrapped(check.detail, room - INDENT)
    yield (Span(f"   {sign} ", role), Span(left(clean(check.name.replace("_", " ")), NAME) + " ", "muted"), Span(first))
    for line in more:
        yield (Span(" " * INDENT), Span(line))
    if check.remedy:
        first, *more = _wrapped(check.remedy, room - INDENT - 2)
        yield (Span(" " * INDENT), Span("→ ", "key"), Span(first, "key"))
        for line in more:
            yield (Span(" " * (INDENT + 2)), Span(line, "key"))


def _wrapped(text: str, room: int) -> list[str]:
    return textwrap.wrap(clean(text, 1000), max(room, 20), break_long_words=True, break_on_hyphens=False) or [""]
