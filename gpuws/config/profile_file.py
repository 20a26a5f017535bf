"""What may stand in a profile (INTERFACE §2): Compose's names and meanings where Compose has the key."""

from __future__ import annotations

import ipaddress
import posixpath
import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PrivateAttr

from gpuws.config import gpus, short_forms
from gpuws.config.fields import Duration, Line, Lines, Name, Section, Size, Text, TextMap
from gpuws.model.profile import BindCheck, GpuWish, PullPolicy
from gpuws.model.session import NAME as SESSION_NAME

_USER = re.compile(r"(host|image|root|[0-9]{1,10}(:[0-9]{1,10})?)\Z")
_RESTART = re.compile(r"(no|always|unless-stopped|on-failure(:[0-9]{1,5})?)\Z")
_IPC = re.compile(r"(none|private|host|shareable|container:[A-Za-z0-9][A-Za-z0-9_.-]*)\Z")
_TOKEN = re.compile(r"[A-Za-z0-9._~-]{1,200}\Z")
_VARIABLE = re.compile(r"[^\s=\x00-\x1f\x7f]+\Z")
_ULIMITS = frozenset(
    (
        *("core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc", "rss"),
        *("rtprio", "rttime", "sigpending", "stack"),
    )
)


def _matching(pattern: re.Pattern[str], expected: str) -> AfterValidator:
    def check(value: str) -> str:
        if not pattern.match(value):
            raise ValueError(f"expected {expected}")
        return value

    return AfterValidator(check)


def _inside(value: str) -> str:
    if not value.startswith("/") or ":" in value:
        raise ValueError("expected an absolute path inside the container, without colons")
    return posixpath.normpath(value)


def _ip(value: str) -> str:
    try:
        return str(ipaddress.ip_address(value))
    except ValueError as error:
        raise ValueError("expected an IP address of the host, such as 127.0.0.1") from error


def _ulimit_name(value: str) -> str:
    if value not in _ULIMITS:
        raise ValueError(f"expected one of {', '.join(sorted(_ULIMITS))}")
    return value


def _gpu_forms(value: Any) -> Any:
    return value if isinstance(value, dict) else GpuSection.of(gpus.wish(value))


InsidePath = Annotated[Line, AfterValidator(_inside)]
PortNumber = Annotated[int, Field(ge=1, le=65535)]
Words = Annotated[list[Text], BeforeValidator(short_forms.words, json_schema_input_type=str | list[str])]
UlimitName = Annotated[str, AfterValidator(_ulimit_name)]
Environment = dict[Annotated[str, _matching(_VARIABLE, "a variable's name")], Text | None]


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

    count: Annotated[int, BeforeValidator(gpus.count, json_schema_input_type=int)] = 1
    """How many."""
    memory: Annotated[int | None, BeforeValidator(gpus.memory, json_schema_input_type=int | str)] = None
    """Free memory each must have, such as 40GiB."""
    model: Annotated[str | None, BeforeValidator(gpus.model, json_schema_input_type=str)] = None
    """A regular expression for the GPU's name, such as H100|H200."""
    policy: Literal["free"] = "free"
    """Only GPUs that nobody holds."""

    _named: GpuWish | None = PrivateAttr(default=None)

    @classmethod
    def of(cls, named: GpuWish) -> GpuSection:
        section = cls()
        section._named = named
        return section

    @property
    def wish(self) -> GpuWish:
        return self._named or GpuWish(count=self.count, memory=self.memory, model=self.model)


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
    host_ip: Annotated[Line, AfterValidator(_ip)] = "127.0.0.1"
    """The host's address it is published on."""


class UlimitSection(Section):
    """A process limit; -1 is unlimited. Instead of this map: one number for both."""

    soft: Annotated[int, Field(ge=-1)]
    """What processes start with."""
    hard: Annotated[int, Field(ge=-1)]
    """What they may raise it to."""


class JupyterSection(Section):
    """JupyterLab in the workspace. Instead of this map: true, or its port."""

    port: PortNumber = 8888
    """Where it listens inside the container."""
    start: bool = True
    """Started by the container's command; false: it is only looked for."""
    token: Annotated[Line, _matching(_TOKEN, "auto, or letters, digits and . _ ~ -")] = "auto"
    """auto: made anew for every container."""


