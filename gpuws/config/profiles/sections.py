"""Maps that may stand in a profile under a key: what a key means at length. Each in Compose's words where it has it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, PrivateAttr

from gpuws.config.profiles import unknown_keys
from gpuws.config.profiles.fields import (
    CapSize,
    DevicePath,
    Environment,
    GpuCount,
    HealthTest,
    HealthTime,
    HostAddress,
    InsidePath,
    Limit,
    LogDriver,
    LogOption,
    Model,
    Permissions,
    PortNumber,
    Session,
    Times,
    Token,
)
from gpuws.config.yaml.fields import Line, Section, Size, Text
from gpuws.model.profile.profile import BindCheck, CapAction, Framework, GpuPolicy, GpuWish


class BuildSection(Section):
    """How the image is built on the host, as in Compose; the classic builder reads it."""

    INSTEAD = unknown_keys.BUILD

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

    INSTEAD = unknown_keys.GPUS

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

    INSTEAD = unknown_keys.GPU_MEMORY

    limit: CapSize
    """Most memory of each GPU, such as 40g."""
    action: CapAction = "warn"
    """What happens above it: warn, or stop the workspace."""
    framework: Framework | None = None
    """Told the limit too, for each of its processes: pytorch (releases that know per_process_memory_fraction; others
    refuse to start) or jax."""


class VolumeSection(Section):
    """A directory of the host, a named volume, or memory. Instead of this map: SOURCE:TARGET[:ro]."""

    INSTEAD = unknown_keys.VOLUMES

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

    INSTEAD = unknown_keys.PORTS

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

    INSTEAD = unknown_keys.ULIMITS

    soft: Limit
    """What processes start with."""
    hard: Limit
    """What they may raise it to."""


class DeviceSection(Section):
    """A device of the host, or all of a directory there. Instead of this map: SOURCE[:TARGET][:rwm]."""

    INSTEAD = unknown_keys.DEVICES

    source: DevicePath
    """Its path on the host."""
    target: InsidePath | None = None
    """Where it appears in the container; none: under the same path."""
    permissions: Permissions = "rwm"
    """What programs may: read, write, make the device file."""


class HealthcheckSection(Section):
    """How the engine finds out whether the container is well. What is not said is as the image says."""

    INSTEAD = unknown_keys.HEALTHCHECK

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

    INSTEAD = unknown_keys.LOGGING

    driver: LogDriver = "json-file"
    """How the engine keeps or sends it."""
    options: dict[LogOption, Text] = Field(default_factory=dict)
    """The driver's own, such as max-size."""


class JupyterSection(Section):
    """JupyterLab in the workspace. Instead of this map: true, or its port."""

    INSTEAD = unknown_keys.JUPYTER

    port: PortNumber = 8888
    """Where it listens inside the container."""
    start: bool = True
    """Started by the container's command; false: it is only looked for."""
    token: Token = "auto"
    """auto: made anew whenever it starts, inside, in a file that only its user reads."""
    bind: Literal["container", "loopback"] = "container"
    """container: on the container's addresses, which this host's users and its containers reach; loopback: on its own
    only, which a tunnel reaches by a relay inside."""
    restart: Literal["no", "on-failure"] = "no"
    """on-failure: started again when it crashed, not when it was shut down."""


class TmuxSection(Section):
    """A tmux session in the workspace. Instead of this map: true, or the session's name."""

    session: Session = "main"
    """The session that `gpuws attach` enters."""
