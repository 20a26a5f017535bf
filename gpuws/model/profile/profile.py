"""A saved recipe for a workspace, after `extends`, overlays and variables (INTERFACE §2). Sizes in bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

Bytes = Annotated[int, "bytes"]
Seconds = Annotated[float, "seconds"]
"""A file says them with a unit: `64g`, `1m30s`."""
BindCheck = Literal["exists", "mounted", "writable", "create"]
PullPolicy = Literal["missing", "always", "never"]
GpuPolicy = Literal["free", "pack", "spread"]
CapAction = Literal["warn", "stop"]
Framework = Literal["pytorch", "jax"]
Owner = Literal["mine", "built-in", "shared"]


@dataclass(frozen=True, slots=True)
class GpuWish:
    """What a profile or `--gpus` asks for; exactly one of `all`, `count`, `indices`, `uuids` is used.

    `count` GPUs of at least `memory` bytes whose name matches the regular expression `model`.
    No GPU at all is count 0. `policy`: which of the GPUs that nobody holds; `free` takes the nearest neighbours,
    `pack` hosts and neighbourhoods already in use, so that whole ones stay free, `spread` the emptiest."""

    count: int = 0
    all: bool = False
    indices: tuple[int, ...] = ()
    uuids: tuple[str, ...] = ()
    memory: Bytes | None = None
    model: str | None = None
    policy: GpuPolicy = "free"

    @property
    def none(self) -> bool:
        return not (self.count or self.all or self.indices or self.uuids)

    @property
    def explicit(self) -> bool:
        """The user named the GPUs: they are taken even when busy, with a warning."""
        return self.all or bool(self.indices or self.uuids)


@dataclass(frozen=True, slots=True)
class GpuMemoryCap:
    """Most memory of each GPU. Docker has no such limit: gpuws watches it, and warns or stops.

    `framework`: it is told the limit too, for each of its processes."""

    limit: Bytes
    action: CapAction = "warn"
    framework: Framework | None = None

    def environment(self, total: int) -> dict[str, str]:
        """What tells the framework. `total`: bytes of the largest GPU it gets; frameworks count in parts of it."""
        share = f"{max(min(self.limit * 10_000 // total, 10_000), 1) / 10_000:g}" if total > 0 else "1"
        match self.framework:
            case "pytorch":
                return {"PYTORCH_CUDA_ALLOC_CONF": f"per_process_memory_fraction:{share}"}
            case "jax":
                return {"XLA_PYTHON_CLIENT_MEM_FRACTION": share}
        return {}


@dataclass(frozen=True, slots=True)
class AcceptedContext:
    """What I accepted to be sent: the digest of its list of files, and the shared profile that has it sent."""

    digest: str
    file: str


@dataclass(frozen=True, slots=True)
class Build:
    """Classic-builder input. `context` None: an empty context (only `dockerfile_inline`).

    `taken`: names of `args` whose values are the caller's. `accepted`: only that may be sent; None: it is mine."""

    dockerfile_inline: str | None = None
    dockerfile: str | None = None
    context: str | None = None
    target: str | None = None
    args: Mapping[str, str] = field(default_factory=dict)
    taken: tuple[str, ...] = ()
    accepted: AcceptedContext | None = None


@dataclass(frozen=True, slots=True)
class Volume:
    """A bind (`source` is a path on the host, `~` is the home there), a named volume, or a tmpfs."""

    target: str
    source: str | None = None
    type: Literal["bind", "volume", "tmpfs"] = "bind"
    read_only: bool = False
    check: BindCheck = "exists"


@dataclass(frozen=True, slots=True)
class PortWish:
    target: int
    published: int | None = None
    host_ip: str = "127.0.0.1"
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Ulimit:
    name: str
    soft: int
    hard: int


@dataclass(frozen=True, slots=True)
class HostDevice:
    """A device of the host, or all devices of a directory there. `permissions`: of `r`ead, `w`rite, `m`knod."""

    source: str
    target: str
    permissions: str = "rwm"


@dataclass(frozen=True, slots=True)
class Healthcheck:
    """How the engine finds out whether the container is well; what is None is as its image says.

    `test` begins with NONE (the image's own is off), CMD (a program and its words) or CMD-SHELL (a line)."""

    test: tuple[str, ...] | None = None
    interval: Seconds | None = None
    timeout: Seconds | None = None
    retries: int | None = None
    start_period: Seconds | None = None


