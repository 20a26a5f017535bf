"""Open tunnels as a table, and what is said when one fares otherwise. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from gpuws.model import units
from gpuws.model.session.tunnel import Tunnel, TunnelState
from gpuws.present.line import Line, Role, Span, clean, one
from gpuws.present.tables.base import Column, Table, TableRow

FIGURES = (
    Column("FOR", 4, at_right=True, drop=2),
    Column("CONN", 4, at_right=True, drop=3),
    Column("IN", 4, at_right=True, drop=4),
    Column("OUT", 4, at_right=True, drop=5),
)
WELL, TROUBLE = 9, 28
"""Cells of a state; with a reason they are taken from the figures."""
STATES: dict[TunnelState, tuple[str, Role]] = {
    "listening": ("listening", "text"),
    "up": ("up", "ok"),
    "waiting": ("waiting", "warn"),
    "asking": ("needs you", "warn"),
    "refuses": ("refuses", "error"),
    "gone": ("gone", "error"),
    "taken": ("port taken here", "error"),
}
_WORDS: dict[TunnelState, str] = {
    "waiting": "the host is away; the port is kept",
    "asking": "the host needs you; the port is kept",
    "refuses": "nothing takes connections there",
    "gone": "what it leads to is gone; the port is kept",
    "taken": "another program has the port; it is taken as soon as it is free",
}
_THEN: dict[TunnelState, str] = {
    "waiting": "; the port is kept, and who connects to it waits",
    "asking": "; the port is kept",
    "gone": "; the port is kept for what gets that name next",
    "taken": "; it is taken as soon as it is free",
}


def listing(tunnels: Sequence[Tunnel], now: float, empty: str = "") -> Table:
    """`now`: epoch seconds."""
    columns = (
        Column("LOCAL", _room([one.here for one in tunnels], 15, 24)),
        Column("TARGET", _room([one.target.text for one in tunnels], 16, 32)),
        Column("STATE", 0, least=TROUBLE if any(one.error for one in tunnels) else WELL),
        *FIGURES,
    )
    return Table(columns, tuple(TableRow(tunnel.id, _cells(tunnel, now)) for tunnel in tunnels), empty)


def _room(texts: Sequence[str], least: int, most: int) -> int:
    """Cells, as many as the longest takes."""
    return min(max(least, *map(len, texts)), most) if texts else least


def trouble(tunnel: Tunnel) -> str:
    """What is in its way, in a sentence; "" where nothing is known to be."""
    word = _WORDS.get(tunnel.state, "")
    return f"{word}: {clean(tunnel.error, 500)}" if word and tunnel.error else word


def change(before: Tunnel, now: Tunnel) -> str:
    """What somebody who waits is told; "" for what is no news."""
    if before.state == now.state:
        return ""
    if word := trouble(now):
        return word
    if before.state in ("waiting", "asking"):
        return "the link is back"
    return "it can be reached again" if before.state in _WORDS else ""


def told(tunnel: Tunnel) -> str:
    """Below the table: why it is not up, all of it, for which its column has no room, and what becomes of it; else why
    it was not before, or what a person should know who opens it."""
    if tunnel.error:
        return f"{clean(tunnel.error, 500)}{_THEN.get(tunnel.state, '')}"
    before = f"before: {clean(tunnel.last_error, 500)}" if tunnel.last_error else ""
    return before or clean(tunnel.remark, 500)


def _cells(tunnel: Tunnel, now: float) -> tuple[Line, ...]:
    word, role = STATES[tunnel.state]
    error = f": {clean(_unnamed(tunnel), 500)}" if tunnel.error else ""
    return (
        one(tunnel.here, "strong" if not tunnel.bind else "warn"),
        one(clean(tunnel.target.text)),
        (Span(f"{word}{', TLS' if tunnel.speaks == 'tls' else ''}{error}", role),),
        one(units.DASH if tunnel.since is None else units.duration(now - tunnel.since), "muted"),
        one(str(tunnel.connections), "muted"),
        one(units.size(tunnel.bytes_in), "muted"),
        one(units.size(tunnel.bytes_out), "muted"),
    )


def _unnamed(tunnel: Tunnel) -> str:
    """Its error, without the name that the row has already."""
    said = tunnel.error or ""
    for name in (f"{tunnel.target.label} ", f"{tunnel.target.host}: "):
        said = said.removeprefix(name)
    return said
