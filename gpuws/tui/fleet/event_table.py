"""What happened, newest first."""

from __future__ import annotations

import time
from collections.abc import Sequence

from gpuws.present.line import Role, one
from gpuws.present.tables.base import Column, Table, TableRow
from gpuws.tui.journal import Event

COLUMNS = (Column("TIME", 9), Column("HOST", 14), Column("WHAT", 0))
EMPTY = "Nothing has happened yet. Links, faults, containers and what was said are told here."


def event_table(events: Sequence[Event], host: str | None) -> Table:
    """Of the whole fleet; those of `host` stand out."""
    newest = sorted(events, key=lambda event: -event.at)
    return Table(COLUMNS, tuple(_row(event, host) for event in newest), EMPTY)


def _row(event: Event, host: str | None) -> TableRow:
    role: Role = "strong" if event.host == host else "muted"
    today = time.localtime(event.at)[:3] == time.localtime()[:3]
    clock = time.strftime("%H:%M:%S" if today else "%a %H:%M", time.localtime(event.at))
    return TableRow(f"{event.number}", (one(clock, "muted"), one(event.host, role), one(event.text, event.role)))