@dataclass(frozen=True, slots=True)
class Logging:
    """Where the container's output goes. Some drivers take a token among their options."""

    driver: str = "json-file"
    options: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class JupyterWish:
    """`bind`: where it listens: on all addresses of the container, or on its loopback only. `restart`: when it is
    started again."""

    port: int = 8888
    start: bool = True
    bind: Literal["container", "loopback"] = "container"
    restart: Literal["no", "on-failure"] = "no"


@dataclass(frozen=True, slots=True)
class TmuxWish:
    session: str = "main"


@dataclass(frozen=True, slots=True)
class Profile:
    """What a key does not say is as the engine has it, unless its default here says otherwise. Keys in the order of the
    documentation.

    `engine`: the kind that it is for; None: whichever of the host's it fits. `user`: host (my uid:gid there), image,
    root, "uid:gid", or names that the image knows. `environment` None: taken from the caller's, of the name in
    `names_here` where it has another one there. `extra_hosts`: NAME:IP. `tmpfs`: PATH, or PATH:OPTIONS. `logging` None:
    files that rotate."""

    name: str
    description: str = ""
    engine: str | None = None
    image: str | None = None
    build: Build | None = None
    pull_policy: PullPolicy = "missing"
    command: tuple[str, ...] | None = None
    entrypoint: tuple[str, ...] | None = None
    activate: tuple[str, ...] = ()
    tty: bool = False
    stdin_open: bool = False
    gpus: GpuWish = GpuWish()
    gpu_memory: GpuMemoryCap | None = None
    mem_limit: Bytes | None = None
    memswap_limit: Bytes | None = None  # -1: as much swap as there is
    mem_reservation: Bytes | None = None
    oom_kill_disable: bool = False
    oom_score_adj: int = 0
    cpus: float | None = None
    cpu_shares: int | None = None
    cpuset: str | None = None
    pids_limit: int | None = None
    shm_size: Bytes | None = None
    ipc: str | None = None
    pid: str | None = None
    uts: str | None = None
    userns_mode: str | None = None
    network_mode: str | None = None
    hostname: str | None = None
    dns: tuple[str, ...] = ()
    dns_search: tuple[str, ...] = ()
    dns_opt: tuple[str, ...] = ()
    extra_hosts: tuple[str, ...] = ()
    ulimits: tuple[Ulimit, ...] = ()
    sysctls: Mapping[str, str] = field(default_factory=dict)
    privileged: bool = False
    cap_add: tuple[str, ...] = ()
    cap_drop: tuple[str, ...] = ()
    security_opt: tuple[str, ...] = ()
    user: str = "host"
    group_add: tuple[str, ...] = ()
    working_dir: str | None = None
    volumes: tuple[Volume, ...] = ()
    tmpfs: tuple[str, ...] = ()
    devices: tuple[HostDevice, ...] = ()
    device_cgroup_rules: tuple[str, ...] = ()
    read_only: bool = False
    ports: tuple[PortWish, ...] = ()
    environment: Mapping[str, str | None] = field(default_factory=dict)
    env_file: tuple[str, ...] = ()
    jupyter: JupyterWish | None = None
    tmux: TmuxWish | None = None
    restart: str = "no"
    auto_remove: bool = False
    init: bool = True
    stop_signal: str | None = None
    stop_grace_period: Seconds | None = None
    healthcheck: Healthcheck | None = None
    logging: Logging | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    names_here: Mapping[str, str] = field(default_factory=dict)
    source: str | None = None  # the file it was read from
    note: str = ""  # what a person should know of that file
    remedy: str = ""  # and how to fix it


OF_THE_FILE = frozenset({"names_here", "source", "note", "remedy"})
"""Fields that tell of the profile's file and its caller; no key says them."""


@dataclass(frozen=True, slots=True)
class ProfileSummary:
    """A row of `gpuws profiles`: enough to choose by. `error`: why it can't be used.

    `accepted`: I accepted what it does, or need not. `note`: what to know of what I accepted. `engine`: as of
    `Profile`."""

    name: str
    description: str = ""
    image: str | None = None
    gpus: str = "none"
    source: str | None = None
    error: str | None = None
    owner: Owner = "mine"
    accepted: bool = True
    note: str = ""
    engine: str | None = None
