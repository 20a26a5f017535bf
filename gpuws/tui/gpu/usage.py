"""How well a GPU is used, as lines of its page: the verdict with its evidence, and what its counters tell."""

from __future__ import annotations

from gpuws.model import units
from gpuws.model.gpu.gpu import Gpu
from gpuws.model.gpu.reading import GpuCounters
from gpuws.model.gpu.verdict import GOOD, how_well
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.present.line import Line, Role, Span, joined
from gpuws.tui.toolkit.sections import fact


def usage(snapshot: HostSnapshot, gpu: Gpu) -> list[Line]:
    """Empty where nothing is told."""
    lines: list[Line] = []
    found = how_well(snapshot, gpu)
    if found is not None:
        role: Role = "ok" if found.kind == GOOD else "warn"
        lines.append((*fact("usage", found.kind, role), Span(f" · {found.evidence}", "muted")))
    if gpu.counters is not None:
        lines += [fact(name, told) for name, told in _counters(gpu.counters) if told]
    elif gpu.memory_activity is not None:
        lines.append(fact("bandwidth", f"memory read or written {gpu.memory_activity:.0f}% of the time"))
    return lines


def _counters(told: GpuCounters) -> list[tuple[str, str]]:
    """Of the last seconds."""
    sm = [_of("active", told.sm_active), _of("occupied", told.sm_occupancy)]
    pipes = [_of(name, value) for name, value in (("FP64", told.fp64), ("FP32", told.fp32), ("FP16", told.fp16))]
    return [
        ("SMs", joined(sm)),
        ("pipes", joined([_of("tensor", told.tensor), *pipes, _of("DRAM", told.dram)])),
        ("NVLink", _traffic(told.nvlink_received, told.nvlink_sent)),
    ]


def _of(name: str, value: float | None) -> str | None:
    return None if value is None else f"{name} {value:.0f}%"


def _traffic(received: int | None, sent: int | None) -> str:
    """Nothing where no such link is used."""
    if not received and not sent:
        return ""
    return joined(
        [f"{sign} {units.size(value)}/s" for sign, value in (("↓", received), ("↑", sent)) if value is not None]
    )
