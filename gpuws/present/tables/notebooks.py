"""Notebooks: which kernels run, whose GPU memory they hold, whose they are, and since when they are idle. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gpuws.model import units
from gpuws.model.host.naming import labelled
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.ownership.kernels import Kernel, kernels
from gpuws.present.host_state import absent, empty
from gpuws.present.line import Line, Role, clean, one
from gpuws.present.tables.base import NOTHING, Column, Table, TableRow

NOTEBOOK = Column("NOTEBOOK", 0, kept=True, least=22)
"""Here a host says why it shows none, too."""
COLUMNS = (
    Column("HOST", only="shell"),
    NOTEBOOK,
    Column("STATE", 8),
    Column("IDLE", 5, True),
    Column("MEMORY", 6, True),
    Column("GPU", 5, True, drop=3),
    Column("WHOSE", 7, kept=True, roomy=10),
    Column("ACTIVE", 6, True, drop=2),
    Column("CONN", 4, True, drop=4),
    Column("SPEC", 10, extra=True),
    Column("PORT", 5, True, drop=5),
    Column("CONTAINER", 16, roomy=26),
)
_ROLES: dict[str | None, Role] = {"busy": "ok", "idle": "idle", "dead": "error", "starting": "warn"}


def listing(snapshots: Sequence[HostSnapshot], found: Iterable[Kernel], now: float) -> Table:
    """`found`: those of all hosts that are to be shown. A host that shows nothing has a row that says why."""
    rows = [TableRow(key_of(each), _cells(each, now)) for each in found]
    rows += [row for snapshot in snapshots for row in absent(snapshot, NOTEBOOK, COLUMNS)]
    return Table(COLUMNS, tuple(rows))


def of_fleet(found: Iterable[Kernel], now: float, nothing: str) -> Table:
    """The same on the screen, each with the place that it lives in. `nothing`: what is said where there is none."""
    columns = (*COLUMNS[:-1], Column("WHERE", 16, roomy=32))
    rows = (TableRow(key_of(each), (*_cells(each, now)[:-1], one(clean(each.label, 120), "muted"))) for each in found)
    return Table(columns, tuple(rows), nothing)


def of_host(snapshot: HostSnapshot, now: float) -> Table:
    rows = tuple(TableRow(each.id, _cells(each, now)) for each in kernels(snapshot))
    text = f"No notebook runs on {snapshot.name} in a server of mine. o opens a container's Jupyter."
    return Table(COLUMNS, rows, empty(snapshot, text))


def key_of(kernel: Kernel) -> str:
    return labelled(kernel.host, kernel.id)


def _cells(kernel: Kernel, now: float) -> tuple[Line, ...]:
    book = kernel.notebook
    state, active = (book.state, book.last_activity) if book else (None, None)
    return (
        one(clean(kernel.host, 60)),
        one(clean(kernel.name), "strong" if book else "muted"),
        one(clean(state) or units.DASH, _ROLES.get(state, "muted")),
        one(units.duration(kernel.idle(now)), "idle" if kernel.gpus and kernel.idle(now) is not None else "text"),
        one(units.size(kernel.memory), "text") if kernel.memory != 0 else one("none", "muted"),
        one(",".join(map(str, kernel.gpus))) if kernel.gpus else NOTHING,
        one(clean(kernel.owner, 40) or units.DASH, "mine" if kernel.mine else "strong"),
        one(units.duration(None if active is None else max(now - active, 0)), "muted"),
        one(units.DASH if book is None or book.connections is None else str(book.connections), "muted"),
        one(clean(book.spec, 40), "muted") if book and book.spec else NOTHING,
        one(str(book.port), "muted") if book and book.port else NOTHING,
        one(clean(kernel.container), "muted") if kernel.container else NOTHING,
    )
