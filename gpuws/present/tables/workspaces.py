"""Workspaces of hosts as a table. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gpuws.model import units
from gpuws.model.consent.facts import holds
from gpuws.model.gpu.gpu import Gpu
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.workspace.workspace import Port, Workspace
from gpuws.present.host_state import absent, empty, saying
from gpuws.present.line import Line, Role, Span, clean, joined, one
from gpuws.present.tables.base import Column, Table, TableRow

STATE = Column("STATE", 18, kept=True, roomy=30)
"""Here a host says why it shows none, too."""
COLUMNS = (
    Column("HOST", only="shell"),
    Column("NAME", 20, kept=True),
    STATE,
    Column("OWNER", 8, drop=2),
    Column("GPUS", 8, at_right=True, drop=3),
    Column("MEMORY", 6, at_right=True, drop=4),
    Column("LIMIT", 6, at_right=True, drop=7),
    Column("IMAGE", 0, least=24),
    Column("CREATED", 7, drop=5),
    Column("PORTS", 12, drop=6, roomy=24),
)


def listing(snapshots: Sequence[HostSnapshot], now: float) -> Table:
    """All hosts'; one that shows none has a row that says why."""
    rows = [row for snapshot in snapshots for row in _rows(snapshot, snapshot.workspaces, now)]
    rows += [row for snapshot in snapshots for row in absent(snapshot, STATE, COLUMNS)]
    rows += [_without_engine(one) for one in snapshots if one.engine and one.engine.error]
    return Table(COLUMNS, tuple(rows))


def of_host(snapshot: HostSnapshot, gpu: Gpu | None, now: float) -> Table:
    """One host's: those on `gpu` first, then mine, then running ones."""

    def rank(workspace: Workspace) -> tuple[bool, bool, bool, str]:
        here = gpu is not None and holds(workspace, gpu)
        return (not here, not workspace.mine, not workspace.enterable, workspace.name)

    rows = tuple(_rows(snapshot, sorted(snapshot.workspaces, key=rank), now))
    engine = snapshot.engine
    note = joined([clean(engine.error), clean(engine.remedy)], " — ") if engine and engine.error else ""
    return Table(COLUMNS, rows, note or empty(snapshot, f"No containers on {snapshot.name}. n launches one."))


def _rows(snapshot: HostSnapshot, workspaces: Sequence[Workspace], now: float) -> list[TableRow]:
    indices = {gpu.uuid: str(gpu.index) for gpu in snapshot.gpus}
    return [TableRow(one.id, _cells(snapshot.name, one, indices, now)) for one in workspaces]


def _cells(host: str, workspace: Workspace, indices: Mapping[str, str], now: float) -> tuple[Line, ...]:
    role: Role = "mine" if workspace.mine else "text"
    memory = units.size(workspace.gpu_memory) if workspace.gpus else units.DASH
    return (
        one(host),
        one(clean(workspace.name), role),
        (state(workspace),),
        one(clean(workspace.owner) or units.DASH, role),
        one(gpu_names(workspace, indices) or units.DASH),
        one(memory),
        one(units.size(workspace.memory_limit), "muted"),
        one(clean(workspace.oci.image, 500), "muted"),
        one(units.duration(None if workspace.created is None else now - workspace.created), "muted"),
        one(" ".join(port(each) for each in workspace.oci.ports) or units.DASH, "muted"),
    )


def state(workspace: Workspace) -> Span:
    """`running (unhealthy)`, `exited 1`, or the engine's own word."""
    bad = workspace.failed or workspace.oci.health == "unhealthy"
    if not workspace.alive:
        return Span(clean(workspace.reason or workspace.status), "error" if bad else "muted")
    notes = joined([workspace.oci.health, workspace.reason], ", ")
    said = clean(f"{workspace.status} ({notes})" if notes else workspace.status)
    return Span(said, "error" if bad else "ok" if workspace.enterable else "warn")


def gpu_names(workspace: Workspace, indices: Mapping[str, str]) -> str:
    """`0,1`, by their numbers as far as they are known."""
    names = [clean(indices.get(gpu, gpu[:12])) for gpu in workspace.gpus]
    return ",".join(sorted(names, key=lambda name: (len(name), name)))


def port(which: Port) -> str:
    """`8888`, or `127.0.0.1:16006→6006` where it is published."""
    if which.published is None:
        return str(which.target)
    return f"{which.host_ip or '*'}:{which.published}→{which.target}"


def _without_engine(snapshot: HostSnapshot) -> TableRow:
    why = one(clean(snapshot.engine.error if snapshot.engine else "", 500), "muted")
    return saying(snapshot.name, STATE, why, COLUMNS)
