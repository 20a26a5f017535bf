"""Waits for GPUs that go on in the keeper as a table. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from gpuws.model.placement.queued_wait import QueuedWait
from gpuws.model.units import duration
from gpuws.present.line import Role, clean, one
from gpuws.present.tables.base import Column, Table, TableRow

COLUMNS = (Column("WAIT"), Column("STATE"), Column("FOR", at_right=True), Column("WHAT"), Column(""))
_ROLES: dict[str, Role] = {"launched": "ok", "failed": "error"}


def listing(waits: Sequence[QueuedWait], now: float) -> Table:
    """`now`: epoch seconds."""
    return Table(COLUMNS, tuple(_row(each, now) for each in waits))


def _row(wait: QueuedWait, now: float) -> TableRow:
    cells = (
        one(wait.id),
        one(wait.state, _ROLES.get(wait.state, "text")),
        one(duration((wait.ended_at or now) - wait.since)),
        one(ordered(wait)),
        one(clean(wait.text, 500)),
    )
    return TableRow(wait.id, cells)


def ordered(wait: QueuedWait) -> str:
    """`train as big on 2`: what is launched, and on which GPUs."""
    name = f" as {wait.order.name}" if wait.order.name else ""
    return clean(f"{wait.order.called}{name} on {wait.order.spec}")
