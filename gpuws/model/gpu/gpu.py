"""GPUs as shown: readings joined to people and containers; whether one is free, held or unknown, why, and since when.

The one rule for that. Memory and processes decide, and utilization where the device has it. What it does not have is
an answer; what could not be read is none, and whatever has no answer is never free."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from gpuws.model.gpu.reading import NO_PERMISSION, NOT_SUPPORTED, NOT_TOLD, NOT_YET, Gap, GpuReading, MigReading

State = Literal["free", "held", "unknown"]

UNEXPLAINED_MEMORY = 1 << 30
"""Drivers keep some hundred MiB without any process; more than this, and somebody whom we can't see holds it."""
NOISE = 1.0
"""Percent of utilization that some devices report at rest."""

UNSEEN = "memory in use by nobody visible"
GHOST = "busy without a process that is seen"
RESERVATIONS_UNSEEN = "reservations can't be seen here"
MUTE = "it tells too little of itself"


@dataclass(frozen=True, slots=True)
class Availability:
    """`reason`: why it is held or unknown; of a free one, what could not be seen. It holds no figures, so that it stays
    the same as long as nothing happens. `since`: epoch seconds; None where nobody watched it become so. `ghost`: it is
    unknown because it is busy without a process that is seen."""

    state: State
    reason: str = ""
    since: float | None = None
    ghost: bool = False


@dataclass(frozen=True, slots=True)
class GpuProcess:
    pid: int
    user: str | None = None
    command: str | None = None
    memory: int | None = None  # bytes of this GPU
    utilization: float | None = None
    container: str | None = None  # its name, else the first 12 characters of its id
    session: str | None = None
    notebook: str | None = None
    started_at: float | None = None
    mine: bool = False
    container_id: str | None = None  # full, where the host's engine lists it
    cpu_percent: float | None = None  # of one core
    inner_pid: int | None = None
    mig_uuid: str | None = None
    job: str | None = None
    kernel: str | None = None  # the id of the Jupyter kernel that it is, or that started it
    io_wait: float | None = None  # percent of the last seconds in which it, or what is around it, waited for disks


@dataclass(frozen=True, slots=True)
class Holder:
    """Who lives on a GPU. A reservation is a container that asked for the GPU and runs nothing on it; `unseen` is
    whoever has memory of it without a process that can be seen.

    `idle_seconds`: whole minutes, never said without `idle_evidence`, which shows it: "kernel's last activity 05:12",
    "worked until 14:05", "watched since 14:05" (at least since then)."""

    kind: Literal["process", "container", "reservation", "unseen"]
    name: str
    user: str | None = None
    idle_seconds: float | None = None
    mine: bool = False
    idle_evidence: str | None = None

    def rests(self, idle_after: float) -> bool:
        """It is known not to have worked for so many seconds."""
        return self.idle_seconds is not None and self.idle_seconds >= idle_after


SOMEBODY = Holder("unseen", "somebody unseen")


@dataclass(frozen=True, slots=True)
class MigInstance(MigReading):
    """An instance with its people. `since`: as a GPU's."""

    held_by: tuple[Holder, ...] = ()
    processes: tuple[GpuProcess, ...] = ()
    since: float | None = None

    @property
    def availability(self) -> Availability:
        return _of_instance(self)

    @property
    def free(self) -> bool:
        return self.availability.state == "free"


@dataclass(frozen=True, slots=True)
class Gpu(GpuReading):
    """A reading with its people. `trend`: mean utilization of the last five minutes in steps of 15 s, newest last.

    `mig_instances` are `mig` with their people; a divided GPU is held by whoever holds one of them. `since`: epoch
    seconds since which it was watched to be as available as it is."""

    held_by: tuple[Holder, ...] = ()
    processes: tuple[GpuProcess, ...] = ()
    trend: tuple[int | None, ...] = ()
    mig_instances: tuple[MigInstance, ...] = ()
    since: float | None = None

    @property
    def availability(self) -> Availability:
        return _of_gpu(self)

    @property
    def free(self) -> bool:
        """Known to be: neither held nor unknown."""
        return self.availability.state == "free"

    @property
    def memory_free(self) -> int | None:
        if self.memory_total is None or self.memory_used is None:
            return None
        return max(self.memory_total - self.memory_used, 0)

    @property
    def mine(self) -> bool:
        return any(holder.mine for holder in self.held_by)


