"""What stands in the cells of the fleet list: a GPU's or an instance's values, of a host the sums."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from gpuws.model import units
from gpuws.model.alarms import recent_of
from gpuws.model.gpu.gpu import Gpu, MigInstance
from gpuws.model.gpu.reading import Xid
from gpuws.model.gpu.verdict import GOOD, how_well
from gpuws.model.gpu.xid import called
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.ownership.tenancy import foremost, person
from gpuws.model.settings import Thresholds
from gpuws.present import figures, holders, host_state, levels
from gpuws.present.alerts import fault_role
from gpuws.present.glyphs import LOOK
from gpuws.present.line import Line, Role, Span, clean, joined
from gpuws.tui.fleet.row import Row
from gpuws.tui.fleet.vacancy import vacancy
from gpuws.tui.toolkit.bars import SLIM, TREND, bar, trend
from gpuws.tui.toolkit.fitting import cells, cut, fit, left, right, trim, width

INDENT = 4
NUMBERS = 9
"""Cells of `208/320G`."""
PERCENT = 5
ROOM = 20
"""Cells that how well a GPU is used takes: all words for that fit."""
COMMAND, SESSION = 22, 29
"""From so many cells on HELD BY says what runs, and in which session."""


@dataclass(frozen=True, slots=True)
class View:
    """What cells need besides their row. `user`: cells for a person's name."""

    now: float
    thresholds: Thresholds
    user: int = 8


@dataclass(frozen=True)
class Subject:
    """A row whose cells are written. A host's figures are sums over those of its GPUs that tell theirs."""

    row: Row
    view: View

    @cached_property
    def role(self) -> Role | None:
        """Of all figures, where they stand out together."""
        place = self.row.place
        return "free" if place is not None and place.free else None

    @cached_property
    def memory(self) -> tuple[float | None, float | None]:
        """Bytes in use, and of how many."""
        if (place := self.row.place) is not None:
            return place.memory_used, place.memory_total
        gpus = self.row.snapshot.gpus
        told = [gpu for gpu in gpus if gpu.memory_used is not None] or gpus
        return figures.total(gpu.memory_used for gpu in told), figures.total(gpu.memory_total for gpu in told)

    @property
    def gpus(self) -> Sequence[Gpu]:
        """Those whose utilization, temperature and power it shows: an instance has none of its own."""
        if self.row.kind == "host":
            return self.row.snapshot.gpus
        return () if self.row.mig is not None or self.row.gpu is None else (self.row.gpu,)

    @cached_property
    def load(self) -> float | None:
        return figures.mean(gpu.utilization for gpu in self.gpus)


def name(it: Subject, size: int) -> Line:
    row = it.row
    if row.mig is not None:
        text = f"└ {clean(row.mig.profile, 20) or f'MIG {row.mig.index}'}"
        return (Span(left(" " * INDENT + text, size), holders.role(row.mig)),)
    if row.gpu is not None:
        return (Span(left(" " * INDENT + f"{row.gpu.index}", size), holders.role(row.gpu)),)
    return _host_name(row.snapshot, size)


def _host_name(snapshot: HostSnapshot, size: int) -> Line:
    mark, role = host_state.glyph(snapshot)
    text = clean(snapshot.name, 40)
    kinds = figures.models(snapshot.gpus)
    strong: Role = "strong" if host_state.counted(snapshot) else "text"
    line: Line = (Span(f"{mark} ", role), Span(cut(text, size - 2), strong))
    room = size - 2 - cells(text) - 1
    if kinds and room >= 4:
        line = (*line, Span(" "), Span(cut(kinds, room), "muted"))
    return line


def memory(it: Subject, size: int) -> Line:
    """A bar and `74/80G`."""
    used, of = it.memory
    part = figures.fraction(used, of)
    place, limits = it.row.place, it.view.thresholds
    role = it.role or levels.amount(None if part is None else part * 100, limits.memory)
    return (
        *bar(part, size - NUMBERS, levels.memory(place, limits) if place is not None else "calm"),
        *_figure(figures.memory(used, of), NUMBERS, role),
    )


def free_memory(it: Subject, size: int) -> Line:
    used, of = it.memory
    room = None if used is None or of is None else int(max(of - used, 0))
    return _figure("" if room is None else units.size(room), size, it.role or "muted")


def utilization(it: Subject, size: int) -> Line:
    """`97%`, behind a slim bar where there is room for one."""
    limits = it.view.thresholds.utilization
    figure = _figure(figures.percent(it.load), PERCENT, it.role or levels.amount(it.load, limits))
    room = size - PERCENT
    if room < 4:
        return figure
    return (*bar(figures.fraction(it.load, 100), room, levels.load(it.load, limits), SLIM), *figure)


