"""The processes that load hosts most, as a table; who waits for a mount that hangs. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gpuws.model import units
from gpuws.model.host.busiest import WAITS, Busiest, HostProcess, StalledMount
from gpuws.present.glyphs import RUNS
from gpuws.present.line import Line, Role, Span, clean, joined, one
from gpuws.present.tables.base import NOTHING, Column, Table, TableRow

HOST = Column("HOST")
COLUMNS = (
    Column("PID", 8, at_right=True),
    Column("USER", 10),
    Column("CPU%", 5, at_right=True),
    Column("RAM", 6, at_right=True),
    Column("GPU", 4, at_right=True, drop=1),
    Column("TIME", 6, at_right=True, drop=2),
    Column("WHAT", 0, kept=True),
)
SHOWN = 15
"""Rows of a host, of those that take most CPU and as many again of those that take most memory, before `--all`."""
FEW = 6
"""The same on the page of a host."""
MOST_NAMES = 6


def listing(every: Sequence[Busiest], now: float, *, most: int | None = SHOWN) -> Table:
    """Of several hosts, each with its name. `most` None: all rows that were told."""
    rows = [
        TableRow(f"{each.host}/{row.pid}", (one(clean(each.host, 60)), *_cells(row, now)))
        for each in every
        for row in worth_showing(each.processes, most)
    ]
    return Table((HOST, *COLUMNS), tuple(rows))


def of_host(found: Busiest, now: float, *, most: int | None = FEW) -> Table:
    rows = worth_showing(found.processes, most)
    empty = "only my own processes can be seen there, and none does anything" if found.hidden else ""
    return Table(COLUMNS, tuple(TableRow(str(row.pid), _cells(row, now)) for row in rows), empty)


def worth_showing(every: Sequence[HostProcess], most: int | None) -> list[HostProcess]:
    """In their order: `most` by CPU, half as many more by memory, and whoever waits in vain."""
    if most is None:
        return list(every)
    busy = [row for row in every if (row.cpu_percent or 0) >= 1]
    large = sorted(every, key=lambda row: -(row.memory or 0))
    first = {row.pid for row in busy[:most]} | {row.pid for row in large[: max(most // 2, 1)]}
    return [row for row in every if row.pid in first or _waits_in_vain(row)]


def _waits_in_vain(row: HostProcess) -> bool:
    return row.waits is not None and row.waits >= IN_VAIN


IN_VAIN = 5.0
"""Seconds; what waits for a disk for less is at work."""


def _cells(row: HostProcess, now: float) -> tuple[Line, ...]:
    age = None if row.started_at is None else max(now - row.started_at, 0.0)
    return (
        one(str(row.pid), "muted"),
        one(clean(row.user, 40) or units.DASH, "mine" if row.mine else "strong"),
        NOTHING if row.cpu_percent is None else one(f"{row.cpu_percent:.0f}"),
        one(units.size(row.memory)),
        one(",".join(map(str, row.gpus)), "muted"),
        one(units.duration(age), "muted"),
        _what(row),
    )


def _what(row: HostProcess) -> Line:
    """Where it lives, what it is known as, what it runs, and what it waits for."""
    where = clean(joined([row.container or "", row.session or row.job or ""], ":"), 60)
    role: Role = "mine" if row.mine else "text"
    count = f"{len(row.pids)} × " if len(row.pids) > 1 else ""
    plural = "s" if count and row.kind and not row.kind.endswith((")", "s")) else ""
    command = clean(row.command, 300)
    return (
        *((Span(where, "strong"), Span(f" {RUNS} ", "muted")) if where else ()),
        Span(f"{count}{row.kind}{plural}{': ' if row.kind and command else ''}", "strong"),
        Span(command or ("" if row.kind else units.DASH), role),
        *(_waiting(row) if row.state == WAITS else ()),
    )


def _waiting(row: HostProcess) -> Line:
    if not _waits_in_vain(row):
        return ()
    where = f" in {clean(row.waits_in, 40)}" if row.waits_in else ""
    return (Span(f"  has waited {units.duration(row.waits)}{where}, can't be ended", "warn"),)


def notes(found: Busiest) -> Iterator[Line]:
    """What the rows do not say: that others' are hidden, and which mounts do not answer."""
    if found.hidden:
        yield one("/proc there shows only my own processes (hidepid): others' are not listed", "warn")
    for mount in found.stalled:
        yield one(stalled(mount, found), "error")


def stalled(mount: StalledMount, found: Busiest) -> str:
    """One mount that hangs, with who waits for it."""
    by_pid = {pid: row for row in found.processes for pid in row.pids}
    names = [_named(pid, by_pid.get(pid)) for pid in mount.waiting]
    waiting = ", ".join(names[:MOST_NAMES]) + (f" and {len(names) - MOST_NAMES} more" if names[MOST_NAMES:] else "")
    places = clean(", ".join(mount.places), 200)
    return f"NFS does not answer: {places} from {clean(mount.server, 100)}; waiting: {waiting or 'nobody seen'}"


def _named(pid: int, row: HostProcess | None) -> str:
    if row is None:
        return str(pid)
    user = f"{clean(row.user, 40)}, " if row.user else ""
    return f"{clean(row.command, 40)} ({user}{pid})"
