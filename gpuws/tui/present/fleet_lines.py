"""A row of the fleet list as a line of exactly the list's width."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from gpuws.model import units
from gpuws.model.gpu import Gpu
from gpuws.model.settings import Thresholds
from gpuws.model.snapshot import HostSnapshot
from gpuws.tui.present import figures, holders, status
from gpuws.tui.present.bars import bar, level
from gpuws.tui.present.columns import Columns
from gpuws.tui.present.fleet_rows import Row
from gpuws.tui.present.line import Line, Role, Span, cells, clean, count, cut, fit, joined, left, right, trim

INDENT = 4


@dataclass(frozen=True, slots=True)
class Scene:
    """What a line needs besides its row. `trend(uuid, cells)`: the sparkline of the last minutes."""

    width: int
    columns: Columns
    now: float
    thresholds: Thresholds
    trend: Callable[[str, int], str]


def line(row: Row, scene: Scene) -> Line:
    if row.gpu is not None:
        return fit(_gpu(row.gpu, scene), scene.width)
    return fit(_note(row.snapshot, scene) if row.kind == "note" else _host(row.snapshot, scene), scene.width)


def heading(scene: Scene) -> Line:
    c = scene.columns
    cellsets: list[tuple[str, int, bool]] = [
        ("HOST / GPU", c.name, False),
        ("MEMORY", c.bar, False),
        ("", c.numbers, True),
        ("UTIL", c.percent, True),
        ("5 MIN", c.spark, False),
        ("°C", c.celsius, True),
        ("POWER", c.power, True),
        ("HELD BY", c.who, False),
        ("", c.age, True),
    ]
    parts = [(Span((right if at_right else left)(title, size), "head"),) for title, size, at_right in cellsets if size]
    return fit(_row(parts, c.gap), scene.width)


def _row(parts: Iterable[Line], gap: int) -> Line:
    spans: list[Span] = [Span(" ")]
    for number, part in enumerate(parts):
        spans += [Span(" " * gap), *part] if number else part
    return tuple(spans)


def _measures(
    scene: Scene, used: float | None, of: float | None, percent: float | None, trend: str, heat: float | None,
    power: float | None,
) -> list[Line]:  # fmt: skip
    """The columns MEMORY to POWER, as far as they are shown."""
    c, limits = scene.columns, scene.thresholds
    part = figures.fraction(used, of)
    full = level(None if part is None else part * 100, limits.memory)
    load: Role = "muted" if percent is None or percent < limits.utilization[0] else "text"
    found = [
        bar(part, c.bar, full),
        (Span(right(figures.memory(used, of) or units.DASH, c.numbers), "text"),),
        (Span(right(figures.percent(percent) or units.DASH, c.percent), load),),
    ]
    if c.spark:
        found.append((Span(right(trend, c.spark), "spark"),))
    if c.celsius:
        hot = heat is not None and heat >= 85
        found.append(
            (Span(right(units.DASH if heat is None else f"{heat:.0f}", c.celsius), "hot" if hot else "muted"),)
        )
    if c.power:
        found.append((Span(right(figures.watts(power) or units.DASH, c.power), "muted"),))
    return found


def _gpu(gpu: Gpu, scene: Scene) -> Line:
    c = scene.columns
    role: Role = "free" if gpu.free else "mine" if gpu.mine else "muted"
    name = (Span(left(" " * INDENT + f"{gpu.index}", c.name), role),)
    trend = scene.trend(gpu.uuid, c.spark) if c.spark else ""
    measures = _measures(scene, gpu.memory_used, gpu.memory_total, gpu.utilization, trend, gpu.temperature, gpu.power)
    who = fit(holders.who(gpu, c, scene.thresholds.idle_after), c.who)
    age = (Span(right(holders.since(gpu, scene.now), c.age), "muted"),) if c.age else ()
    return _row([name, *measures, who, *([age] if age else [])], c.gap)


def _name(snapshot: HostSnapshot, size: int) -> Line:
    mark, role = status.glyph(snapshot)
    name = clean(snapshot.name, 40)
    kinds = figures.models(snapshot.gpus)
    strong: Role = "strong" if status.counted(snapshot) else "text"
    line: Line = (Span(f"{mark} ", role), Span(cut(name, size - 2), strong))
    room = size - 2 - cells(name) - 1
    if kinds and room >= 4:
        line = (*line, Span(" "), Span(cut(kinds, room), "muted"))
    return fit(line, size)


def _host(snapshot: HostSnapshot, scene: Scene) -> Line:
    why = status.reason(snapshot, scene.now)
    if not snapshot.gpus:
        return _bare_host(snapshot, scene, why)
    c, gpus = scene.columns, snapshot.gpus
    measures = _measures(
        scene,
        figures.total(gpu.memory_used for gpu in gpus),
        figures.total(gpu.memory_total for gpu in gpus),
        figures.mean(gpu.utilization for gpu in gpus),
        "",
        figures.highest(gpu.temperature for gpu in gpus),
        figures.total(gpu.power for gpu in gpus),
    )
    edge = why.when if why else figures.latency(snapshot.latency)
    said = (Span(why.text, why.role),) if why else vacancy(snapshot, scene.thresholds.idle_after)
    return _row([_name(snapshot, c.name), *measures, *_said(said, edge, c.who, c.age)], c.gap)


def _bare_host(snapshot: HostSnapshot, scene: Scene, why: status.Reason | None) -> Line:
    """A host without GPUs to show: its words take the room of the columns."""
    c = scene.columns
    room = scene.width - 1 - c.name - c.gap - (c.age + c.gap if c.age else 0)
    edge = why.when if why else figures.latency(snapshot.latency)
    said: Line = (Span(why.text, why.role),) if why else _no_gpus(snapshot)
    return _row([_name(snapshot, c.name), *_said(said, edge, room, c.age)], c.gap)


def _said(said: Line, edge: str, room: int, age: int) -> list[Line]:
    """Words, and what stands at the right edge: longer than its column it takes room from the words."""
    extra = max(cells(edge) - age, 0)
    if not age or extra > room // 2:
        return [fit(said, room), *([(Span(" " * age),)] if age else [])]
    return [fit(said, room - extra), (Span(right(edge, age + extra), "muted"),)]


def _no_gpus(snapshot: HostSnapshot) -> Line:
    facts = [
        snapshot.cpu_percent is not None and f"cpu {snapshot.cpu_percent:.0f}%",
        snapshot.memory_total and f"ram {figures.memory(snapshot.memory_used, snapshot.memory_total)}",
        snapshot.sessions and count(len(snapshot.sessions), "session"),
        snapshot.containers and count(len(snapshot.containers), "container"),
    ]
    more = joined(fact or None for fact in facts)
    return (Span(status.no_gpus(snapshot), "text"), Span(f"   {more}" if more else "", "muted"))


def vacancy(snapshot: HostSnapshot, idle_after: float) -> Line:
    """`1 free · 2 reserved, unused (carol) · 1 idle`: what somebody looking for a GPU wants to know first."""
    gpus = snapshot.gpus
    free = sum(gpu.free for gpu in gpus)
    reserved = [h for gpu in gpus for h in gpu.held_by if h.kind == "reservation"]
    sleepy = sum(any(holders.idle(h, idle_after) for h in gpu.held_by) for gpu in gpus)
    bad = sum(gpu.health != "ok" for gpu in gpus)
    spans: list[Span] = [Span(f"{free} free", "free") if free else Span("full", "muted")]
    if reserved:
        people = joined(dict.fromkeys(clean(h.user) or "somebody" for h in reserved), ", ")
        spans.append(Span(f" · {len(reserved)} reserved, unused ({people})", "idle"))
    if sleepy:
        spans.append(Span(f" · {sleepy} idle", "idle"))
    if bad:
        spans.append(Span(f" · {status.LOOK} {count(bad, 'GPU')} failing", "error"))
    if snapshot.readonly:
        spans.append(Span(" · read-only", "muted"))
    if snapshot.engine is not None and snapshot.engine.error:
        spans.append(Span(f" · {clean(snapshot.engine.error)}", "muted"))
    return tuple(spans)


def _note(snapshot: HostSnapshot, scene: Scene) -> Line:
    why = status.reason(snapshot, scene.now)
    remedy = why.remedy if why else ""
    return trim((Span(" " * (1 + INDENT) + "→ ", "muted"), Span(remedy, "text")), scene.width)
