"""The notebooks of a host: which kernels run, whose GPU memory they hold, and since when they are idle."""

from __future__ import annotations

from gpuws.model import units
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.session.notebook import Notebook
from gpuws.present.host_state import empty
from gpuws.present.line import Line, Role, clean, one
from gpuws.present.tables.base import NOTHING, Column, Table, TableRow

COLUMNS = (
    Column("NOTEBOOK", 34),
    Column("KERNEL", 8),
    Column("IDLE", 6, True),
    Column("MEMORY", 7, True, drop=2),
    Column("PORT", 5, True, drop=3),
    Column("CONTAINER", 0),
)
_ROLES: dict[str | None, Role] = {"busy": "ok", "idle": "idle", "dead": "error", "starting": "warn"}


def of_host(snapshot: HostSnapshot, now: float) -> Table:
    rows = tuple(TableRow(notebook.kernel, _cells(notebook, snapshot, now)) for notebook in snapshot.notebooks)
    text = f"No notebook runs on {snapshot.name} in a server of mine. o opens a container's Jupyter."
    return Table(COLUMNS, rows, empty(snapshot, text))


def gpu_memory(notebook: Notebook, snapshot: HostSnapshot) -> int | None:
    """What its kernel holds on all GPUs; None where no process of it is known to hold any, or how much."""
    held = [
        process.memory
        for gpu in snapshot.gpus
        for process in gpu.processes
        if process.notebook == notebook.path and process.container == notebook.container
    ]
    known = [memory for memory in held if memory is not None]
    return sum(known) if known else None


def _cells(notebook: Notebook, snapshot: HostSnapshot, now: float) -> tuple[Line, ...]:
    quiet = None if notebook.last_activity is None else now - notebook.last_activity
    return (
        one(clean(notebook.path), "strong"),
        one(clean(notebook.state) or units.DASH, _ROLES.get(notebook.state, "muted")),
        one(units.duration(quiet)),
        one(units.size(gpu_memory(notebook, snapshot)), "text"),
        one(str(notebook.port), "muted"),
        one(clean(notebook.container), "muted") if notebook.container else NOTHING,
    )
