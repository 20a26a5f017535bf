"""What the probe reads on a host: ids only; `join` puts names to them.

Units: bytes, percent, °C, watts, seconds. `None` is unknown, never zero.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from gpuws.model.gpu.fault import Fault
from gpuws.model.session.session import Session

Health = Literal["ok", "lost", "reset-required", "error"]
Coverage = Literal["read", "none", "waiting", "failed"]
"""How far the GPUs of a host were read. "read": they and their processes. "none": there are none, or none that may be
read, which is all that can be told. "waiting": not yet. "failed": there may be some; what keeps them off is told."""
Source = Literal["nvml", "nvidia-smi", "amd-smi", "rocm-smi", "sysfs"]
"""What told of the GPUs: NVIDIA's library or tool, AMD's newer or older tool, the kernel (of a Jetson)."""
Vendor = Literal["nvidia", "amd"]
UUID_TEXT = r"(?:GPU|MIG)-[0-9A-Za-z/-]{1,80}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
"""What a driver calls a GPU or an instance of one, as JSON Schema knows expressions, too. A Jetson's has no prefix."""
UUID = re.compile(rf"(?:{UUID_TEXT})\Z")
NOT_SUPPORTED, NO_PERMISSION, NOT_YET = "not supported", "no permission", "not read yet"
NOT_TOLD = "not told by nvidia-smi"


@dataclass(frozen=True, slots=True)
class Gap:
    """A part of a reading that is not there. `why`: NOT_SUPPORTED, which is an answer: there is no such thing here;
    NO_PERMISSION, NOT_YET, NOT_TOLD, or an error in the driver's or the engine's words. Reservations are the engine's
    to tell."""

    part: Literal["memory", "processes", "utilization", "reservations"]
    why: str


@dataclass(frozen=True, slots=True)
class MigReading:
    """A MIG instance. It has memory and processes of its own, and counters where the GPU has them;
    utilization, temperature and power are its GPU's."""

    uuid: str  # MIG-…
    index: int
    profile: str | None = None  # 1g.10gb
    gpu_instance: int | None = None
    compute_instance: int | None = None
    memory_used: int | None = None
    memory_total: int | None = None
    gaps: tuple[Gap, ...] = ()
    counters: GpuCounters | None = None


@dataclass(frozen=True, slots=True)
class GpuDetail:
    """What is read only while somebody looks closely. Clocks in MHz, PCIe throughput in bytes a second.

    `throttle`: why the clocks are throttled, () not at all."""

    clock_sm: int | None = None
    clock_sm_max: int | None = None
    clock_memory: int | None = None
    clock_memory_max: int | None = None
    performance_state: int | None = None
    throttle: tuple[str, ...] | None = None
    ecc_corrected: int | None = None  # since the driver was loaded
    ecc_uncorrected: int | None = None
    pcie_generation: int | None = None
    pcie_generation_max: int | None = None
    pcie_width: int | None = None
    pcie_width_max: int | None = None
    pcie_received: int | None = None
    pcie_sent: int | None = None
    memory_reserved: int | None = None  # by the driver for itself
    encoder: float | None = None
    decoder: float | None = None
    remap_pending: bool | None = None  # bad rows of memory wait for a reset to be replaced
    remap_failed: bool | None = None


@dataclass(frozen=True, slots=True)
class GpuCounters:
    """What its parts did in the last `seconds`: percent of the time, or of what is possible there; bytes a second.

    `active`: something ran on it; `sm_active`: on how many of its multiprocessors; `sm_occupancy`: with how many of the
    warps that they hold; `tensor`, `fp64`, `fp32`, `fp16`: how much these pipes did; `dram`: its memory's traffic."""

    seconds: float | None = None
    active: float | None = None
    sm_active: float | None = None
    sm_occupancy: float | None = None
    tensor: float | None = None
    dram: float | None = None
    fp64: float | None = None
    fp32: float | None = None
    fp16: float | None = None
    pcie_sent: int | None = None
    pcie_received: int | None = None
    nvlink_sent: int | None = None
    nvlink_received: int | None = None


@dataclass(frozen=True, slots=True)
class Throttled:
    """Seconds for which its clocks were held by the power cap and by heat, of the last `seconds`: an hour at most."""

    seconds: float
    power: float | None = None
    heat: float | None = None


@dataclass(frozen=True, slots=True)
class GpuLink:
    """How this GPU reaches another: `kind` is NVLINK, or the farthest thing between them as `nvidia-smi topo` says."""

    peer: str  # UUID
    kind: Literal["NVLINK", "PIX", "PXB", "PHB", "NODE", "SYS"]
    lanes: int | None = None  # of NVLINK


