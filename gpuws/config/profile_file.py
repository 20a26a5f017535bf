"""What may stand in a profile (INTERFACE §2): Compose's names and meanings where Compose has the key."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PrivateAttr

from gpuws.config import gpus, short_forms
from gpuws.config.fields import Duration, Line, Lines, Section, Size, SwapSize, Text
from gpuws.config.profile_fields import (
    Addresses,
    Capability,
    CapSize,
    DevicePath,
    Environment,
    ExtraHosts,
    GpuCount,
    GpuForms,
    Group,
    HealthTest,
    HealthTime,
    HostAddress,
    Hostname,
    InsidePath,
    Ipc,
    LabelName,
    Limit,
    LogDriver,
    LogOption,
    Memories,
    Model,
    Permissions,
    Pid,
    PortNumber,
    ProfileName,
    Restart,
    SecurityOption,
    Session,
    ShortDevice,
    ShortPort,
    ShortSession,
    ShortVolume,
    Signal,
    Times,
    Token,
    UlimitName,
    User,
    Words,
)
from gpuws.model.profile import BindCheck, CapAction, Framework, GpuPolicy, GpuWish, PullPolicy


def _gpu_forms(value: Any) -> Any:
    return value if isinstance(value, dict) else GpuSection.of(gpus.wish(value))


class BuildSection(Section):
    """How the image is built on the host, as in Compose; the classic builder reads it."""

    context: Line | None = None
    """A directory of the workstation, relative to this file; none: only `dockerfile_inline`."""
    dockerfile: Line | None = None
    """The Dockerfile's path in the context."""
    dockerfile_inline: Text | None = None
    """The Dockerfile itself."""
    target: Line | None = None
    """The stage to build."""
    args: Environment = Field(default_factory=dict)
    """Build arguments; null takes the value from the caller's environment."""


class GpuSection(Section):
    """Which free GPUs to take. Instead of this map: all, none, a count, a list of indices or of UUIDs."""

    count: GpuCount = 1
    """How many."""
    memory: Size | None = None
    """Free memory each must have, such as 40GiB."""
    model: Model | None = None
    """A regular expression for the GPU's name, such as H100|H200."""
    policy: GpuPolicy = "free"
    """Which of those that nobody holds: free, the nearest neighbours; pack, where others run already, so that whole
    hosts stay free; spread, the emptiest hosts."""

    _named: GpuWish | None = PrivateAttr(default=None)

    @classmethod
    def of(cls, named: GpuWish) -> GpuSection:
        section = cls()
        section._named = named
        return section

    @property
    def wish(self) -> GpuWish:
        return self._named or GpuWish(count=self.count, memory=self.memory, model=self.model, policy=self.policy)


class GpuMemorySection(Section):
    """A cap on GPU memory. Docker has none, so gpuws watches it. Instead of this map: the limit."""

    limit: CapSize
    """Most memory of each GPU, such as 40g."""
    action: CapAction = "warn"
    """What happens above it: warn, or stop the workspace."""
    framework: Framework | None = None
    """Told the limit too, for each of its processes: pytorch (releases that know per_process_memory_fraction; others
    refuse to start) or jax."""


class VolumeSection(Section):
    """A directory of the host, a named volume, or memory. Instead of this map: SOURCE:TARGET[:ro]."""

    type: Literal["bind", "volume", "tmpfs"] = "bind"
    """bind: a path of the host; volume: one the engine keeps; tmpfs: memory."""
    source: Line | None = None
    """For bind `~` and relative paths start at my home on that host."""
    target: InsidePath
    """Where it appears in the container."""
    read_only: bool = False
    """Nothing in the container may change it."""
    check: BindCheck = "exists"
    """What must hold of a bind's source before launch; create makes the directory."""


class PortSection(Section):
    """A TCP port. Instead of this map: TARGET, PUBLISHED:TARGET or IP:PUBLISHED:TARGET."""

    name: Line | None = None
    """What listens there."""
    target: PortNumber
    """The port inside the container."""
    published: PortNumber | None = None
    """The port of the host; none: nothing is published, a tunnel leads there."""
    host_ip: HostAddress = "127.0.0.1"
    """The host's address it is published on."""


class UlimitSection(Section):
    """A process limit; -1 is unlimited. Instead of this map: one number for both."""

    soft: Limit
    """What processes start with."""
    hard: Limit
    """What they may raise it to."""


