"""Families as OpenMetrics 1.0 writes them. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from gpuws.model.text import plain
from gpuws.present.metrics.families import Family, Labels

SUFFIXES = {"counter": "_total", "info": "_info"}


def written(families: Iterable[Family]) -> str:
    """All of them, with the end that says that nothing is missing. A family without samples is left out."""
    lines: list[str] = []
    for family in families:
        if not family.samples:
            continue
        lines.append(f"# TYPE {family.name} {family.kind}")
        if family.unit:
            lines.append(f"# UNIT {family.name} {family.unit}")
        if family.help:
            lines.append(f"# HELP {family.name} {_escaped(family.help)}")
        suffix = SUFFIXES.get(family.kind, "")
        lines += [f"{family.name}{suffix}{_labels(labels)} {_number(value)}" for labels, value in family.samples]
    return "".join(f"{line}\n" for line in [*lines, "# EOF"])


def _labels(labels: Labels) -> str:
    return "{" + ",".join(f'{key}="{_escaped(plain(value))}"' for key, value in labels.items()) + "}"


def _number(value: float) -> str:
    """All digits of bytes and joules."""
    return str(int(value)) if value.is_integer() else repr(round(value, 6))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
