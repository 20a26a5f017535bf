"""What the probe reads on a host: ids only; `join` puts names to them.

Units: bytes, percent, °C, watts, seconds. `None` is unknown, never zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gpuws.model.session import Session

Health = Literal["ok", "lost", "reset-required", "error"]


@dataclass(frozen=True, slots=True)
class GpuReading:
    index: int
    uuid: str
    name: str
    health: Health = "ok"
    memory_used: int | None = None
    memory_total: int | None = None
    utilization: float | None = None
    temperature: float | None = None
    power: float | None = None
    power_limit: float | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class ProcessReading:
    """A process that holds memory of a GPU. `container_ids`: outermost first, as /proc/PID/cgroup names them."""

    pid: int
    gpu_uuid: str
    memory: int | None = None
    utilization: float | None = None
    user: str | None = None
    uid: int | None = None
    command: str | None = None
    container_ids: tuple[str, ...] = ()
    session: str | None = None
    started_at: float | None = None  # epoch seconds
    cpu_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Disk:
    mount: str
    used: int | None
    total: int | None


@dataclass(frozen=True, slots=True)
class HostFacts:
    """What does not change while a link is up; told once by the probe."""

    login: str
    uid: int
    gid: int
    groups: tuple[str, ...]
    home: str
    hostname: str
    boot_id: str | None = None
    python: str | None = None
    cpu_count: int | None = None
    has_tmux: bool = False


@dataclass(frozen=True, slots=True)
class HostReading:
    """One sample of the probe. `source` None: no GPU telemetry, `error` says why."""

    taken_at: float  # epoch seconds of the workstation, when it arrived
    source: Literal["nvml", "nvidia-smi"] | None = None
    error: str | None = None
    driver: str | None = None
    cuda: str | None = None
    gpus: tuple[GpuReading, ...] = ()
    processes: tuple[ProcessReading, ...] = ()
    cpu_percent: float | None = None
    load: float | None = None
    memory_used: int | None = None
    memory_total: int | None = None
    disks: tuple[Disk, ...] = ()
    sessions: tuple[Session, ...] | None = None  # None: not asked in this sample