class DeviceSection(Section):
    """A device of the host, or all of a directory there. Instead of this map: SOURCE[:TARGET][:rwm]."""

    source: DevicePath
    """Its path on the host."""
    target: InsidePath | None = None
    """Where it appears in the container; none: under the same path."""
    permissions: Permissions = "rwm"
    """What programs may: read, write, make the device file."""


class HealthcheckSection(Section):
    """How the engine finds out whether the container is well. What is not said is as the image says."""

    test: HealthTest | None = None
    """A line for a shell, or a list: CMD and a program's words, CMD-SHELL and a line, NONE."""
    interval: HealthTime | None = None
    """From one test to the next."""
    timeout: HealthTime | None = None
    """How long a test may take."""
    retries: Times | None = None
    """How many must fail in a row."""
    start_period: HealthTime | None = None
    """How long after the start failures do not count."""
    disable: bool = False
    """The image's own test is not run."""


class LoggingSection(Section):
    """Where what it prints goes."""

    driver: LogDriver = "json-file"
    """How the engine keeps or sends it."""
    options: dict[LogOption, Text] = Field(default_factory=dict)
    """The driver's own, such as max-size."""


class JupyterSection(Section):
    """JupyterLab in the workspace. Instead of this map: true, or its port."""

    port: PortNumber = 8888
    """Where it listens inside the container."""
    start: bool = True
    """Started by the container's command; false: it is only looked for."""
    token: Token = "auto"
    """auto: made anew for every container."""


class TmuxSection(Section):
    """A tmux session in the workspace. Instead of this map: true, or the session's name."""

    session: Session = "main"
    """The session that `gpuws attach` enters."""


class ProfileFile(Section):
    """A gpuws profile: a saved recipe for a workspace."""

    description: Text = ""
    """One line for the list of profiles."""
    extends: ProfileName | None = None
    """The profile this one is laid over: maps merge, lists replace, `key+` appends. A shared one may have its folder's
    label in front."""
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
    cpus: Annotated[float, Field(gt=0, lt=100000, allow_inf_nan=False)] | None = None
    """How many CPUs' time it may use."""
    pids_limit: Limit | None = None
    """Most processes and threads."""
    shm_size: Size | None = None
    """The size of /dev/shm; data loaders and NCCL need far more than Docker's 64 MB."""
    ipc: Ipc | None = None
    """Whose shared memory it sees; with host, shm_size has no meaning."""
    pid: Pid | None = None
    """Whose processes it sees: host, or those of another container."""
    network_mode: Line | None = None
    """The engine's network it joins."""
    hostname: Hostname | None = None
    """What it calls itself; none: the engine chooses."""
    dns: Addresses = Field(default_factory=list)
    """Servers that it asks for names, instead of the host's."""
    extra_hosts: ExtraHosts = Field(default_factory=list)
    """Names it knows besides, as NAME:IP or as a map; host-gateway is the host's own address."""
    ulimits: dict[
        UlimitName,
        Annotated[
            UlimitSection | None,
            BeforeValidator(short_forms.ulimit, json_schema_input_type=Limit | UlimitSection | None),
        ],
    ] = Field(default_factory=dict)
    """Process limits, such as memlock and nofile; null takes an inherited one away."""
    privileged: bool = False
    """All rights and all devices of the host, GPUs included: root inside is root there."""
    cap_add: list[Capability] = Field(default_factory=list)
    """Rights beyond the usual ones, such as SYS_PTRACE."""
    cap_drop: list[Capability] = Field(default_factory=list)
    """Usual rights it does without, or ALL."""
    security_opt: list[SecurityOption] = Field(default_factory=list)
    """no-new-privileges, or what takes seccomp, AppArmor or SELinux away."""
    user: User = "host"
    """host: my uid and gid on that host, so that files stay mine."""
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
    tmpfs: Memories = Field(default_factory=list)
    """Directories in memory, as PATH or PATH:OPTIONS."""
    devices: list[
        Annotated[
            DeviceSection, BeforeValidator(short_forms.device, json_schema_input_type=ShortDevice | DeviceSection)
        ]
    ] = Field(default_factory=list)
    """Devices of the host such as /dev/infiniband; GPUs are what gpus says."""
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
