"""What torch found in a container, as a table. Pure."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from gpuws.model import units
from gpuws.model.workspace.verification import DeviceVerified, Verification
from gpuws.present.line import Role, clean, joined, one
from gpuws.present.tables.base import Column, Table, TableRow

COLUMNS = (Column("", 8), Column("FOUND", 0))
TAKEN = 18
"""Cells of the dialog beside what is said."""
MOST = 6
"""Lines of one sentence."""


def listing(found: Verification, width: int) -> Table:
    """`width`: cells of the dialog."""
    built = f", built for CUDA {found.cuda}" if found.cuda else ", built without CUDA"
    rows = [
        *_row("python", found.python or "none"),
        *_row("torch", f"{found.torch}{built}" if found.torch else "none"),
        *(row for one in found.devices for row in _device(one, width)),
    ]
    if found.problem:
        rows += [*_row("✗", found.problem, width, "error"), *_row("→ to do", found.remedy, width)]
    elif not found.devices:
        rows += _row("✓", "no GPU was given to it", width)
    else:
        rows += _row("✓", "a matrix product on each GPU was right", width, "ok")
    return Table(COLUMNS, tuple(rows))


def _device(one: DeviceVerified, width: int) -> Iterator[TableRow]:
    memory = units.size(one.memory) if one.memory else None
    took = None if one.seconds is None else f"{one.seconds * 1000:.1f} ms"
    yield from _row(
        f"GPU {one.index}", joined([one.name, memory, one.error or took]), width, "error" if one.error else "text"
    )


def _row(head: str, text: str, width: int = 200, role: Role = "text") -> Iterator[TableRow]:
    lines = textwrap.wrap(clean(text, 500), max(width - TAKEN, 20))[:MOST] or [""]
    for number, line in enumerate(lines):
        yield TableRow(
            f"{head}/{number}", (one(head if not number else "", "muted" if role == "text" else role), one(line, role))
        )
