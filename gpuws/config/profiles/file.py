"""What may stand in a profile (INTERFACE §2): Compose's names and meanings where Compose has the key."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from gpuws.config.profiles import short_forms, unknown_keys
from gpuws.config.profiles.fields import (
    Activation,
    Addresses,
    Capability,
    CapSize,
    Cpus,
    CpuSet,
    DeviceRule,
    Engine,
    Environment,
    ExtraHosts,
    GpuForms,
    Group,
    Hostname,
    HostsOwn,
    InsidePath,
    Ipc,
    LabelName,
    Limit,
    Pid,
    PortNumber,
    ProfileName,
    Restart,
    SecurityOption,
    ShortDevice,
    ShortPort,
    ShortSession,
    ShortUlimit,
    ShortVolume,
    Signal,
    SysctlName,
    TmpfsPaths,
    UlimitName,
    User,
    Words,
)
from gpuws.config.profiles.sections import (
    BuildSection,
    DeviceSection,
    GpuMemorySection,
    GpuSection,
    HealthcheckSection,
    JupyterSection,
    LoggingSection,
    PortSection,
    TmuxSection,
    UlimitSection,
    VolumeSection,
)
from gpuws.config.yaml.fields import Duration, Line, Lines, Section, Size, SwapSize, Text
from gpuws.model.profile import gpu_spec
from gpuws.model.profile.profile import GpuWish, PullPolicy


def _gpu_forms(value: Any) -> Any:
    return value if isinstance(value, dict) else GpuSection.of(gpu_spec.wish(value))


class ProfileFile(Section):
    """A gpuws profile: a saved recipe for a workspace."""

    INSTEAD = unknown_keys.TOP

    description: Text = ""
    """One line for the list of profiles."""
    extends: ProfileName | None = None
    """The profile this one is laid over: maps merge, lists replace, `key+` appends. A shared one may have its folder's
    label in front."""
    engine: Engine | None = None
    """What runs it: docker, or process for programs of the host itself; auto, as without this key: process for a
    profile without image, build, volumes and user, for any other the host's container engine."""
    image: Line | None = None
    """The image to run; with build: the tag to give it."""
    build: BuildSection | None = None
    """How to build the image on the host."""
    pull_policy: PullPolicy = "missing"
    """When to fetch the image."""
    command: Words | None = None
    """What the container runs; none: the image's own."""
    entrypoint: Words | None = None
    """Instead of the image's entry point."""
    activate: Activation = Field(default_factory=list)
    """What readies the shell that a process begins in: `conda activate NAME`, `module load NAME`, the directory of a
    virtual environment, or another line for bash; one or a list."""
    tty: bool = False
    """A terminal for its program, as docker's -t."""
    stdin_open: bool = False
    """Its program's input stays open, as docker's -i: with tty a shell stays."""
    gpus: Annotated[GpuSection, BeforeValidator(_gpu_forms, json_schema_input_type=GpuForms | GpuSection)] = Field(
        default_factory=lambda: GpuSection.of(GpuWish())
    )
    """Which GPUs it gets; none without this key."""
    gpu_memory: (
        Annotated[
            GpuMemorySection,
            BeforeValidator(short_forms.gpu_memory, json_schema_input_type=CapSize | GpuMemorySection),
        ]
        | None
    ) = None
    """Most memory of each GPU; watched by gpuws, because Docker can't limit it."""
    mem_limit: Size | None = None
    """Most memory it may use, such as 64g."""
    memswap_limit: SwapSize | None = None
    """Memory and swap together; as mem_limit without this key: no swap. -1: as much swap as there is."""
    mem_reservation: Size | None = None
    """The memory it is pressed back to where the host runs short."""
    oom_kill_disable: bool = False
    """It is not ended where memory runs short: others are, or with mem_limit it waits."""
    oom_score_adj: Annotated[int, Field(ge=-1000, le=1000)] = 0
    """Ended before others where memory runs short, or with a negative one after them."""
    cpus: Cpus | None = None
    """How many CPUs' time it may use."""
    cpu_shares: Annotated[int, Field(ge=2, le=262144)] | None = None
    """Its weight where CPUs are short; 1024 is everybody's."""
    cpuset: CpuSet | None = None
    """The CPUs it runs on, such as 0-15,32."""
    pids_limit: Limit | None = None
    """Most processes and threads."""
    shm_size: Size | None = None
    """The size of /dev/shm; data loaders and NCCL need far more than Docker's 64 MB."""
    ipc: Ipc | None = None
    """Whose shared memory it sees; with host, shm_size has no meaning."""
    pid: Pid | None = None
    """Whose processes it sees: host, or those of another container."""
    uts: HostsOwn | None = None
    """host: it is called as the host is."""
    userns_mode: HostsOwn | None = None
    """host: users inside are those of the host, where the engine would keep them apart."""
    network_mode: Line | None = None
    """The engine's network it joins."""
    hostname: Hostname | None = None
    """What it calls itself; none: the engine chooses."""
    dns: Addresses = Field(default_factory=list)
    """Servers that it asks for names, instead of the host's."""
    dns_search: Lines = Field(default_factory=list)
    """Domains in which it looks a short name up."""
    dns_opt: Lines = Field(default_factory=list)
    """Options of its resolver, such as ndots:2."""
    extra_hosts: ExtraHosts = Field(default_factory=list)
    """Names it knows besides, as NAME:IP or as a map; host-gateway is the host's own address."""
    ulimits: dict[
        UlimitName,
        Annotated[
            UlimitSection | None,
            BeforeValidator(short_forms.ulimit, json_schema_input_type=ShortUlimit | UlimitSection | None),
        ],
    ] = Field(default_factory=dict)
    """Process limits, such as memlock and nofile; null takes an inherited one away."""
    sysctls: dict[SysctlName, Text] = Field(default_factory=dict)
    """Settings of the kernel's that are its own, such as net.core.somaxconn."""
    privileged: bool = False
    """All rights and all devices of the host, GPUs included: root inside is root there."""
    cap_add: list[Capability] = Field(default_factory=list)
    """Rights beyond the usual ones, such as SYS_PTRACE."""
    cap_drop: list[Capability] = Field(default_factory=list)
    """Usual rights it does without, or ALL."""
    security_opt: list[SecurityOption] = Field(default_factory=list)
    """no-new-privileges, or what takes seccomp, AppArmor or SELinux away."""
    user: User = "host"
    """host: my uid and gid on that host, so that files stay mine; image: its own; else numbers, or a name it knows."""
    group_add: list[Group] = Field(default_factory=list)
    """Groups besides, by number or by the image's name for them; with user: host mine there come by themselves."""
    working_dir: InsidePath | None = None
    """Where its programs start."""
    volumes: list[
        Annotated[
            VolumeSection, BeforeValidator(short_forms.volume, json_schema_input_type=ShortVolume | VolumeSection)
        ]
    ] = Field(default_factory=list)
    """What it sees of the host."""
    tmpfs: TmpfsPaths = Field(default_factory=list)
    """Directories in memory, as PATH or PATH:OPTIONS."""
    devices: list[
        Annotated[
            DeviceSection, BeforeValidator(short_forms.device, json_schema_input_type=ShortDevice | DeviceSection)
        ]
    ] = Field(default_factory=list)
    """Devices of the host such as /dev/infiniband; GPUs are what gpus says."""
    device_cgroup_rules: list[DeviceRule] = Field(default_factory=list)
    """Kinds of devices it may make and use, such as c 81:* rmw."""
    read_only: bool = False
    """Nothing of its own files can be changed; volumes and tmpfs can."""
    ports: list[
        Annotated[PortSection, BeforeValidator(short_forms.port, json_schema_input_type=ShortPort | PortSection)]
    ] = Field(default_factory=list)
    """Ports worth a tunnel; published only where it is said."""
    environment: Environment = Field(default_factory=dict)
    """Variables; null takes the value from the caller's environment. Everybody who may use the engine can read them."""
    env_file: Lines = Field(default_factory=list)
    """Files of the workstation with NAME=VALUE lines, relative to this file."""
    jupyter: Annotated[
        JupyterSection | None,
        BeforeValidator(short_forms.jupyter, json_schema_input_type=bool | PortNumber | JupyterSection),
    ] = None
    """JupyterLab in it."""
    tmux: Annotated[
        TmuxSection | None, BeforeValidator(short_forms.tmux, json_schema_input_type=bool | ShortSession | TmuxSection)
    ] = None
    """tmux in it."""
    restart: Restart = "no"
    """When the engine starts it again."""
    auto_remove: bool = False
    """The engine removes it once it ends, as docker's --rm: with it go its log and how it ended."""
    init: bool = True
    """A small init that reaps orphaned processes."""
    stop_signal: Signal | None = None
    """What asks it to end; none: as the image says, or SIGTERM."""
    stop_grace_period: Duration | None = None
    """How long it has to end by itself."""
    healthcheck: HealthcheckSection | None = None
    """How the engine finds out whether it is well."""
    logging: LoggingSection | None = None
    """Where what it prints goes; without this key files that rotate."""
    labels: dict[LabelName, Text] = Field(default_factory=dict)
    """Labels of the container; names that begin with `gpuws.` are taken."""
