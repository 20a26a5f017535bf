"""A row of the fleet list as a line of exactly the list's width."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gpuws.model import units
from gpuws.model.alarms import recent_of
from gpuws.model.gpu.gpu import Gpu, MigInstance
from gpuws.model.gpu.reading import Xid
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.ownership.tenancy import foremost, person
from gpuws.model.settings import Thresholds
from gpuws.model.units import count
from gpuws.present import figures, holders, host_state, levels
from gpuws.present.alerts import alert_lines, alerts
from gpuws.present.glyphs import LOOK
from gpuws.present.line import Line, Role, Span, clean, joined
from gpuws.present.tables import gpus
from gpuws.tui.fleet.columns import Columns
from gpuws.tui.fleet.rows import Row
from gpuws.tui.fleet.vacancy import vacancy
from gpuws.tui.toolkit.bars import TREND, bar, trend
from gpuws.tui.toolkit.fitting import cells, cut, fit, left, right, trim, width

INDENT = 4


@dataclass(frozen=True, slots=True)
class Scene:
    """What a line needs besides its row."""

    width: int
    columns: Columns
    now: float
    thresholds: Thresholds


def line(row: Row, scene: Scene) -> Line:
    if row.gpu is None:
        found = _host(row, scene)
    elif row.mig is not None:
        found = _instance(row.mig, scene)
    else:
        found = _gpu(row.snapshot, row.gpu, scene)
    return fit(found, scene.width)


def heading(scene: Scene) -> Line:
    c = scene.columns
    cellsets: list[tuple[str, int, bool]] = [
        ("HOST / GPU", c.name, False),
        (gpus.MEMORY.title, c.bar, False),
        ("", c.numbers, True),
        (gpus.UTIL.title, c.percent, True),
        (gpus.TREND.title, c.spark, False),
        (gpus.TEMP.title, c.celsius, True),
        (gpus.POWER.title, c.power, True),
        (gpus.HELD_BY.title, c.who, False),
        ("", c.age, True),
    ]
    parts = [(Span((right if at_right else left)(title, size), "head"),) for title, size, at_right in cellsets if size]
    return fit(_row(parts, c.gap), scene.width)


def _row(parts: Iterable[Line], gap: int) -> Line:
    spans: list[Span] = [Span(" ")]
    for number, part in enumerate(parts):
        spans += [Span(" " * gap), *part] if number else part
    return tuple(spans)


@dataclass(frozen=True, slots=True)
class _Figures:
    """What the columns MEMORY to POWER show. `bar`: the role of the bar of memory. `role`: of all figures, where they
    stand out together."""

    used: float | None
    of: float | None
    load: float | None = None
    past: Sequence[float | None] = ()
    heat: float | None = None
    power: float | None = None
    bar: Role = "calm"
    role: Role | None = None


def _measures(scene: Scene, shown: _Figures) -> list[Line]:
    """The columns MEMORY to POWER, as far as they are shown."""
    c, limits = scene.columns, scene.thresholds
    part = figures.fraction(shown.used, shown.of)
    full = None if part is None else part * 100
    found = [
        bar(part, c.bar, shown.bar),
        _figure(figures.memory(shown.used, shown.of), c.numbers, shown.role or levels.amount(full, limits.memory)),
        _figure(figures.percent(shown.load), c.percent, shown.role or levels.amount(shown.load, limits.utilization)),
    ]
    if c.spark:
        found.append((Span(right(trend(shown.past, c.spark), c.spark), "spark"),))
    if c.celsius:
        found.append(_figure(figures.celsius(shown.heat), c.celsius, shown.role or levels.heat(shown.heat)))
    if c.power:
        found.append(_figure(figures.watts(shown.power), c.power, shown.role or "muted"))
    return found


def _figure(text: str, size: int, role: Role) -> Line:
    return (Span(right(text or units.DASH, size), role if text else "faint"),)


def _gpu(snapshot: HostSnapshot, gpu: Gpu, scene: Scene) -> Line:
    c = scene.columns
    name = (Span(left(" " * INDENT + f"{gpu.index}", c.name), holders.role(gpu)),)
    shown = _Figures(
        gpu.memory_used, gpu.memory_total, gpu.utilization, gpu.trend, gpu.temperature, gpu.power,
        bar=levels.memory(gpu, scene.thresholds), role="free" if gpu.free else None,
    )  # fmt: skip
    held = who(gpu, c, scene.thresholds.idle_after, recent_of(snapshot.xids, gpu, scene.now))
    return _row([name, *_measures(scene, shown), fit(held, c.who), *_since(gpu, scene)], c.gap)


def _instance(instance: MigInstance, scene: Scene) -> Line:
    c = scene.columns
    text = " " * INDENT + f"└ {clean(instance.profile, 20) or f'MIG {instance.index}'}"
    shown = _Figures(
        instance.memory_used, instance.memory_total,
        bar=levels.memory(instance, scene.thresholds), role="free" if instance.free else None,
    )  # fmt: skip
    held = who(instance, c, scene.thresholds.idle_after)
    name = (Span(left(text, c.name), holders.role(instance)),)
    return _row([name, *_measures(scene, shown), fit(held, c.who), *_since(instance, scene)], c.gap)


def who(place: Gpu | MigInstance, columns: Columns, idle_after: float, xids: Sequence[Xid] = ()) -> Line:
    """The HELD BY cell: its first holder, and what is never cut off: how many more, that it is idle, a fault."""
    sound = not isinstance(place, Gpu) or place.health == "ok"
    fault: Line = (Span(f"  {LOOK} Xid {xids[-1].number}", "error"),) if xids and sound else ()
    if (instead := holders.vacant(place)) is not None:
        return (*instead, *fault)
    holder, more = foremost(place), len(place.held_by) - 1
    idle = holders.idle(holder, idle_after)
    tail: Line = (*((Span(f"  +{more}", "muted"),) if more else ()), *((Span("  "), *idle) if idle else ()), *fault)
    name = Span(left(clean(person(holder)), columns.user) + "  ", "mine" if holder.mine else "text")
    doing = holders.doing(holder, place.processes, command=columns.command, session=columns.session)
    return (*trim((name, *doing), max(columns.who - width(tail), 8)), *tail)


def _since(place: Gpu | MigInstance, scene: Scene) -> list[Line]:
    age = scene.columns.age
    return [(Span(right(holders.since(place.processes, scene.now), age), "muted"),)] if age else []


def _name(snapshot: HostSnapshot, size: int) -> Line:
    mark, role = host_state.glyph(snapshot)
    name = clean(snapshot.name, 40)
    kinds = figures.models(snapshot.gpus)
    strong: Role = "strong" if host_state.counted(snapshot) else "text"
    line: Line = (Span(f"{mark} ", role), Span(cut(name, size - 2), strong))
    room = size - 2 - cells(name) - 1
    if kinds and room >= 4:
        line = (*line, Span(" "), Span(cut(kinds, room), "muted"))
    return fit(line, size)


def _host(row: Row, scene: Scene) -> Line:
    snapshot = row.snapshot
    why = host_state.reason(snapshot, scene.now)
    if not snapshot.gpus:
        return _host_without_figures(snapshot, scene, why)
    c, gpus = scene.columns, snapshot.gpus
    told = [gpu for gpu in gpus if gpu.memory_used is not None] or gpus
    shown = _Figures(
        figures.total(gpu.memory_used for gpu in told),
        figures.total(gpu.memory_total for gpu in told),
        figures.mean(gpu.utilization for gpu in gpus),
        _mean_trend(gpus) if c.spark else (),
        figures.highest(gpu.temperature for gpu in gpus),
        figures.total(gpu.power for gpu in gpus),
    )
    said = _trouble(why) if why else [vacancy(row, scene.thresholds.idle_after, scene.now, c.who)]
    return _row(
        [_name(snapshot, c.name), *_measures(scene, shown), *_said(said, _edge(snapshot, why), c.who, c.age)], c.gap
    )


def _trouble(why: host_state.Reason) -> list[Line]:
    """What is wrong; behind it, where there is room for all of it, what to do."""
    text = Span(why.text, why.role)
    return [(text, Span(f" — {why.remedy}", "muted")), (text,)] if why.remedy else [(text,)]


def _edge(snapshot: HostSnapshot, why: host_state.Reason | None) -> str:
    return why.when if why else figures.latency(snapshot.latency)


def _mean_trend(gpus: Sequence[Gpu]) -> list[float | None]:
    """The host's: the newest values of all its GPUs under each other."""
    past = [gpu.trend[-TREND:] for gpu in gpus]
    steps = max(map(len, past), default=0)
    filled = [(*((None,) * (steps - len(values))), *values) for values in past]
    return [figures.mean(at_once) for at_once in zip(*filled, strict=True)]


