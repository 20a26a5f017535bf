"""Ending processes: the ladder of signals, the command each stands for, and what must be asked before. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

from gpuws.fleet.base import Signal
from gpuws.model import units
from gpuws.model.commands import on_host
from gpuws.model.confirm import BUSY_PERCENT, Confirmation
from gpuws.model.gpu import Gpu, GpuProcess
from gpuws.model.join import program
from gpuws.model.snapshot import HostSnapshot
from gpuws.tui.present.line import clean, joined
from gpuws.tui.present.process_table import inside, processes_of

LADDER: tuple[Signal, ...] = ("INT", "TERM", "KILL")
MEANS: Mapping[Signal, str] = {
    "INT": "INT asks as ctrl-c does: most programs save and end.",
    "TERM": "TERM asks to end now.",
    "KILL": "KILL ends it at once: nothing is saved.",
}
SHOWN = 6


def next_rung(sent: Signal | None) -> Signal:
    """The signal to offer after `sent` did not help."""
    return LADDER[min(LADDER.index(sent) + 1, len(LADDER) - 1)] if sent is not None else LADDER[0]


def kill_command(snapshot: HostSnapshot, process: GpuProcess, signal: Signal) -> str:
    """As typed at the workstation; inside its container, as root there, where its pid there is known."""
    argv = ["kill", f"-{signal}", str(process.pid)]
    if process.container_id is not None and process.inner_pid is not None:
        name = process.container or process.container_id[:12]
        argv = ["docker", "exec", "-u", "0", name, "kill", f"-{signal}", str(process.inner_pid)]
    return on_host(snapshot.name, shlex.join(argv))


def name_of(process: GpuProcess) -> str:
    """What a person calls it; its pid where that can't be typed."""
    name = clean(program(process.command), 60)
    return name if name and name.isascii() else str(process.pid)


def gpus_of(process: GpuProcess, snapshot: HostSnapshot) -> list[tuple[Gpu, GpuProcess]]:
    """Each GPU that it holds, with what it has there."""
    return [(gpu, each) for gpu in snapshot.gpus for each in processes_of(gpu) if each.pid == process.pid]


def is_busy(process: GpuProcess, snapshot: HostSnapshot) -> bool:
    return any(_load(gpu, each) >= BUSY_PERCENT for gpu, each in gpus_of(process, snapshot))


def ask_one(process: GpuProcess, snapshot: HostSnapshot, now: float, signal: Signal) -> Confirmation:
    """Mine asks, busy with figures, not mine for its name."""
    name = name_of(process)
    word = None if process.mine else name
    lines = [f"{_whose(process)}, {joined(_figures(process, snapshot, now), ', ')}."]
    if where := inside(process):
        lines.append(f"In {where}.")
    if word:
        lines.append("It is not yours: type its name to go on.")
    title = f"End {name} ({process.pid}) on {snapshot.name}?"
    return Confirmation(title, tuple(lines), kill_command(snapshot, process, signal), word, is_busy(process, snapshot))


def ask_many(processes: Sequence[GpuProcess], snapshot: HostSnapshot, signal: Signal) -> Confirmation:
    """Not all mine: the count must be typed."""
    foreign = sum(not process.mine for process in processes)
    lines = [f"{p.pid}  {clean(p.user) or 'somebody'}  {name_of(p)}" for p in processes[:SHOWN]]
    if len(processes) > SHOWN:
        lines.append(f"and {len(processes) - SHOWN} more")
    if foreign:
        lines.append(f"{foreign} not yours: type the count, {len(processes)}, to go on.")
    title = f"End {len(processes)} processes on {snapshot.name}?"
    command = kill_command(snapshot, processes[0], signal) + " …"
    busy = any(is_busy(process, snapshot) for process in processes)
    return Confirmation(title, tuple(lines), command, str(len(processes)) if foreign else None, busy)


def _whose(process: GpuProcess) -> str:
    return "your process" if process.mine else f"{clean(process.user) or 'somebody'}'s process"


def _figures(process: GpuProcess, snapshot: HostSnapshot, now: float) -> list[str]:
    held = gpus_of(process, snapshot)
    found = [] if process.started_at is None else [f"running for {units.duration(now - process.started_at)}"]
    memory = [each.memory for _, each in held if each.memory is not None]
    where = f"GPU {','.join(dict.fromkeys(str(gpu.index) for gpu, _ in held))}"
    found.append(f"{units.size(sum(memory))} of {where}" if memory else where)
    known = [_load(gpu, each) for gpu, each in held if each.utilization is not None or gpu.utilization is not None]
    return [*found, f"at {max(known):.0f}%"] if known else found


def _load(gpu: Gpu, process: GpuProcess) -> float:
    """Its own, else its GPU's: an unknown one is taken for busy work."""
    return process.utilization if process.utilization is not None else gpu.utilization or 0.0
