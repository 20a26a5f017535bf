"""Who lives on a GPU, and what they do there."""

from __future__ import annotations

from gpuws.model import units
from gpuws.model.gpu import Gpu, GpuProcess, Holder
from gpuws.model.join import program
from gpuws.tui.present.columns import Columns
from gpuws.tui.present.line import Line, Role, Span, clean, left, trim, width
from gpuws.tui.present.status import IDLE, LOOK, RUNS


def who(gpu: Gpu, columns: Columns, idle_after: float) -> Line:
    """The HELD BY cell of a GPU: its state, or its first holder (running before reserving, then mine)."""
    if gpu.health != "ok":
        return (Span(f"{LOOK} {clean(gpu.error) or gpu.health.replace('-', ' ')}", "error"),)
    if gpu.free:
        return (Span("free", "free"),)
    if not gpu.held_by:
        return (Span("held by somebody unseen", "warn"),)
    holder = min(gpu.held_by, key=lambda h: (h.kind == "reservation", not h.mine))
    more = len(gpu.held_by) - 1
    tail: Line = (*((Span(f"  +{more}", "muted"),) if more else ()), *_idle(holder, idle_after))
    room = max(columns.who - width(tail), 8)
    return (*trim((*_person(holder, columns), *_what(holder, gpu, columns)), room), *tail)


def since(gpu: Gpu, now: float) -> str:
    """How long its oldest process runs."""
    starts = [process.started_at for process in gpu.processes if process.started_at is not None]
    return units.duration(now - min(starts)) if starts else ""


def idle(holder: Holder, idle_after: float) -> bool:
    return holder.idle_seconds is not None and holder.idle_seconds >= idle_after


def _person(holder: Holder, columns: Columns) -> Line:
    role: Role = "mine" if holder.mine else "strong"
    return (Span(left(clean(holder.user) or "somebody", columns.user) + "  ", role),)


def _what(holder: Holder, gpu: Gpu, columns: Columns) -> Line:
    role: Role = "mine" if holder.mine else "text"
    name = Span(clean(holder.name, 60), role)
    if holder.kind == "reservation":
        return (name, Span(" reserved, unused", "idle"))
    process = _process_of(holder, gpu)
    if process is None:
        return (name,)
    spans = [name]
    if columns.command and (doing := _doing(process, holder)):
        spans.append(Span(f" {RUNS} {doing}", "muted"))
    if columns.session and process.session:
        spans.append(Span(f" · tmux:{clean(process.session, 40)}", "muted"))
    return tuple(spans)


def _doing(process: GpuProcess, holder: Holder) -> str:
    doing = clean(process.notebook, 60) or clean(program(process.command), 60)
    return "" if doing == holder.name else doing


def _process_of(holder: Holder, gpu: Gpu) -> GpuProcess | None:
    """The process to name a holder by: the one with the most memory there."""
    inside = [
        process
        for process in gpu.processes
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
