"""What gpuws ran on hosts as a table, newest last. Pure."""

from __future__ import annotations

import time
from collections.abc import Sequence

from gpuws.model.host.footprint import OTHERS, deed_of
from gpuws.model.host.ran import ENDED, Ran
from gpuws.model.units import DASH, duration
from gpuws.present.line import Line, Role, clean, one
from gpuws.present.tables.base import NOTHING, Column, Table, TableRow

HOST = Column("HOST")
OWN = 120
"""Characters of a script of gpuws' own; --json has more."""
COLUMNS = (
    Column("WHEN"), HOST, Column("USER", extra=True), Column("BY"), Column("RESULT"), Column("TOOK", at_right=True),
    Column("TIMES", at_right=True), Column("FOR", extra=True), Column("WHAT", kept=True),
)  # fmt: skip


def listing(every: Sequence[Ran], *, hosts: bool) -> Table:
    """`hosts`: lines of several, each of which says of which."""
    columns = COLUMNS if hosts else tuple(column for column in COLUMNS if column is not HOST)
    return Table(columns, tuple(_row(ran, hosts=hosts) for ran in every))


def _row(ran: Ran, *, hosts: bool) -> TableRow:
    cells = [
        one(_moment(ran.at), "muted"),
        one(clean(ran.host, 60)),
        one(clean(ran.user, 40) or DASH),
        one(ran.means),
        _result(ran),
        NOTHING if ran.seconds is None else one(took(ran.seconds)),
        one(str(ran.times)) if ran.times > 1 else NOTHING,
        one(deed_of(ran) or DASH, "muted"),
        one(_what(ran)),
    ]
    return TableRow(str(ran.at), tuple(cells if hosts else [*cells[:1], *cells[2:]]))


def _what(ran: Ran) -> str:
    """Of gpuws' own scripts the beginning: the row of the documentation says what they do."""
    what = clean(ran.what, 1000 if deed_of(ran) == OTHERS.name else OWN)
    return f"{what} — {clean(ran.error, 300)}" if ran.error else what


def took(seconds: float) -> str:
    """`0.04s`, `3.2s`, `12m`."""
    return f"{seconds:.2f}s" if seconds < 1 else f"{seconds:.1f}s" if seconds < 60 else duration(seconds)


def result(ran: Ran) -> tuple[str, Role]:
    """`ok`, `exit 1`, `404`, `failed`, and how that looks."""
    if ran.begun:
        return "runs", "text"
    if ran.means == "lost":
        return "lost", "warn"
    if ran.status is None:
        return ("ended", "text") if ran.error in ENDED else ("failed", "error") if ran.error else ("ok", "text")
    if ran.means == "request":
        return str(ran.status), "text" if ran.status < 400 else "warn"
    return ("ok", "text") if ran.status == 0 else (f"exit {ran.status}", "warn")


def _result(ran: Ran) -> Line:
    return one(*result(ran))


def _moment(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at))
