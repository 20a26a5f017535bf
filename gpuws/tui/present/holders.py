"""Who lives on a GPU, and what they do there."""

from __future__ import annotations

from collections.abc import Sequence

from gpuws.model import units
from gpuws.model.gpu import Gpu, GpuProcess, Holder, MigInstance
from gpuws.model.join import program
from gpuws.model.reading import Xid
from gpuws.model.tenancy import tenanted, vacancy
from gpuws.present.host_state import IDLE, LOOK, RUNS
from gpuws.present.line import Line, Role, Span, clean, count
from gpuws.tui.present.columns import Columns
from gpuws.tui.present.line import left, trim, width


def who(gpu: Gpu, columns: Columns, idle_after: float, xids: Sequence[Xid] = ()) -> Line:
    """The HELD BY cell of a GPU: its state, or its first holder (running before reserving, then mine)."""
    if gpu.health != "ok":
        return (Span(f"{LOOK} {clean(gpu.error) or gpu.health.replace('-', ' ')}", "error"),)
    fault: Line = (Span(f"  {LOOK} Xid {xids[-1].number}", "error"),) if xids else ()
    if gpu.mig is not None:
        return (*_divided(gpu), *fault)
    if not tenanted(gpu):
        return (*nobody(gpu), *fault)
    return _first(gpu.held_by, gpu.processes, columns, idle_after, fault)


def role(place: Gpu | MigInstance) -> Role:
    """How a free one, one of mine, one of which nothing is known, and others' are told apart."""
    state = place.availability.state
    if state == "held":
        return "mine" if any(holder.mine for holder in place.held_by) else "muted"
    return "free" if state == "free" else "warn"


def who_of_instance(instance: MigInstance, columns: Columns, idle_after: float) -> Line:
    if not tenanted(instance):
        return nobody(instance)
    return _first(instance.held_by, instance.processes, columns, idle_after, ())


def nobody(place: Gpu | MigInstance) -> Line:
    """Where nobody is known to live: what that means."""
    return (Span(clean(vacancy(place)), "free" if place.free else "warn"),)


def _divided(gpu: Gpu) -> Line:
    """A divided GPU: its people are on the rows of its instances."""
    number, free = len(gpu.mig_instances), sum(instance.free for instance in gpu.mig_instances)
    if not number:
        return (Span("MIG, without an instance", "muted"),)
    unknown = sum(instance.availability.state == "unknown" for instance in gpu.mig_instances)
    role: Role = "free" if free else "warn" if unknown else "muted"
    said = f"{free} free" if free else f"{unknown} unknown" if unknown else "full"
    return (Span(f"{count(number, 'MIG instance')}, ", "muted"), Span(said, role))


def _first(
    held_by: Sequence[Holder], processes: Sequence[GpuProcess], columns: Columns, idle_after: float, fault: Line
) -> Line:
    holder = min(held_by, key=lambda h: (h.kind == "reservation", not h.mine))
    more = len(held_by) - 1
    tail: Line = (*((Span(f"  +{more}", "muted"),) if more else ()), *_idle(holder, idle_after), *fault)
    room = max(columns.who - width(tail), 8)
    return (*trim((*_person(holder, columns), *_what(holder, processes, columns)), room), *tail)


def since(processes: Sequence[GpuProcess], now: float) -> str:
    """How long the oldest of them runs."""
    starts = [process.started_at for process in processes if process.started_at is not None]
    return units.duration(now - min(starts)) if starts else ""


def idle(holder: Holder, idle_after: float) -> bool:
    return holder.idle_seconds is not None and holder.idle_seconds >= idle_after


def _person(holder: Holder, columns: Columns) -> Line:
    role: Role = "mine" if holder.mine else "strong"
    return (Span(left(clean(holder.user) or "somebody", columns.user) + "  ", role),)


def _what(holder: Holder, processes: Sequence[GpuProcess], columns: Columns) -> Line:
    role: Role = "mine" if holder.mine else "text"
    name = Span(clean(holder.name, 60), role)
    if holder.kind == "reservation":
        return (name, Span(" reserved, unused", "idle"))
    process = process_of(holder, processes)
    if process is None:
        return (name,)
    spans = [name]
    if columns.command and (doing := _doing(process, holder)):
        spans.append(Span(f" {RUNS} {doing}", "muted"))
    if columns.session and process.session:
        spans.append(Span(f" · tmux:{clean(process.session, 40)}", "muted"))
    if columns.session and process.job:
        spans.append(Span(f" · {clean(process.job, 30)}", "muted"))
    return tuple(spans)


def _doing(process: GpuProcess, holder: Holder) -> str:
    doing = clean(process.notebook, 60) or clean(program(process.command), 60)
    return "" if doing == holder.name else doing


def process_of(holder: Holder, processes: Sequence[GpuProcess]) -> GpuProcess | None:
    """The process to name a holder by: the one with the most memory there."""
    inside = [
        process
        for process in processes
        if (process.container == holder.name if holder.kind == "container" else process.container is None)
        and process.user == holder.user
    ]
    if holder.kind == "process":
        inside = [p for p in inside if program(p.command) == holder.name] or inside
    return max(inside, key=lambda p: p.memory or 0, default=None)


def _idle(holder: Holder, idle_after: float) -> Line:
    if not idle(holder, idle_after):
        return ()
    return (Span(f"  idle {units.duration(holder.idle_seconds)} {IDLE}", "idle"),)