class TmuxSection(Section):
    """A tmux session in the workspace. Instead of this map: true, or the session's name."""

    session: Annotated[Line, _matching(SESSION_NAME, "a session's name without : and .")] = "main"
    """The session that `gpuws attach` enters."""


class ProfileFile(Section):
    """A gpuws profile: a saved recipe for a workspace."""

    description: Text = ""
    """One line for the list of profiles."""
    extends: Name | None = None
    """The profile this one is laid over: maps merge, lists replace, `key+` appends."""
    image: Line | None = None
    """The image to run; with build: the tag to give it."""
    build: (
        Annotated[BuildSection, BeforeValidator(short_forms.build, json_schema_input_type=str | BuildSection)] | None
    ) = None
    """How to build the image on the host."""
    pull_policy: PullPolicy = "missing"
    """When to fetch the image."""
    command: Words | None = None
    """What the container runs; none: the image's own."""
    entrypoint: Words | None = None
    """Instead of the image's entry point."""
    gpus: Annotated[
        GpuSection, BeforeValidator(_gpu_forms, json_schema_input_type=int | str | list[int | str] | GpuSection)
    ] = Field(default_factory=lambda: GpuSection.of(GpuWish()))
    """Which GPUs it gets; none without this key."""
    mem_limit: Size | None = None
    """Most memory it may use, such as 64g."""
    memswap_limit: Size | None = None
    """Memory and swap together; as mem_limit without this key: no swap."""
    cpus: Annotated[float, Field(gt=0, lt=100000, allow_inf_nan=False)] | None = None
    """How many CPUs' time it may use."""
    pids_limit: Annotated[int, Field(ge=-1)] | None = None
    """Most processes and threads."""
    shm_size: Size | None = None
    """The size of /dev/shm; data loaders and NCCL need far more than Docker's 64 MB."""
    ipc: Annotated[Line, _matching(_IPC, "none, private, host, shareable or container:NAME")] | None = None
    """Whose shared memory it sees; with host, shm_size has no meaning."""
    network_mode: Line | None = None
    """The engine's network it joins."""
    ulimits: dict[
        UlimitName,
        Annotated[
            UlimitSection | None,
            BeforeValidator(short_forms.ulimit, json_schema_input_type=int | UlimitSection | None),
        ],
    ] = Field(default_factory=dict)
    """Process limits, such as memlock and nofile; null takes an inherited one away."""
    user: Annotated[Line, _matching(_USER, 'host, image, root or "UID:GID"')] = "host"
    """host: my uid and gid on that host, so that files stay mine."""
    working_dir: InsidePath | None = None
    """Where its programs start."""
    volumes: list[
        Annotated[VolumeSection, BeforeValidator(short_forms.volume, json_schema_input_type=str | VolumeSection)]
    ] = Field(default_factory=list)
    """What it sees of the host."""
    ports: list[
        Annotated[PortSection, BeforeValidator(short_forms.port, json_schema_input_type=int | str | PortSection)]
    ] = Field(default_factory=list)
    """Ports worth a tunnel; published only where it is said."""
    environment: Environment = Field(default_factory=dict)
    """Variables; null takes the value from the caller's environment. Everybody who may use the engine can read them."""
    env_file: Lines = Field(default_factory=list)
    """Files of the workstation with NAME=VALUE lines, relative to this file."""
    jupyter: Annotated[
        JupyterSection | None,
        BeforeValidator(short_forms.jupyter, json_schema_input_type=bool | int | JupyterSection),
    ] = None
    """JupyterLab in it."""
    tmux: Annotated[
        TmuxSection | None, BeforeValidator(short_forms.tmux, json_schema_input_type=bool | str | TmuxSection)
    ] = None
    """tmux in it."""
    restart: Annotated[Line, _matching(_RESTART, "no, always, unless-stopped or on-failure[:N]")] = "no"
    """When the engine starts it again."""
    init: bool = True
    """A small init that reaps orphaned processes."""
    stop_grace_period: Duration | None = None
    """How long it has to end by itself."""
    labels: TextMap = Field(default_factory=dict)
    """Labels of the container; names that begin with `gpuws.` are taken."""
