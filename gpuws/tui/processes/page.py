"""One process on a GPU, as lines under its charts."""

from __future__ import annotations

from collections.abc import Iterator

from gpuws.model import units
from gpuws.model.gpu.gpu import Gpu, GpuProcess
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.present import figures
from gpuws.present.line import Line, clean, joined
from gpuws.present.tables.processes import chosen
from gpuws.tui.charts.chart import Figure
from gpuws.tui.toolkit.sections import fact, section


def page(snapshot: HostSnapshot, gpu: Gpu, process: GpuProcess, now: float) -> list[Line]:
    return section("PROCESS", _facts(snapshot, gpu, process, now))


def figures_of(gpu: Gpu, process: GpuProcess) -> tuple[Figure, ...]:
    """What its charts are of: another figure that is kept of it (`fleet/history.py: OF_PROCESS`) is another row."""
    memory = units.size(process.memory) if process.memory is not None else ""
    cpu = figures.percent(process.cpu_percent)
    return (
        Figure("memory", "MEMORY", memory, _size, gpu.memory_total),
        Figure("utilization", "GPU", figures.percent(process.utilization), figures.percent, 100.0),
        Figure("cpu", "CPU", f"{cpu} of a core" if cpu else "", figures.percent, 100.0),
    )


def _size(value: float) -> str:
    return units.size(int(value))


def _facts(snapshot: HostSnapshot, gpu: Gpu, process: GpuProcess, now: float) -> Iterator[Line]:
    yield fact("command", clean(process.command, 500))
    yield fact("user", clean(process.user), "mine" if process.mine else "text")
    if process.started_at is not None:
        yield fact("runs for", units.duration(now - process.started_at))
    inside = None if process.inner_pid is None else f"{process.inner_pid} inside"
    yield fact("pid", joined([str(process.pid), inside]))
    for name, text in (
        ("container", process.container),
        ("session", process.session and f"tmux:{process.session}"),
        ("notebook", process.notebook),
        ("job", process.job),
    ):
        if text:
            yield fact(name, clean(text))
    others = [
        str(one.index) for one, other in chosen(snapshot, None, None) if other.pid == process.pid and one is not gpu
    ]
    more = f"also on {', '.join(dict.fromkeys(others))}" if others else ""
    yield fact("GPU", joined([f"{gpu.index}  {figures.model(gpu.name)}", more]))
