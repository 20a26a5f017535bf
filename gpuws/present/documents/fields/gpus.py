"""What `gpuws gpus --json` holds, field by field: its type, and what a name does not say by itself."""

from __future__ import annotations

from typing import Literal, TypedDict

from gpuws.model.gpu.reading import Health, Source, Vendor
from gpuws.present.documents.fields.base import HostRow, Time


class Telemetry(TypedDict):
    """Where the GPUs' values come from."""

    source: Source | None
    error: str | None
    """Why there are none."""


class Disk(TypedDict):
    """A file system of the host."""

    mount: str
    used_bytes: int | None
    total_bytes: int | None


class HolderRow(TypedDict):
    """Who lives on a GPU or a MIG instance."""

    kind: Literal["process", "container", "reservation", "unseen"]
    """`reservation`: a container was given it and runs nothing on it; `unseen`: memory is held by nobody who can be
    seen."""
    name: str
    """Of the container, session or program."""
    user: str | None
    mine: bool
    idle_seconds: float | None
    """How long it has done nothing; null: it works, or that can't be told."""
    idle_evidence: str | None
    """What shows that it is idle, `watched since 14:05`."""


class ProcessRow(TypedDict):
    """A program on a GPU."""

    pid: int
    """On the host."""
    inner_pid: int | None
    """Inside its container."""
    user: str | None
    command: str | None
    started: Time | None
    memory_bytes: int | None
    utilization_percent: float | None
    cpu_percent: float | None
    io_wait_percent: float | None
    """Of the last ten seconds: it, or another of its container or login, waited for disks."""
    container: str | None
    """Its container's name."""
    session: str | None
    """The tmux session that it was started in."""
    notebook: str | None
    """The notebook whose kernel it is."""
    job: str | None
    """Of a queue such as Slurm, as that names it."""
    mig_uuid: str | None
    """The instance that it runs on."""


class AvailabilityRow(TypedDict):
    """Whether somebody could take it."""

    free: bool | None
    """Nobody uses it and nobody reserved it; null where that can't be told."""
    reason: str | None
    """Why it is not free, or what of a free one can't be seen."""
    since: Time | None
    """It has been so since then."""


class MigRow(AvailabilityRow):
    """A MIG instance."""

    uuid: str | None
    index: int
    profile: str | None
    """NVIDIA's name for its size, `3g.40gb`."""
    memory_used_bytes: int | None
    memory_total_bytes: int | None
    counters: CountersRow | None
    """null: the GPU has none (they came with Hopper), or does not tell those of instances."""
    usage: VerdictRow | None
    held_by: list[HolderRow]
    processes: list[ProcessRow]


class CountersRow(TypedDict):
    """What the parts of a GPU did, a mean over `seconds`; null: it has no such counter. Percent of the time, or of what
    that part can do."""

    seconds: float | None
    active_percent: float | None
    """Something ran on it."""
    sm_active_percent: float | None
    """Of its multiprocessors."""
    sm_occupancy_percent: float | None
    """Of the warps that they hold."""
    tensor_percent: float | None
    dram_percent: float | None
    """Of its memory's bandwidth."""
    fp64_percent: float | None
    fp32_percent: float | None
    fp16_percent: float | None
    pcie_sent_bytes_per_second: int | None
    pcie_received_bytes_per_second: int | None
    nvlink_sent_bytes_per_second: int | None
    nvlink_received_bytes_per_second: int | None


class VerdictRow(TypedDict):
    """How well a GPU is used."""

    verdict: Literal["well used", "tensor cores idle", "memory-bound", "few SMs", "waiting for peers", "starved"]
    evidence: str
    """The figures that show it, in words."""


class ThrottledRow(TypedDict):
    """For how long its clocks were held lately."""

    seconds: float
    """Of which: an hour at most."""
    power_seconds: float | None
    """By the power cap."""
    heat_seconds: float | None


class DetailRow(TypedDict):
    """What is read of a GPU only while somebody looks closely: the driver takes tens of milliseconds for it."""

    sm_clock_megahertz: int | None
    sm_clock_most_megahertz: int | None
    memory_clock_megahertz: int | None
    memory_clock_most_megahertz: int | None
    performance_state: int | None
    """0, the fastest, to 15."""
    throttle: list[str] | None
    """Why its clocks are held down; empty: they are not."""
    ecc_corrected: int | None
    """Errors since the driver was loaded."""
    ecc_uncorrected: int | None
    remap_pending: bool | None
    """Bad rows of its memory wait for a reset to be replaced."""
    remap_failed: bool | None
    pcie_generation: int | None
    pcie_generation_most: int | None
    pcie_lanes: int | None
    pcie_lanes_most: int | None
    pcie_received_bytes_per_second: int | None
    pcie_sent_bytes_per_second: int | None
    memory_reserved_bytes: int | None
    """By the driver for itself."""
    encoder_percent: float | None
    decoder_percent: float | None


