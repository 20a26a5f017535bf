"""Checkups of hosts, line by line: what is wrong, and under it its fix. Pure."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gpuws.model.checkup.rules import summary, worst
from gpuws.model.placement.plan import Check, Status
from gpuws.present.glyphs import DOWN, LOOK, PARTIAL, WELL
from gpuws.present.line import Line, Role, Span, clean

NAME = 12
"""Cells of a check's name."""
INDENT = NAME + 5
SIGNS: dict[Status, tuple[str, Role]] = {"ok": (WELL, "ok"), "warn": (LOOK, "warn"), "fail": (DOWN, "error")}


@dataclass(frozen=True, slots=True)
class Patient:
    """`checks` None: it has not answered yet. `aliases`: other names of that machine."""

    host: str
    checks: Sequence[Check] | None = None
    aliases: tuple[str, ...] = ()


def report(patient: Patient, room: int | None, *, everything: bool) -> Iterator[Line]:
    """A heading; under it what is wrong, with `everything` all of it. `room`: cells of a line; None: as long as it
    takes."""
    yield _heading(patient)
    for check in shown(patient, everything=everything):
        yield from _rows(check, room)
        if check.mend is not None:
            yield from _arrow(f"{fix_command(patient.host, check)} does it, once you agree", room)


def fix_command(host: str, check: Check) -> str:
    """What has gpuws mend it, and whatever is of the same name there."""
    return shlex.join(["gpuws", "doctor", host, "--fix", check.name])


def shown(patient: Patient, *, everything: bool) -> list[Check]:
    return [check for check in patient.checks or () if everything or check.status != "ok"]


def _heading(patient: Patient) -> Line:
    name = " = ".join(clean(name, 60) for name in (patient.host, *patient.aliases))
    if patient.checks is None:
        return (Span(PARTIAL, "muted"), Span(f" {name}", "strong"), Span("  asking …", "muted"))
    sign, role = SIGNS[worst(patient.checks)]
    return (Span(sign, role), Span(f" {name}", "strong"), Span(f"  {summary(patient.checks)}", "muted"))


def _rows(check: Check, room: int | None) -> Iterator[Line]:
    sign, role = SIGNS[check.status]
    name = clean(check.name.replace("_", " "), NAME)
    first, *more = _wrapped(check.detail, room, INDENT)
    yield (Span("  "), Span(sign, role), Span(f" {name:<{NAME}} ", "muted"), Span(first))
    yield from ((Span(" " * INDENT), Span(line)) for line in more)
    if check.remedy:
        yield from _arrow(check.remedy, room)


def _arrow(remedy: str, room: int | None) -> Iterator[Line]:
    first, *more = _wrapped(remedy, room, INDENT + 2)
    yield (Span(" " * INDENT), Span(f"→ {first}", "key"))
    yield from ((Span(" " * (INDENT + 2)), Span(line, "key")) for line in more)


def _wrapped(text: str, room: int | None, indent: int) -> list[str]:
    """Never in the middle of a word of a command."""
    line = clean(text, 1000)
    if room is None:
        return [line]
    return textwrap.wrap(line, max(room - indent, 20), break_long_words=False, break_on_hyphens=False) or [""]
