"""Open tunnels as a table. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from gpuws.model import units
from gpuws.model.session.tunnel import Tunnel
from gpuws.present.line import Line, Role, Span, clean, one
from gpuws.present.tables.base import Column, Table, TableRow

COLUMNS = (
    Column("LOCAL", 16),
    Column("TARGET", 24),
    Column("STATE", 0),
    Column("IN", 6, at_right=True, drop=2),
    Column("OUT", 6, at_right=True, drop=2),
)
_ROLES: dict[str, Role] = {"listening": "ok", "waiting": "warn", "broken": "error"}


def listing(tunnels: Sequence[Tunnel], empty: str = "") -> Table:
    return Table(COLUMNS, tuple(TableRow(tunnel.id, _cells(tunnel)) for tunnel in tunnels), empty)


def _cells(tunnel: Tunnel) -> tuple[Line, ...]:
    error = f": {clean(tunnel.error, 500)}" if tunnel.error else ""
    return (
        one(f"127.0.0.1:{tunnel.local_port}", "strong"),
        one(clean(tunnel.target.text)),
        (Span(f"{tunnel.state}{error}", _ROLES.get(tunnel.state, "muted")),),
        one(units.size(tunnel.bytes_in), "muted"),
        one(units.size(tunnel.bytes_out), "muted"),
    )