def processes_of(gpu: Gpu) -> Iterator[GpuProcess]:
    """Those of its MIG instances too, each once."""
    seen: set[tuple[int, str | None]] = set()
    for process in (*gpu.processes, *(each for instance in gpu.mig_instances for each in instance.processes)):
        if (key := (process.pid, process.mig_uuid)) not in seen:
            seen.add(key)
            yield process


def _of_gpu(gpu: Gpu) -> Availability:
    """A divided GPU is what its instances are together: its own figures are for administrators only."""
    if gpu.health != "ok":
        state: State = "held" if gpu.held_by else "unknown"
        return Availability(state, gpu.error or gpu.health.replace("-", " "), gpu.since)
    found = _held(gpu)
    if found is None and gpu.mig_instances:
        found = _together(gpu.mig_instances)
    if found is None:
        found = _unread(gpu.gaps) or _silent(gpu)
    return _dated(gpu, found or _free(gpu.gaps))


def _of_instance(instance: MigInstance) -> Availability:
    found = _held(instance) or _unread(instance.gaps)
    return _dated(instance, found or _free(instance.gaps))


def unseen(place: Gpu | MigInstance) -> bool:
    """Memory is in use, and nobody is known who could have it. Memory shared with the host tells nothing."""
    shared = getattr(place, "unified", False)
    return not shared and not place.held_by and (place.memory_used or 0) >= UNEXPLAINED_MEMORY


def _held(place: Gpu | MigInstance) -> Availability | None:
    kinds = {"unseen"} if unseen(place) else {one.kind for one in place.held_by}
    if not kinds:
        return None
    only = kinds.pop() if len(kinds) == 1 else ""
    return Availability("held", {"unseen": UNSEEN, "reservation": "reserved"}.get(only, "in use"))


def _together(instances: Iterable[MigInstance]) -> Availability:
    """The worst of them."""
    found = [_of_instance(one) for one in instances]
    return max(found, key=lambda one: ("free", "unknown", "held").index(one.state))


def _unread(gaps: Iterable[Gap]) -> Availability | None:
    unread = [gap for gap in gaps if gap.why != NOT_SUPPORTED and not _may_not_ask(gap)]
    if not unread:
        return None
    parts: dict[str, list[str]] = {}
    for gap in unread:
        parts.setdefault(gap.why, []).append(gap.part)
    return Availability("unknown", "; ".join(f"{_listed(which)} {_words(why)}" for why, which in parts.items()))


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if words[1:] else words)


def _words(why: str) -> str:
    return why if why in (NOT_SUPPORTED, NOT_YET, NOT_TOLD) else f"can't be read: {why}"


def _silent(gpu: Gpu) -> Availability | None:
    """All was answered that it has, and that says too little, or that somebody works there."""
    missing = {gap.part for gap in gpu.gaps}
    if "memory" in missing and missing & {"processes", "utilization"}:
        return Availability("unknown", MUTE)
    if (gpu.utilization or 0) > NOISE:
        return Availability("unknown", GHOST, ghost=True)
    return None


def _free(gaps: Iterable[Gap]) -> Availability:
    return Availability("free", RESERVATIONS_UNSEEN if any(_may_not_ask(gap) for gap in gaps) else "")


def _may_not_ask(gap: Gap) -> bool:
    """An engine that I may not ask keeps nobody from what its GPUs tell themselves."""
    return gap.part == "reservations" and gap.why == NO_PERMISSION


def _dated(place: Gpu | MigInstance, found: Availability) -> Availability:
    """Held since the first of its programs began, as far as they tell; else since when it was watched to be so."""
    held = found.state == "held"
    starts = [one.started_at for one in place.processes if one.started_at is not None] if held else []
    return Availability(found.state, found.reason, min(starts) if starts else place.since, found.ghost)