class LinkRow(TypedDict):
    """How a GPU reaches another."""

    peer: str
    """UUID."""
    kind: Literal["NVLINK", "PIX", "PXB", "PHB", "NODE", "SYS"]
    """NVLink, or the farthest thing between them as `nvidia-smi topo` says it."""
    lanes: int | None
    """Of NVLink."""


class GpuRow(AvailabilityRow):
    """A GPU."""

    index: int
    uuid: str
    name: str
    vendor: Vendor
    health: Health
    error: str | None
    """What is wrong with it."""
    memory_used_bytes: int | None
    memory_total_bytes: int | None
    memory_is_the_hosts: bool
    """It has none of its own: unified memory."""
    utilization_percent: float | None
    memory_activity_percent: float | None
    """Of the time in which its memory was read or written."""
    counters: CountersRow | None
    """null: it has none (they came with Hopper), or they are not read yet."""
    usage: VerdictRow | None
    """null: it rests, nobody is seen on it, or too little is known."""
    temperature_celsius: float | None
    power_watts: float | None
    power_limit_watts: float | None
    fan_percent: float | None
    throttled: ThrottledRow | None
    """null: not told."""
    persistence: bool | None
    """The driver stays loaded while nothing runs."""
    bus_id: str | None
    numa_node: int | None
    links: list[LinkRow]
    detail: DetailRow | None
    """null: nobody looks closely; `--detail` does."""
    mig_instances: list[MigRow]
    held_by: list[HolderRow]
    processes: list[ProcessRow]


class XidRow(TypedDict):
    """A fault that the driver told."""

    number: int | None
    """NVIDIA's Xid; null: it has none."""
    bus_id: str
    text: str
    """The driver's own words, else what the number means."""
    at: Time | None


class FaultsRow(TypedDict):
    """How faults of GPUs become known."""

    kernel_log: bool
    """It is open, and tells older ones, too."""
    told_since: Time | None
    """Since when the driver tells them; null: it does not."""
    unreadable: str | None
    """Why none can be known."""


class NotebookRow(TypedDict):
    """An open notebook."""

    kernel: str
    """Its kernel's id."""
    path: str
    """As its server names it."""
    port: int | None
    """Of its server; null: it listens on a socket."""
    container: str | None
    """null: its server runs on the host itself."""
    state: str | None
    """`idle`, `busy`, `starting`, `dead`."""
    last_activity: Time | None


class ProbeRow(TypedDict):
    """What reading costs on that host."""

    cpu_percent: float | None
    memory_bytes: int | None
    own_memory_bytes: int | None
    """Without what it shares with other programs."""
    first_sample_seconds: float | None
    """From its start to its first values."""
    age_seconds: float | None


class EngineRow(TypedDict):
    """What runs containers on a host."""

    kind: str
    version: str | None
    api_version: str | None
    at: str | None
    """Where it is spoken to, where that is not the usual place."""
    error: str | None
    """Why it can't be asked."""


class MachineRow(TypedDict):
    """What does not change while a host is connected."""

    hostname: str
    processors: int | None
    login: str
    """Mine there."""
    uid: int
    groups: list[str]


class GpuHost(HostRow):
    """A host with its GPUs."""

    backend: str | None
    """What speaks SSH to it, `paramiko` or `openssh`; null: this machine, or never reached."""
    backend_reason: str | None
    """The option or the fact that decided so; null: nothing spoke against paramiko."""
    driver: str | None
    cuda: str | None
    """The newest CUDA that the driver serves."""
    telemetry: Telemetry
    cpu_percent: float | None
    load: float | None
    """Over the last minute."""
    network_received_bytes_per_second: int | None
    """By its network cards."""
    network_sent_bytes_per_second: int | None
    latency_seconds: float | None
    """There and back over its link."""
    engine: EngineRow | None
    """null: not asked yet."""
    machine: MachineRow | None
    """null: it told nothing yet."""
    tags: list[str]
    readonly: bool
    greeting: list[str]
    """What it said at the login."""
    memory_used_bytes: int | None
    memory_total_bytes: int | None
    io_wait_percent: float | None
    """Of the last ten seconds: some program waited for disks."""
    disks: list[Disk]
    warnings: list[str]
    """What is wrong although values come."""
    xids: list[XidRow] | None
    """null: none can be known."""
    faults: FaultsRow | None
    """null: not asked yet, or there are no GPUs."""
    notebooks: list[NotebookRow]
    probe: ProbeRow | None
    gpus: list[GpuRow]


class GpusDocument(TypedDict):
    """All hosts with their GPUs."""

    hosts: list[GpuHost]


class UserRow(TypedDict):
    """What one person holds on all hosts."""

    user: str | None
    mine: bool
    """It is me, whatever I am called on each host."""
    gpus: int
    """Each counted once."""
    idle_gpus: int
    """On which all that the person holds rests."""
    gpu_memory_bytes: int | None
    """null where one of the processes does not tell its own."""


class UsersDocument(TypedDict):
    """People, and what each of them holds."""

    hosts: list[HostRow]
    users: list[UserRow]
