"""Ports that listen in a place: what each is, and the program that has it. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from gpuws.model import units
from gpuws.model.session.service import ListeningPort
from gpuws.present.line import Line, clean, one
from gpuws.present.tables.base import Column, Table, TableRow

COLUMNS = (
    Column("PORT", 5, at_right=True),
    Column("SERVICE", 14),
    Column("PROGRAM", 0, least=12),
    Column("PID", 7, at_right=True, drop=3),
    Column("ADDRESS", 16, drop=2),
)


def listing(ports: Sequence[ListeningPort], empty: str = "") -> Table:
    return Table(COLUMNS, tuple(TableRow(str(port.port), _cells(port)) for port in ports), empty)


def _cells(port: ListeningPort) -> tuple[Line, ...]:
    return (
        one(str(port.port), "strong"),
        one(port.title, "ok" if port.web else "text"),
        one(clean(port.process) if port.process else units.DASH, "text" if port.process else "muted"),
        one(units.DASH if port.pid is None else str(port.pid), "muted"),
        one(port.address or "all", "muted"),
    )