def past(it: Subject, size: int) -> Line:
    """A host's: the newest values of all its GPUs under each other."""
    gpus = it.gpus
    values = gpus[0].trend[-TREND:] if len(gpus) == 1 else _together(tuple(gpu.trend[-TREND:] for gpu in gpus))
    return (Span(right(trend(values, size), size), "spark"),)


@lru_cache(maxsize=256)
def _together(trends: tuple[tuple[int | None, ...], ...]) -> tuple[float | None, ...]:
    """Their means, the newest under each other."""
    steps = max(map(len, trends), default=0)
    filled = [(*((None,) * (steps - len(each))), *each) for each in trends]
    return tuple(figures.mean(at_once) for at_once in zip(*filled, strict=True))


def heat(it: Subject, size: int) -> Line:
    celsius = figures.highest(gpu.temperature for gpu in it.gpus)
    return _figure(figures.celsius(celsius), size, it.role or levels.heat(celsius))


def power(it: Subject, size: int) -> Line:
    return _figure(figures.watts(figures.total(gpu.power for gpu in it.gpus)), size, it.role or "muted")


def model(it: Subject, size: int) -> Line:
    row = it.row
    text = figures.models(row.snapshot.gpus) if row.gpu is None else "" if row.mig else figures.model(row.gpu.name)
    return (Span(cut(text, size), "muted"),)


def _figure(text: str, size: int, role: Role) -> Line:
    return (Span(right(text or units.DASH, size), role if text else "faint"),)


def held_by(it: Subject, size: int) -> Line:
    row, view = it.row, it.view
    if row.place is None:
        return vacancy(row, view.thresholds.idle_after, view.now, size)
    xids = recent_of(row.snapshot.xids, row.gpu, view.now) if row.gpu is not None and row.mig is None else ()
    said = _who(row.place, size, view, xids)
    return (*said, *_usage(row.snapshot, row.place, size - width(said)))


def _usage(snapshot: HostSnapshot, place: Gpu | MigInstance, room: int) -> Line:
    """How well it is used, where that is not well and there is room for it: calm, its page has the figures."""
    found = how_well(snapshot, place) if room >= ROOM else None
    return (Span(f"   {found.kind}", "muted"),) if found is not None and found.kind != GOOD else ()


def _who(place: Gpu | MigInstance, size: int, view: View, xids: Sequence[Xid]) -> Line:
    """Its first holder, and what is never cut off: how many more, that it is idle, a fault."""
    sound = not isinstance(place, Gpu) or place.health == "ok"
    fault: Line = (Span(f"  {LOOK} {called(xids[-1])}", fault_role(xids[-1])),) if xids and sound else ()
    if (instead := holders.vacant(place)) is not None:
        return (*instead, *fault)
    holder, more = foremost(place), len(place.held_by) - 1
    idle = holders.idle(holder, view.thresholds.idle_after)
    tail: Line = (*((Span(f"  +{more}", "muted"),) if more else ()), *((Span("  "), *idle) if idle else ()), *fault)
    name = Span(left(clean(person(holder)), view.user) + "  ", "mine" if holder.mine else "text")
    doing = holders.doing(holder, place.processes, command=size >= COMMAND, session=size >= SESSION)
    return (*trim((name, *doing), max(size - width(tail), 8)), *tail)


def program(it: Subject, size: int) -> Line:
    """Process id and command line of the process that the row is named by; of a host what it has besides GPUs."""
    place = it.row.place
    if place is None:
        return (Span(cut(joined(besides(it.row.snapshot)), size), "muted"),)
    process = None if isinstance(place, Gpu) and place.mig_instances else holders.main_process(place)
    if process is None:
        return ()
    return fit((Span(right(str(process.pid), 7) + "  ", "muted"), Span(clean(process.command, 300), "muted")), size)


def besides(snapshot: HostSnapshot) -> list[str]:
    """`cpu 25%`, `ram 161/512G`"""
    cpu, total = snapshot.cpu_percent, snapshot.memory_total
    return [
        *([] if cpu is None else [f"cpu {cpu:.0f}%"]),
        *([f"ram {figures.memory(snapshot.memory_used, total)}"] if total else []),
    ]


def time(it: Subject, size: int) -> Line:
    """How long the oldest process there runs; of a host how far away it is."""
    row = it.row
    if row.place is None:
        return (Span(right(figures.latency(row.snapshot.latency), size), "muted"),)
    return (Span(right(holders.since(row.place.processes, it.view.now), size), "muted"),)
