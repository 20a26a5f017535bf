"""One host in full, as lines under its charts: its GPUs, who holds them, what runs there, and what it is."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator

from gpuws.model import units
from gpuws.model.alarms import FULL, OVERFULL, fullness
from gpuws.model.gpu.gpu import Gpu
from gpuws.model.gpu.reading import Disk
from gpuws.model.host.busiest import Busiest
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.settings import Thresholds
from gpuws.present import alerts, figures, holders, levels
from gpuws.present.glyphs import LOOK
from gpuws.present.line import Line, Role, Span, clean, joined, one
from gpuws.present.tables import people, sessions, workspaces
from gpuws.present.tables.base import Table
from gpuws.present.tables.load import busiest
from gpuws.tui.charts.chart import Figure
from gpuws.tui.toolkit import table_lines
from gpuws.tui.toolkit.bars import SLIM, bar, trend
from gpuws.tui.toolkit.fitting import left, right
from gpuws.tui.toolkit.sections import WIDE, beside, fact, section

DISK_BAR = 20


def page(snapshot: HostSnapshot, limits: Thresholds, now: float, width: int, busy: Busiest | None = None) -> list[Line]:
    """Two columns where there is room: what lives there, and what it is. `busy`: what loads it, where it has told."""
    half = width * 6 // 10 if width >= WIDE else width
    living = [
        *section("GPUS", _gpus(snapshot, limits, half)),
        *section("PEOPLE", _table(people.listing([snapshot], limits.idle_after), half)),
        *section("WORKSPACES", _table(workspaces.of_host(snapshot, None, now), half)),
        *(section("CPU AND RAM", _busy(busy, now, half)) if busy is not None else ()),
    ]
    wide = width >= WIDE
    inside = section("SESSIONS", _table(sessions.of_host(snapshot, now), width - half if wide else width))
    about = [
        *section("DISKS", map(_disk, snapshot.disks)),
        *section("HOST", _facts(snapshot)),
    ]
    lines = beside(living, [*about, *inside], half, width) if wide else [*living, *inside, *about]
    return [*_trouble(snapshot, now), *lines]


def figures_of(snapshot: HostSnapshot) -> tuple[Figure, ...]:
    """What its charts are of: another figure that is kept of it (`fleet/history.py: OF_HOST`) is another row."""
    cores = snapshot.facts.cpu_count if snapshot.facts else None
    load = "" if snapshot.load is None else joined([f"{snapshot.load:.1f}", f"on {cores} CPUs" if cores else ""], " ")
    known = snapshot.memory_used is not None
    memory = figures.memory(snapshot.memory_used, snapshot.memory_total) if known else ""
    return (
        Figure("cpu", "CPU", figures.percent(snapshot.cpu_percent), figures.percent, 100.0),
        Figure("memory", "MEMORY", memory, _size, snapshot.memory_total),
        Figure("load", "LOAD", load, _number, cores),
        Figure("network", "NETWORK", _network(snapshot), _rate),
    )


def _size(value: float) -> str:
    return units.size(int(value))


def _number(value: float) -> str:
    return f"{value:.1f}" if value < 10 else f"{value:.0f}"


def _rate(value: float) -> str:
    return f"{units.size(int(value))}/s"


def _network(snapshot: HostSnapshot) -> str:
    if snapshot.net_received is None or snapshot.net_sent is None:
        return ""
    return f"↓ {_rate(snapshot.net_received)} ↑ {_rate(snapshot.net_sent)}"


def _trouble(snapshot: HostSnapshot, now: float) -> Iterator[Line]:
    """What wants a look, with what mends it."""
    for warning in snapshot.warnings:
        yield one(f" {LOOK} {clean(str(warning), 500)}", "warn")
    said = {alerts.saying(warning) for warning in snapshot.warnings}
    for alert in alerts.alerts(snapshot, now):
        if alert.text not in said:
            yield one(f" {LOOK} {alert.text}", alert.role)


# what lives there


def _gpus(snapshot: HostSnapshot, limits: Thresholds, width: int) -> list[Line]:
    if not snapshot.gpus:
        why = snapshot.telemetry_error
        return [one(f" {clean(str(why))}", "muted")] if why is not None else []
    return [_gpu(snapshot, gpu, limits, width) for gpu in sorted(snapshot.gpus, key=lambda gpu: gpu.index)]


def _gpu(snapshot: HostSnapshot, gpu: Gpu, limits: Thresholds, width: int) -> Line:
    """Its memory, its last five minutes, and who is there."""
    found = snapshot.availability(gpu)
    lost = gpu.free and found.state != "free"  # nobody knows whether it is so still
    roomy = width >= 76
    memory = figures.fraction(gpu.memory_used, gpu.memory_total)
    drawn = bar(memory, 12 if roomy else 6, levels.memory(gpu, limits))
    number = right(figures.memory(gpu.memory_used, gpu.memory_total) or units.DASH, 9)
    load = right(figures.percent(gpu.utilization) or units.DASH, 5)
    return (
        Span(f" {gpu.index:>2} ", "free" if found.state == "free" else "muted"), *drawn,
        Span(f" {number} {load} ", "text"), Span(left(trend(gpu.trend, 10), 10) + "  ", "spark"),
        *(one(found.reason, "muted") if lost else holders.everybody(gpu)),
    )  # fmt: skip


def _busy(found: Busiest, now: float, width: int) -> list[Line]:
    """Who takes the processors and the memory."""
    said = [(Span(f" {LOOK} ", line[0].role), *line) for line in busiest.notes(found)]
    return [*said, *_table(busiest.of_host(found, now), width)]


def _table(table: Table, width: int) -> list[Line]:
    if not table.rows:
        return [one(f" {table.empty}", "muted")] if table.empty else []
    return [
        table_lines.heading(table.columns, width),
        *(table_lines.table_line(table, row, width) for row in table.rows),
    ]


# what it is


def _disk(disk: Disk) -> Line:
    full = fullness(disk)
    role: Role = "calm" if full is None or full < FULL else "warm" if full < OVERFULL else "hot"
    told = f"{units.size(disk.used)} of {units.size(disk.total)}"
    percent = right("" if full is None else f"{full:.0%}", 5)
    return (
        Span(f" {left(clean(disk.mount, 40), 12)} ", "muted"), *bar(full, DISK_BAR, role, SLIM),
        Span(f"{percent}  ", "text"), Span(told, "muted"),
    )  # fmt: skip


def _facts(snapshot: HostSnapshot) -> Iterable[Line]:
    facts, engine = snapshot.facts, snapshot.engine
    yield fact("GPUs", joined([figures.models(snapshot.gpus), _power(snapshot)]) or "none")
    driver = joined([clean(snapshot.driver), snapshot.cuda and f"CUDA {clean(snapshot.cuda)}"])
    yield fact("driver", joined([driver, snapshot.telemetry and f"read by {snapshot.telemetry}"]))
    if engine is not None:
        known = joined([engine.kind, clean(engine.version), engine.api_version and f"API {engine.api_version}"], " ")
        yield fact("engine", clean(engine.error) if engine.error else known, "warn" if engine.error else "text")
        if engine.at:
            yield fact("engine at", clean(engine.at))
    if facts is not None:
        yield fact("machine", joined([clean(facts.hostname), f"{facts.cpu_count} CPUs" if facts.cpu_count else ""]))
        yield fact("login", joined([clean(facts.login), f"uid {facts.uid}", clean(" ".join(facts.groups))]))
    if snapshot.backend:
        yield fact("backend", joined([snapshot.backend, clean(snapshot.backend_why)], ": "))
    if snapshot.greeting:
        yield fact("it says", clean(" ".join(snapshot.greeting), 300))
    yield fact("latency", figures.latency(snapshot.latency))
    if snapshot.tags:
        yield fact("tags", clean(" ".join(f"#{tag}" for tag in snapshot.tags)))
    if snapshot.aliases:
        yield fact("also", clean(", ".join(snapshot.aliases)))
    if snapshot.readonly:
        yield fact("access", "read-only")
    yield fact("log", f"gpuws hosts log {clean(shlex.quote(snapshot.name))}")


def _power(snapshot: HostSnapshot) -> str:
    """Of all its GPUs together."""
    return figures.watts(figures.total(gpu.power for gpu in snapshot.gpus))
