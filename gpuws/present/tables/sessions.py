"""tmux sessions of hosts and of their containers as a table. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from gpuws.model import units
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.session.session import Session
from gpuws.present.host_state import absent, empty
from gpuws.present.line import Line, clean, one
from gpuws.present.session_words import runs, state
from gpuws.present.tables.base import NOTHING, Column, Table, TableRow

SESSION = Column("SESSION", 20, kept=True)
"""Here a host says why it shows none, too."""
COLUMNS = (
    Column("HOST", only="shell"),
    Column("CONTAINER", 20, drop=2),
    SESSION,
    Column("STATE", 9),
    Column("QUIET", 6, at_right=True, drop=5),
    Column("WINDOWS", 7, at_right=True, drop=4),
    Column("ATTACHED", 8, at_right=True, drop=3),
    Column("COMMAND", 0),
)


def listing(snapshots: Sequence[HostSnapshot], now: float) -> Table:
    """All hosts'; one that shows none has a row that says why."""
    rows = [row for snapshot in snapshots for row in _rows(snapshot, now)]
    rows += [row for snapshot in snapshots for row in absent(snapshot, SESSION, COLUMNS)]
    return Table(COLUMNS, tuple(rows))


def of_host(snapshot: HostSnapshot, now: float) -> Table:
    text = f"No tmux sessions on {snapshot.name}. s opens a shell there, a a session."
    return Table(COLUMNS, tuple(_rows(snapshot, now)), empty(snapshot, text))


def session_key(session: Session) -> str:
    return f"{session.container or ''}:{session.name}"


def _rows(snapshot: HostSnapshot, now: float) -> list[TableRow]:
    return [TableRow(session_key(each), _cells(snapshot.name, each, now)) for each in snapshot.sessions]


def _cells(host: str, session: Session, now: float) -> tuple[Line, ...]:
    return (
        one(host),
        one(clean(session.container), "muted") if session.container else NOTHING,
        one(clean(session.label), "strong"),
        state(session) or NOTHING,
        one(units.duration(None if session.activity is None else max(now - session.activity, 0)), "muted"),
        one(units.DASH if session.program == "screen" else str(session.windows), "muted"),
        one(str(session.attached), "ok" if session.attached else "muted"),
        runs(session),
    )
