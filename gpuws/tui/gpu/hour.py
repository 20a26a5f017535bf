"""The last hour of a GPU as graphs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gpuws.model import units
from gpuws.model.gpu.gpu import Gpu
from gpuws.model.gpu.history import GpuHistory
from gpuws.present import figures
from gpuws.present.line import Line, Span
from gpuws.tui.toolkit.bars import graph
from gpuws.tui.toolkit.fitting import left, right

SPAN = 3600.0
NAME, FIGURES = 13, 14


@dataclass(frozen=True, slots=True)
class _Measure:
    """`top`: the value at the upper edge of its graph."""

    name: str
    values: Sequence[float | None]
    top: float | None
    told: Callable[[float], str]


def hour(past: GpuHistory | None, gpu: Gpu, width: int, height: int) -> list[Line]:
    """Utilization, memory and power, each with its mean and its highest; blank where nobody watched."""
    if past is None:
        return [(Span(" reading …", "muted"),)]
    if not any(value is not None for value in (*past.utilization, *past.memory, *past.power)):
        return [(Span(" nothing was seen of it in the last hour", "muted"),)]
    size = max(width - NAME - FIGURES, 10)
    steps = max(round(SPAN / past.step), 1) if past.step > 0 else 1
    measures = (
        _Measure("utilization", past.utilization, 100.0, figures.percent),
        _Measure("memory", past.memory, gpu.memory_total, lambda value: units.size(int(value))),
        _Measure("power", past.power, gpu.power_limit or figures.highest(past.power), figures.watts),
    )
    gap: list[Line] = [()] if height > 2 else []
    return [*(line for measure in measures for line in (*_rows(measure, steps, size, height), *gap)), _axis(size)]


def _last(values: Sequence[float | None], steps: int) -> list[float | None]:
    known = values[-steps:]
    return [*[None] * (steps - len(known)), *known]


def _rows(measure: _Measure, steps: int, size: int, height: int) -> list[Line]:
    values, top = _last(measure.values, steps), measure.top
    percents = [None if value is None or not top else value * 100 / top for value in values]
    mean, peak = figures.mean(values), figures.highest(values)
    said = ["" if mean is None else f"mean {measure.told(mean)}", "" if peak is None else f"peak {measure.told(peak)}"]
    return [
        (
            Span(f" {left(measure.name if number == 0 else '', NAME - 1)}", "muted"),
            Span(row, "spark"),
            Span(right(said[number] if number < len(said) else "", FIGURES), "muted"),
        )
        for number, row in enumerate(graph(percents, size, height))
    ]


def _axis(size: int) -> Line:
    half = size // 2
    text = left("-60 min", half) + left("-30 min", size - half - 3) + "now"
    return (Span(" " * NAME), Span(text[:size], "faint"))
