"""How well a GPU is used, in a word and with the figures that show it. Pure.

The bounds are from loads planted on H200s (driver 580): a bf16 product 96 % SM and 93 % tensor, an FP32 product 96 % SM
and 77 % of that pipe, a copy 98 % SM and 88 % of the memory's traffic; a rank that waits for another in NCCL keeps its
GPU at 100 % and a quarter of its SMs, whatever that other one does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gpuws.model.gpu.gpu import Gpu, MigInstance
from gpuws.model.gpu.reading import GpuCounters
from gpuws.model.host.snapshot import HostSnapshot

Kind = Literal["well used", "tensor cores idle", "memory-bound", "few SMs", "waiting for peers", "starved"]

AT_REST = 5.0  # percent of the time; less is no use of it
PAUSES = 80.0  # percent of the time: what works less waits between its kernels
FULL = 60.0  # percent
FEW = 50.0  # percent of the SMs
QUIET = 5.0  # percent of a pipe
CPU_FULL, CORE_FULL = 85.0, 90.0  # percent of all cores, of one
DISK_WAIT = 20.0  # percent of the time
MINUTE, STEP = 4, 15.0  # steps of a trend; seconds of one
GOOD: Kind = "well used"
LOADING = 10.0  # seconds in which a program that began is not judged: it imports, reads its model, meets its peers


@dataclass(frozen=True, slots=True)
class Verdict:
    """`evidence`: the figures, in words."""

    kind: Kind
    evidence: str


@dataclass(frozen=True, slots=True)
class Around:
    """What else is known of its host. `cpu`: percent of all cores; `others`: its other GPUs; `at`: when all was read,
    in epoch seconds; `io_wait`: percent of the time in which some program waited for disks."""

    cpu: float | None = None
    others: tuple[Gpu, ...] = ()
    at: float | None = None
    io_wait: float | None = None


def how_well(snapshot: HostSnapshot, place: Gpu | MigInstance) -> Verdict | None:
    """Of a GPU or an instance of a host, with all that is known there."""
    peers = tuple(one for one in snapshot.gpus if one.uuid != place.uuid)
    return verdict(place, Around(snapshot.cpu_percent, peers, snapshot.updated_at, snapshot.io_wait))


def verdict(place: Gpu | MigInstance, around: Around) -> Verdict | None:
    """None where it rests, nobody is seen on it, or what is told is of a time before its programs were at work. Without
    counters only who is starved is told, and only where it is seen by what."""
    told = place.counters
    if (isinstance(place, Gpu) and place.health != "ok") or not place.processes:
        return None
    if _begins(place, MINUTE * STEP if told is None else told.seconds or 0.0, around.at):
        return None
    if told is None:
        return _without_counters(place, around) if isinstance(place, Gpu) else None
    active, sm = told.active, told.sm_active
    if active is None or sm is None or active < AT_REST:
        return None
    if active < PAUSES:
        return Verdict("starved", _pauses(place, active, around))
    if (told.dram or 0.0) >= FULL:
        return Verdict(
            "memory-bound", f"its memory's traffic is at {told.dram:.0f}%, tensor cores {_said(told.tensor)}"
        )
    if sm < FEW:
        few = Verdict("few SMs", f"{sm:.0f}% of its SMs work, it seems busy all the time")
        return _waits(place, sm, around) or few
    if told.tensor is not None and told.tensor < QUIET:
        return Verdict("tensor cores idle", f"{_pipes(told)}, tensor cores {told.tensor:.0f}%")
    return Verdict("well used", f"{sm:.0f}% of its SMs work, tensor cores {_said(told.tensor)}")


def _begins(place: Gpu | MigInstance, seconds: float, at: float | None) -> bool:
    """Means of so many seconds reach back to where the newest of its programs was not there, or loading. A start that
    is yet to come is a clock that is wrong, and says nothing."""
    starts = [one.started_at for one in place.processes if one.started_at is not None]
    if at is None or not starts or max(starts) > at:
        return False
    return at - seconds < max(starts) + LOADING


def _without_counters(gpu: Gpu, around: Around) -> Verdict | None:
    """By its utilization in the last minute: one sample of a GPU that works by fits and starts says nothing."""
    lately = [value for value in gpu.trend[-MINUTE:] if value is not None]
    if gpu.utilization is None or len(lately) < MINUTE:
        return None
    active, why = sum(lately) / MINUTE, _held_up(gpu, around)
    return Verdict("starved", f"works {active:.0f}% of the time: {why}") if why and AT_REST <= active < PAUSES else None


def _pauses(place: Gpu | MigInstance, active: float, around: Around) -> str:
    cores = _cores(place)
    if not (why := _held_up(place, around)):
        if cores and max(cores) >= CORE_FULL:
            why = f"its program takes {max(cores) / 100:.1f} cores"
        else:
            seen = around.io_wait is not None or any(one.io_wait is not None for one in place.processes)
            what = "CPUs or disks" if seen else "CPUs"
            why = f"its program waits for something else than {what}" if cores else "what for is not seen"
    return f"works {active:.0f}% of the time: {why}"


def _held_up(place: Gpu | MigInstance, around: Around) -> str:
    """By what, where that is beyond doubt; "" else. What its own programs wait for says more than the host's."""
    own = [one.io_wait for one in place.processes if one.io_wait is not None]
    if around.cpu is not None and around.cpu >= CPU_FULL:
        return f"the host's CPUs are at {around.cpu:.0f}%"
    if own:
        return f"its programs wait for disks {max(own):.0f}% of the time" if max(own) >= DISK_WAIT else ""
    if around.io_wait is not None and around.io_wait >= DISK_WAIT:
        return f"programs of the host wait for disks {around.io_wait:.0f}% of the time"
    return ""


def _cores(place: Gpu | MigInstance) -> list[float]:
    return [one.cpu_percent for one in place.processes if one.cpu_percent is not None]


def _waits(place: Gpu | MigInstance, sm: float, around: Around) -> Verdict | None:
    """A kernel that only asks whether others are there yet keeps few SMs busy, and all the time."""
    peers = [(one, one.counters) for one in around.others if one.counters is not None and _together(place, one)]
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


def _together(one: Gpu | MigInstance, other: Gpu) -> bool:
    """Somebody works on both."""
    names = {(holder.kind, holder.name, holder.user) for holder in one.held_by}
    return any((holder.kind, holder.name, holder.user) in names for holder in other.held_by)


def _pipes(told: GpuCounters) -> str:
    pipes = {"FP64": told.fp64, "FP32": told.fp32, "FP16": told.fp16}
    most = max(pipes, key=lambda name: pipes[name] or 0.0)
    return f"{most} {_said(pipes[most])}" if pipes[most] else f"{told.sm_active:.0f}% of its SMs work"


def _said(percent: float | None) -> str:
    return "not told" if percent is None else f"{percent:.0f}%"
