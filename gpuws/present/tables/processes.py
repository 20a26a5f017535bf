"""The processes of a GPU, of a MIG instance or of a host."""

from __future__ import annotations

from gpuws.model import units
from gpuws.model.consent.facts import inside
from gpuws.model.gpu.gpu import Gpu, GpuProcess, MigInstance, processes_of
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.ownership.tenancy import tenanted, vacancy
from gpuws.present.glyphs import RUNS
from gpuws.present.host_state import empty
from gpuws.present.line import Line, Role, Span, clean, one
from gpuws.present.tables.base import Column, Table, TableRow

COLUMNS = (
    Column("PID", 8, True),
    Column("GPU", 5, True, drop=2),
    Column("USER", 10),
    Column("MEMORY", 6, True),
    Column("GPU%", 4, True, drop=3),
    Column("CPU%", 4, True, drop=5),
    Column("TIME", 6, True, drop=4),
    Column("WHAT", 0),
)


def chosen(snapshot: HostSnapshot, gpu: Gpu | None, mig: MigInstance | None) -> list[tuple[Gpu, GpuProcess]]:
    """The processes of what is selected, each with its GPU."""
    if gpu is not None and mig is not None:
        return [(gpu, process) for process in mig.processes]
    gpus = [gpu] if gpu is not None else snapshot.gpus
    return [(each, process) for each in gpus for process in processes_of(each)]


def process_key(gpu: Gpu, process: GpuProcess) -> str:
    return f"{gpu.uuid}/{process.mig_uuid or ''}/{process.pid}"


def of_place(snapshot: HostSnapshot, gpu: Gpu | None, mig: MigInstance | None, now: float) -> Table:
    found = chosen(snapshot, gpu, mig)
    rows = tuple(TableRow(process_key(each, process), _cells(each, process, now)) for each, process in found)
    said = _nothing(snapshot, gpu, mig, now)
    none = f"{snapshot.name} shows no GPU: only processes on GPUs are listed here."
    return Table(COLUMNS, rows, empty(snapshot, said if snapshot.gpus else none))


def _nothing(snapshot: HostSnapshot, gpu: Gpu | None, mig: MigInstance | None, now: float) -> str:
    """What no process in the list means: that none runs is said only where it is known."""
    place = mig or gpu
    where = f"GPU {gpu.index}" if gpu is not None else "the GPUs"
    if place is not None and not tenanted(place) and not place.free:
        since = place.availability.since
        lasts = "" if since is None else f", seen so for {units.duration(now - since)}"
        return f"{where} of {snapshot.name}: {vacancy(place)}{lasts}."
    return f"No process runs on {where} of {snapshot.name}. n launches one."


def _cells(gpu: Gpu, process: GpuProcess, now: float) -> tuple[Line, ...]:
    role: Role = "mine" if process.mine else "text"
    where = inside(process)
    place: Line = (Span(where, "strong"), Span(f" {RUNS} ", "muted")) if where else ()
    instance = next((i.index for i in gpu.mig_instances if i.uuid == process.mig_uuid), None)
    return (
        one(str(process.pid), "muted"),
        one(f"{gpu.index}" if instance is None else f"{gpu.index}:{instance}", "muted"),
        one(clean(process.user) or units.DASH, "mine" if process.mine else "strong"),
        one(units.size(process.memory)),
        one(whole(process.utilization)),
        one(whole(process.cpu_percent), "muted"),
        one(units.duration(None if process.started_at is None else now - process.started_at), "muted"),
        (*place, Span(clean(process.command) or units.DASH, role)),
    )


def whole(value: float | None) -> str:
    return "" if value is None else f"{value:.0f}"
