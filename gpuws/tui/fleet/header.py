"""The top of the home screen: the fleet's figures, what I hold, what runs in the background."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gpuws.model import units
from gpuws.model.host.host import HostState
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.ownership.usage import Totals, totals
from gpuws.model.task import Task
from gpuws.model.units import count
from gpuws.present.figures import free_instances
from gpuws.present.glyphs import DOWN, IDLE, LOOK
from gpuws.present.host_state import fresh
from gpuws.present.line import Line, Span, clean, joined
from gpuws.present.tables.gpus import free_memory, power
from gpuws.present.tables.sorting import Sort
from gpuws.present.task_words import brief, told
from gpuws.tui.fleet.order import CONFIGURED, label
from gpuws.tui.toolkit.bars import progress
from gpuws.tui.toolkit.fitting import cells, cut, spread, width

SEPARATOR = Span(" · ", "rule")
CLOCK = 8
"""Cells at the right edge for the clock."""
TASK = 40
"""The same while something runs in the background: its progress is wanted more than sums are."""


ROOMY, NAMED = 100, 24
"""From so many cells on what failed is named, in so many."""


@dataclass(frozen=True, slots=True)
class Top:
    snapshots: Sequence[HostSnapshot]
    tunnels: int
    questions: int
    clock: str
    demo: bool = False
    sort: Sort = CONFIGURED
    waits: int = 0
    """Launches that wait for GPUs."""
    tasks: Sequence[Task] = ()

    @property
    def running(self) -> list[Task]:
        return [task for task in self.tasks if task.running]

    @property
    def failed(self) -> list[Task]:
        """What nobody has taken note of yet."""
        return [task for task in self.tasks if task.troubles]


def top_line(top: Top, size: int) -> Line:
    sums = totals(top.snapshots)
    parts = free_instances(gpu for s in top.snapshots if s.state is HostState.UP for gpu in s.gpus)
    line: Line = (
        Span(" gpuws", "title"),
        Span(" demo" if top.demo else "", "warn"),
        Span("  "),
        Span(count(sums.hosts, "host"), "text"),
        Span(f" ({sums.hosts - sums.hosts_up} unseen)" if sums.hosts > sums.hosts_up and size >= 90 else "", "muted"),
        SEPARATOR,
        Span(count(sums.gpus, "GPU"), "text"),
        SEPARATOR,
        Span(f"{sums.free} free", "free" if sums.free else "muted"),
        Span(f" +{parts} MIG" if parts and size >= 60 else "", "free"),
        *(Span(" · ", "rule"), Span(f"{sums.unknown} unknown", "warn")) * bool(sums.unknown),
    )
    kept = TASK + _room(_failed(top.failed, size)) if top.running else CLOCK + _room(_aside(top, size))
    for more in _more(top, sums):
        if width(line) + width(more) + kept <= size:
            line = (*line, *more)
    return spread(line, _end(top, max(size - width(line) - 2, CLOCK), size), size)


def _more(top: Top, sums: Totals) -> Iterator[Line]:
    """What is said where there is room, the most wanted first."""
    if sums.held:
        yield (SEPARATOR, Span(f"{sums.held} held", "text"))
    if sorted_by := label(top.sort):
        yield (Span(f" {sorted_by}", "key"),)
    if memory := free_memory(sums):
        yield (SEPARATOR, Span(memory, "text"))
    if failing := sums.gpus - sums.free - sums.held - sums.unknown - sums.unseen:
        yield (SEPARATOR, Span(f"{LOOK} {failing} failing", "error"))
    if sums.unseen:
        yield (SEPARATOR, Span(f"{sums.unseen} not seen", "muted"))
    if drawn := power(sums):
        yield (SEPARATOR, Span(drawn, "muted"))


def _end(top: Top, room: int, size: int) -> Line:
    clock: Line = (Span(f"{top.clock} ", "muted"),)
    parts = _aside(top, size)
    if top.running:
        taken, most = width(clock) + 3 + _room(parts), room - width(clock) - 3 - _room(_failed(top.failed, size))
        parts.insert(-1 if top.failed else len(parts), _task(top.running, min(max(room - taken, 26), most)))
    while parts and _room(parts) + width(clock) > room:
        parts.pop(0)
    spans: list[Span] = []
    for part in parts:
        spans += [*part, Span("   ")]
    return (*spans, *clock)


def _aside(top: Top, size: int) -> list[Line]:
    """What is open or waits, the least wanted first."""
    parts: list[Line] = []
    if top.tunnels:
        parts.append((Span(count(top.tunnels, "tunnel"), "text"),))
    if top.waits:
        parts.append((Span(f"{top.waits} waiting", "text"),))
    if top.questions:
        parts.append((Span(f"{LOOK} {count(top.questions, 'question')}", "warn"),))
    return [*parts, *_failed(top.failed, size)]


def _failed(tasks: Sequence[Task], size: int) -> list[Line]:
    """It stays until somebody has seen why; by its name where there is room."""
    if not tasks:
        return []
    named = len(tasks) == 1 and size >= ROOMY
    what = f"{cut(clean(brief(tasks[0])), NAMED)} failed" if named else f"{len(tasks)} failed"
    return [(Span(f"{DOWN} {what}", "error"), Span(" b", "key"))]


def _room(parts: Sequence[Line]) -> int:
    return sum(width(part) + 3 for part in parts)


def _task(running: Sequence[Task], room: int) -> Line:
    """The newest, and how many more there are."""
    more = f" +{len(running) - 1}" if len(running) > 1 else ""
    step = running[-1].progress
    title = cut(clean(brief(running[-1])), min(max(room - 8 - len(more), 6), 32)) + more
    if step is None:
        return (Span(title, "mine"),)
    rest = room - cells(title) - 9
    stage = f" {cut(clean(told(running[-1]) or step.stage), rest)}" if rest >= 8 else ""
    return (Span(title, "mine"), Span(stage, "muted"), Span(" "), *progress(step.fraction, 5))


def mine_line(snapshots: Sequence[HostSnapshot], idle_after: float) -> Line:
    """What I hold, what of it is idle, and where it is."""
    where: list[str] = []
    total = 0
    idle: list[str] = []
    for snapshot in snapshots:
        gpus = [gpu for gpu in snapshot.gpus if gpu.mine]
        total += len(gpus)
        if gpus:
            old = "" if fresh(snapshot) else " (not seen now)"
            where.append(f"{clean(snapshot.name)} {','.join(str(gpu.index) for gpu in gpus)}{old}")
        idle += [
            f"{clean(holder.name, 40)} {units.duration(holder.idle_seconds)}"
            for gpu in gpus
            for holder in gpu.held_by
            if holder.mine and holder.rests(idle_after)
        ]
    if not total:
        return (Span(" you hold no GPU", "muted"),)
    line: Line = (Span(" you hold ", "muted"), Span(count(total, "GPU"), "mine"))
    if idle:
        line = (*line, Span(f"   {IDLE} idle: {joined(dict.fromkeys(idle), ', ')}", "idle"))
    return (*line, Span(f"   {joined(where)}", "muted"))


def holds_idle(snapshots: Sequence[HostSnapshot], idle_after: float) -> bool:
    """Something of mine is idle: worth a line on a small screen too."""
    return any(
        holder.mine and holder.rests(idle_after)
        for snapshot in snapshots
        for gpu in snapshot.gpus
        for holder in gpu.held_by
    )
