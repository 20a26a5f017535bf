"""The top of the home screen: the fleet's figures, what I hold, what runs in the background."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gpuws.model import units
from gpuws.model.plan import Progress
from gpuws.model.snapshot import HostSnapshot
from gpuws.tui.present import figures
from gpuws.tui.present.bars import progress
from gpuws.tui.present.line import Line, Span, cells, clean, count, cut, joined, spread, width
from gpuws.tui.present.status import IDLE, LOOK

SEPARATOR = Span(" · ", "faint")


@dataclass(frozen=True, slots=True)
class Running:
    """The newest background task, and how many there are."""

    title: str
    progress: Progress | None
    number: int = 1


@dataclass(frozen=True, slots=True)
class Top:
    snapshots: Sequence[HostSnapshot]
    tunnels: int
    questions: int
    running: Running | None
    clock: str
    demo: bool = False


def top_line(top: Top, size: int) -> Line:
    sums = figures.totals(top.snapshots)
    start: list[Span] = [Span(" gpuws", "title")]
    if top.demo:
        start.append(Span(" demo", "warn"))
    start.append(Span("  "))
    unseen = sums.hosts - sums.seen
    start.append(Span(count(sums.hosts, "host"), "text"))
    if unseen and size >= 90:
        start.append(Span(f" ({unseen} unseen)", "muted"))
    start += [SEPARATOR, Span(count(sums.gpus, "GPU"), "text")]
    start += [SEPARATOR, Span(f"{sums.free} free", "free" if sums.free else "muted")]
    if sums.memory_free is not None and size >= 60:
        start += [SEPARATOR, Span(f"{units.size(sums.memory_free)} free", "text")]
    if sums.power is not None and size >= 76:
        start += [SEPARATOR, Span(figures.watts(sums.power), "muted")]
    line = tuple(start)
    return spread(line, _end(top, max(size - width(line) - 2, 8)), size)


def _end(top: Top, room: int) -> Line:
    clock: Line = (Span(f"{top.clock} ", "muted"),)
    parts: list[Line] = []
    if top.tunnels:
        parts.append((Span(count(top.tunnels, "tunnel"), "text"),))
    if top.questions:
        parts.append((Span(f"{LOOK} {count(top.questions, 'question')}", "warn"),))
    if top.running:
        taken = width(clock) + 3 + sum(width(part) + 3 for part in parts)
        parts.append(_task(top.running, min(max(room - taken, 26), room - width(clock) - 3)))
    while parts and sum(width(part) + 3 for part in parts) + width(clock) > room:
        parts.pop(0)
    spans: list[Span] = []
    for part in parts:
        spans += [*part, Span("   ")]
    return (*spans, *clock)


def _task(running: Running, room: int) -> Line:
    more = f" +{running.number - 1}" if running.number > 1 else ""
    step = running.progress
    title = cut(clean(running.title), min(max(room - 8 - len(more), 6), 32)) + more
    if step is None:
        return (Span(title, "mine"),)
    rest = room - cells(title) - 9
    stage = f" {cut(clean(step.text or step.stage), rest)}" if rest >= 8 else ""
    return (Span(title, "mine"), Span(stage, "muted"), Span(" "), *progress(step.fraction, 5))


def mine_line(snapshots: Sequence[HostSnapshot], idle_after: float) -> Line:
    """What I hold, host by host, and what of it is idle."""
    held: list[str] = []
    total = 0
    idle: list[str] = []
    for snapshot in snapshots:
        gpus = [gpu for gpu in snapshot.gpus if gpu.mine]
        total += len(gpus)
        if gpus:
            held.append(f"{clean(snapshot.name)} {','.join(str(gpu.index) for gpu in gpus)}")
        idle += [
            f"{clean(holder.name, 40)} {units.duration(holder.idle_seconds)}"
            for gpu in gpus
            for holder in gpu.held_by
            if holder.mine and holder.idle_seconds is not None and holder.idle_seconds >= idle_after
        ]
    if not total:
        return (Span(" you hold no GPU", "muted"),)
    line: Line = (Span(" you hold ", "muted"), Span(count(total, "GPU"), "mine"), Span(f"  {joined(held)}", "muted"))
    if idle:
        line = (*line, Span(f"   {IDLE} idle: {joined(dict.fromkeys(idle), ', ')}", "idle"))
    return line
