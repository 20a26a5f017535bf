"""How well a GPU is used, in a word and with the figures that show it. Pure.

The bounds are from loads planted on H200s (driver 580): a bf16 product 96 % SM and 93 % tensor, an FP32 product 96 % SM
and 77 % of that pipe, a copy 98 % SM and 88 % of the memory's traffic; a rank that waits for another in NCCL keeps its
GPU at 100 % and a quarter of its SMs, whatever that other one does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from gpuws.model.gpu.gpu import Gpu
from gpuws.model.gpu.reading import GpuCounters

Kind = Literal["well used", "tensor cores idle", "memory-bound", "few SMs", "waiting for peers", "starved"]

AT_REST = 5.0  # percent of the time; less is no use of it
PAUSES = 80.0  # percent of the time: what works less waits between its kernels
FULL = 60.0  # percent
FEW = 50.0  # percent of the SMs
QUIET = 5.0  # percent of a pipe
CPU_FULL, CORE_FULL = 85.0, 90.0  # percent of all cores, of one
LOADING = 10.0  # seconds in which a program that began is not judged: it imports, reads its model, meets its peers


@dataclass(frozen=True, slots=True)
class Verdict:
    """`evidence`: the figures, in words."""

    kind: Kind
    evidence: str


@dataclass(frozen=True, slots=True)
class Around:
    """What else is known of its host. `cpu`: percent of all cores; `others`: its other GPUs; `at`: when all was read,
    in epoch seconds."""

    cpu: float | None = None
    others: tuple[Gpu, ...] = ()
    at: float | None = None


def verdict(gpu: Gpu, around: Around) -> Verdict | None:
    """None where it rests, nobody is seen on it, or its counters are not told, or tell of a time before its programs
    were at work."""
    told = gpu.counters
    if gpu.health != "ok" or told is None or not gpu.processes or _begins(gpu, told, around.at):
        return None
    active, sm = told.active, told.sm_active
    if active is None or sm is None or active < AT_REST:
        return None
    if active < PAUSES:
        return Verdict("starved", _pauses(gpu, active, around))
    if (told.dram or 0.0) >= FULL:
        return Verdict(
            "memory-bound", f"its memory's traffic is at {told.dram:.0f}%, tensor cores {_said(told.tensor)}"
        )
    if sm < FEW:
        return _waits(gpu, sm, around) or Verdict("few SMs", f"{sm:.0f}% of its SMs work, it seems busy all the time")
    if told.tensor is not None and told.tensor < QUIET:
        return Verdict("tensor cores idle", f"{_pipes(told)}, tensor cores {told.tensor:.0f}%")
    return Verdict("well used", f"{sm:.0f}% of its SMs work, tensor cores {_said(told.tensor)}")


def _begins(gpu: Gpu, told: GpuCounters, at: float | None) -> bool:
    """The means reach back to where the newest of its programs was not there, or loading. A start that is yet to come
    is a clock that is wrong, and says nothing."""
    starts = [one.started_at for one in gpu.processes if one.started_at is not None]
    if at is None or not starts or max(starts) > at:
        return False
    return at - (told.seconds or 0.0) < max(starts) + LOADING


def _pauses(gpu: Gpu, active: float, around: Around) -> str:
    cores = [one.cpu_percent for one in gpu.processes if one.cpu_percent is not None]
    if around.cpu is not None and around.cpu >= CPU_FULL:
        why = f"the host's CPUs are at {around.cpu:.0f}%"
    elif cores and max(cores) >= CORE_FULL:
        why = f"its program takes {max(cores) / 100:.1f} cores"
    else:
        why = "its program waits for something else than CPUs" if cores else "what for is not seen"
    return f"works {active:.0f}% of the time: {why}"


def _waits(gpu: Gpu, sm: float, around: Around) -> Verdict | None:
    """A kernel that only asks whether others are there yet keeps few SMs busy, and all the time."""
    peers = [(one, one.counters) for one in around.others if one.counters is not None and _together(gpu, one)]
    slow = [(one, said) for one, told in peers if (said := _keeps_waiting(told))]
    if not slow:
        return None
    said = ", ".join(f"GPU {one.index} {words}" for one, words in slow)
    return Verdict("waiting for peers", f"{sm:.0f}% of its SMs work while {said}")


def _keeps_waiting(told: GpuCounters) -> str:
    """ "" where it does not: it waits itself."""
    if told.active is not None and told.active < PAUSES:
        return f"works {told.active:.0f}% of the time"
    return f"works with {told.sm_active:.0f}%" if told.sm_active is not None and told.sm_active >= FULL else ""


def _together(one: Gpu, other: Gpu) -> bool:
    """Somebody works on both."""
    names = {(holder.kind, holder.name, holder.user) for holder in one.held_by}
    return any((holder.kind, holder.name, holder.user) in names for holder in other.held_by)


def _pipes(told: GpuCounters) -> str:
    pipes = {"FP64": told.fp64, "FP32": told.fp32, "FP16": told.fp16}
    most = max(pipes, key=lambda name: pipes[name] or 0.0)
    return f"{most} {_said(pipes[most])}" if pipes[most] else f"{told.sm_active:.0f}% of its SMs work"


def _said(percent: float | None) -> str:
    return "not told" if percent is None else f"{percent:.0f}%"


def others(gpus: Iterable[Gpu], gpu: Gpu) -> tuple[Gpu, ...]:
    """All of them but that one."""
    return tuple(one for one in gpus if one.uuid != gpu.uuid)