def _host_without_figures(snapshot: HostSnapshot, scene: Scene, why: host_state.Reason | None) -> Line:
    """A host without GPUs to show: its words take the room of the columns."""
    c = scene.columns
    room = scene.width - 1 - c.name - c.gap - (c.age + c.gap if c.age else 0)
    said = _trouble(why) if why else [_no_gpus(snapshot, scene.now)]
    return _row([_name(snapshot, c.name), *_said(said, _edge(snapshot, why), room, c.age)], c.gap)


def _said(said: Sequence[Line], edge: str, room: int, age: int) -> list[Line]:
    """The first of these words that fits, else the last; and what stands at the right edge: longer than its column it
    takes room from the words."""
    extra = max(cells(edge) - age, 0)
    end: list[Line] = [(Span(right(edge, age + extra), "muted"),)]
    if not age or extra > room // 2:
        extra, end = 0, [(Span(" " * age),)] if age else []
    words = next((line for line in said if width(line) <= room - extra), said[-1])
    return [fit(words, room - extra), *end]


def _no_gpus(snapshot: HostSnapshot, now: float) -> Line:
    facts = [
        snapshot.cpu_percent is not None and f"cpu {snapshot.cpu_percent:.0f}%",
        snapshot.memory_total and f"ram {figures.memory(snapshot.memory_used, snapshot.memory_total)}",
        snapshot.sessions and count(len(snapshot.sessions), "session"),
        snapshot.workspaces and count(len(snapshot.workspaces), "container"),
    ]
    more = joined(fact or None for fact in facts)
    marks = [span for line in alert_lines(alerts(snapshot, now)) for span in (Span("   "), *line)]
    why = host_state.no_gpus(snapshot)
    fault = snapshot.telemetry_error
    role: Role = "warn" if fault is not None and fault.kind != "no-driver" else "text"
    return (Span(why, role), *marks, Span(f"   {more}" if more else "", "muted"))
