"""One host as a small cell: its name, what is free, a sign for each GPU, and its last five minutes. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from gpuws.model import units
from gpuws.model.gpu.gpu import Gpu
from gpuws.model.host.host import HostState
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.timeline import Series
from gpuws.present import figures, host_state
from gpuws.present.line import Line, Span, clean, one
from gpuws.tui.charts.chart import area
from gpuws.tui.fleet.vacancy import cell
from gpuws.tui.toolkit.bars import SLIM, TREND, bar
from gpuws.tui.toolkit.fitting import cells, fit, right, spread, trim

GAP = 2
"""Cells behind a tile that stay blank; below it one line does."""


def tile(snapshot: HostSnapshot, width: int, height: int, idle_after: float, now: float) -> list[Line]:
    """`height` lines of `width` cells, but for the gap behind them."""
    room, lines = width - GAP, height - 1
    why = host_state.reason(snapshot, now)
    if why is not None:
        found = [_name(snapshot, room), trim((Span("   "), Span(why.text, why.role)), room)]
        if why.remedy and lines > 2:
            found.append(trim((Span("   "), Span(why.remedy, "muted")), room))
    elif not snapshot.gpus:
        found = [_name(snapshot, room), one("   no GPUs" if snapshot.complete else "", "muted")]
    else:
        found = [_name(snapshot, room), *_gpus(snapshot, room, lines - 1, idle_after)]
    return [fit(line, room + 1) for line in (*found, *[()] * height)[:height]]


def _name(snapshot: HostSnapshot, room: int) -> Line:
    sign, role = host_state.glyph(snapshot)
    return spread((Span(f" {sign} ", role), Span(clean(snapshot.name, 40), "strong")), _free(snapshot), room)


def _free(snapshot: HostSnapshot) -> Line:
    """Nothing of a host that is not seen now."""
    if snapshot.state is not HostState.UP:
        return ()
    free = sum(gpu.free for gpu in snapshot.gpus)
    instances = figures.free_instances(snapshot.gpus)
    if free or instances:
        words = [f"{free} free" if free else "", f"{instances} MIG" if instances else ""]
        return one(" +".join(word for word in words if word), "free")
    return one("full", "muted") if any(gpu.availability.state == "held" for gpu in snapshot.gpus) else ()


def _gpus(snapshot: HostSnapshot, room: int, lines: int, idle_after: float) -> list[Line]:
    """A sign for each, memory and mean utilization; below them, where there is room, the utilization of the last five
    minutes."""
    gpus = sorted(snapshot.gpus, key=lambda gpu: gpu.index)
    load = figures.mean(gpu.utilization for gpu in gpus)
    told = right(figures.percent(load) or units.DASH, 4)
    if lines < 2:
        size = max(room - 3 - len(gpus) - 2 - 5, 0)
        signs = _signs(gpus, room - 9, idle_after)
        return [(Span("   "), *signs, Span("  "), *_trend(gpus, size, 1)[0], Span(f" {told}", "muted"))]
    memory = figures.fraction(
        figures.total(gpu.memory_used for gpu in gpus), figures.total(gpu.memory_total for gpu in gpus)
    )
    said = figures.memory(
        figures.total(gpu.memory_used for gpu in gpus), figures.total(gpu.memory_total for gpu in gpus)
    )
    end = (Span(f" {said}", "muted"),) if room >= 36 else ()
    signs = _signs(gpus, room - 12, idle_after)
    size = room - 3 - len(gpus) - 2 - sum(cells(span.text) for span in end)
    strip: Line = (Span("   "), *signs, Span("  "), *bar(memory, max(size, 0), "calm", SLIM), *end)
    drawn = _trend(gpus, room - 3 - 5, lines - 1)
    first = (Span("   "), *drawn[0], Span(f" {told}", "muted"))
    return [strip, first, *((Span("   "), *line) for line in drawn[1:])]


def _signs(gpus: Sequence[Gpu], most: int, idle_after: float) -> Line:
    """… stands for those for which there is no room."""
    if len(gpus) > max(most, 1):
        return (*(cell(gpu, idle_after) for gpu in gpus[: max(most - 1, 0)]), Span("…", "muted"))
    return tuple(cell(gpu, idle_after) for gpu in gpus)


def _trend(gpus: Sequence[Gpu], size: int, rows: int) -> list[Line]:
    return area(mean_trend(gpus), max(size, 0), rows, 100.0)


def mean_trend(gpus: Sequence[Gpu]) -> Series:
    """The mean of what is known of them in each step of the last five minutes."""
    padded = [(*[None] * (TREND - len(gpu.trend)), *gpu.trend[-TREND:]) for gpu in gpus]
    means = tuple(figures.mean(step) for step in zip(*padded, strict=True))
    return Series(means, means, tuple(int(mean is not None) for mean in means))