@dataclass(frozen=True, slots=True)
class GpuReading:
    """`memory_activity`: percent of the time in which its memory was read or written. `energy`: joules that it took
    since its driver was loaded.

    `unified`: it shares the host's memory; `memory_total` is the host's then. `gaps`: of what shows who uses it.

    `mig` is None where the GPU can't be divided or is not; () divided, without an instance."""

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
    fan: float | None = None
    unified: bool = False
    persistence: bool | None = None
    bus_id: str | None = None
    numa_node: int | None = None
    links: tuple[GpuLink, ...] = ()
    mig: tuple[MigReading, ...] | None = None
    detail: GpuDetail | None = None
    memory_activity: float | None = None
    counters: GpuCounters | None = None
    gaps: tuple[Gap, ...] = ()
    throttled: Throttled | None = None
    energy: int | None = None
    vendor: Vendor = "nvidia"


@dataclass(frozen=True, slots=True)
class ProcessReading:
    """A process that holds memory of a GPU. `container_ids`: outermost first, as /proc/PID/cgroup names them.

    `utilization`: over the last two seconds at most. `lately`: since the last long look, some sixteen seconds ago; only
    in the readings that are one.
    `io_wait`: percent of the last ten seconds in which it, or another of its container or login, waited for disks.
    `inner_pid`: its pid where it lives, in the innermost namespace. `kernel`: the id of the Jupyter kernel it is.
    `lineage`: its pid and those of its parents as the host's engine's container numbers them, nearest first; ()
    outside containers, and where /proc does not tell."""

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
    cpu_percent: float | None = None  # of one core, since the sample before
    inner_pid: int | None = None
    mig_uuid: str | None = None
    kernel: str | None = None
    job: str | None = None  # of a queue: "slurm 42"
    lineage: tuple[int, ...] = ()
    lately: float | None = None
    io_wait: float | None = None


@dataclass(frozen=True, slots=True)
class Disk:
    mount: str
    used: int | None
    total: int | None


@dataclass(frozen=True, slots=True)
class Xid:
    """A fault of a GPU that the driver told. `number` None: one that it gave none, `text` says what it is."""

    number: int | None
    bus_id: str
    text: str
    at: float | None = None  # epoch seconds of the host


@dataclass(frozen=True, slots=True)
class FaultSources:
    """How faults of a host's GPUs become known. `log`: the kernel's log is open, which tells older ones, too.
    `since`: the driver tells them, since then (epoch seconds of the host). `why` neither does, "" where one does."""

    log: bool = False
    since: float | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class ProbeCost:
    """What the probe itself takes on the host."""

    cpu_percent: float | None = None  # of one core, since it began
    memory: int | None = None
    first_sample: float | None = None  # seconds from NVML's start to the first sample
    age: float | None = None  # seconds since it began
    own: int | None = None  # of its memory, what is not files that other programs map, too


Machine = tuple[str, int]


@dataclass(frozen=True, slots=True)
class HostFacts:
    """What does not change while a link is up; told once by the probe. `gids` belong to `groups`, in their order.

    `python`, `interpreter`: its version, and where the one lies that runs the probe. `pid_namespace`: the inode of
    /proc/self/ns/pid as the probe sees it."""

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
    gids: tuple[int, ...] = ()
    interpreter: str | None = None
    pid_namespace: int | None = None

    @property
    def machine(self) -> Machine | None:
        """Which machine it is, whatever it is called; None where it does not tell. Containers that share a kernel share
        its boot, but not its table of processes."""
        if self.boot_id is None or self.pid_namespace is None:
            return None
        return self.boot_id, self.pid_namespace


@dataclass(frozen=True, slots=True)
class HostReading:
    """One sample of the probe. `source` None: no GPU telemetry, `error` says why, `coverage` whether it will come.

    `net_received`, `net_sent`: bytes a second over its network cards. `io_wait`: percent of the last ten seconds in
    which some program waited for disks. `warnings`: what is wrong although values come.
    `interval`: seconds until the next one is due, None: as the host is configured.
    `xids` None: none can be known; `faults` says how they are, None: not asked yet, or there are no GPUs."""

    taken_at: float  # epoch seconds of the workstation, when it arrived
    source: Source | None = None
    error: Fault | None = None
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
    warnings: tuple[Fault, ...] = ()
    xids: tuple[Xid, ...] | None = None
    cost: ProbeCost | None = None
    coverage: Coverage = "read"
    net_received: int | None = None
    net_sent: int | None = None
    faults: FaultSources | None = None
    io_wait: float | None = None
    interval: float | None = None
