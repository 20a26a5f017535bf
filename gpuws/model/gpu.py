"""GPUs as shown: readings joined to people and containers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from gpuws.model.availability import Availability, of_gpu, of_instance
from gpuws.model.reading import GpuReading, MigReading


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


SOMEBODY = Holder("unseen", "somebody unseen")


@dataclass(frozen=True, slots=True)
class MigInstance(MigReading):
    """An instance with its people. `since`: as a GPU's."""

    held_by: tuple[Holder, ...] = ()
    processes: tuple[GpuProcess, ...] = ()
    since: float | None = None

    @property
    def availability(self) -> Availability:
        return of_instance(self)

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
        return of_gpu(self)

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
