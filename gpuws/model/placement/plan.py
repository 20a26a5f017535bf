"""A launch before it happens: what was asked, what was checked, what will be created."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from gpuws.model.checkup.mend import Mend
from gpuws.model.ownership.others import Other
from gpuws.model.placement.follow import Follow
from gpuws.model.profile.profile import GpuWish, Profile
from gpuws.model.workspace.engine import GpuMode
from gpuws.model.workspace.image import LayerProgress
from gpuws.model.workspace.storage import Mount
from gpuws.model.workspace.workspace import Ref

Status = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class Check:
    """`remedy`: how a person mends it. `mend`: what gpuws does about it, once it is agreed to."""

    name: str
    status: Status
    detail: str
    remedy: str = ""
    mend: Mend | None = None


@dataclass(frozen=True, slots=True)
class Device:
    """What a container is given: a GPU, or an instance of a divided one.

    `gpu`, `index`: the GPU it is or belongs to. `label`: "2", and "2:0" for an instance. `shared`: somebody held it
    when it was chosen, so it was meant."""

    uuid: str
    gpu: str
    index: int
    label: str
    name: str
    shared: bool = False
    memory: int | None = None  # bytes


@dataclass(frozen=True, slots=True)
class RejectedGpu:
    """A GPU that was not chosen: its name in a few characters, and why. `needed` False: it would have done as well."""

    label: str
    reason: str
    needed: bool = True


@dataclass(frozen=True, slots=True)
class Want:
    """What the user asked beyond the profile. `force`: go on although a check fails. `follow`: what to wait for once it
    runs.

    `recipe`: the text of a profile that lies in no file; what is launched has no profile's name then. `environ`: the
    caller's environment, from which profiles take what they name; holds secrets. `data`: of a clone the places inside
    whose volumes and directories are brought along."""

    name: str | None = None
    gpus: GpuWish | None = None
    overrides: tuple[str, ...] = ()  # KEY=VALUE of --set
    force: bool = False
    recipe: str = field(default="", repr=False)
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    data: tuple[str, ...] = ()
    follow: Follow = field(default_factory=Follow)


@dataclass(frozen=True, slots=True)
class ContainerSpec:
    """Everything the engine is told, resolved: no `~`, no variables, GPUs by UUID.

    `environment` values may be secrets: kept out of repr; `secret_names` are printed by name only.
    `groups`: supplementary gids. `env_files`: files of the workstation that docker reads as gpuws does; they give the
    values of `filed_names`."""

    name: str
    image: str
    command: tuple[str, ...] | None
    gpu_uuids: tuple[str, ...]
    gpu_mode: GpuMode | None
    user: str | None
    environment: Mapping[str, str] = field(repr=False)
    secret_names: frozenset[str]
    labels: Mapping[str, str]
    profile: Profile
    groups: tuple[int, ...] = ()
    env_files: tuple[str, ...] = ()
    filed_names: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Asked:
    """What a plan was made from, so that it can be made anew; `want` without anybody's environment.

    `like`: the workspace that it is to be like, where it was no profile's name that was given."""

    host: str
    profile: str
    want: Want
    like: Ref | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """`command`: the equivalent one in the engine's own words, secrets by name. `problems` keep Launch off unless
    forced.

    `rejected`: the host's other GPUs. `free_gpus`: how many of all its GPUs nobody held.
    `python`: an interpreter of the host, which keeps launches there apart. `others`: who else is on GPUs that the
    container can use, by whatever road. `asked`: None where it was planned for nobody who could ask again.
    `data`: what is brought along from the workspace that it is to be like. `engine`: the kind that carries it out, ""
    where the host has only one."""

    host: str
    spec: ContainerSpec
    checks: tuple[Check, ...]
    command: str
    image_present: bool
    devices: tuple[Device, ...] = ()
    rejected: tuple[RejectedGpu, ...] = ()
    free_gpus: int = 0
    python: str | None = None
    others: tuple[Other, ...] = ()
    asked: Asked | None = None
    data: tuple[Mount, ...] = ()
    engine: str = ""

    @property
    def want(self) -> Want:
        """What it was made for, without the caller's environment."""
        return self.asked.want if self.asked else Want()

    @property
    def problems(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if check.status == "fail")


@dataclass(frozen=True, slots=True)
class Progress:
    """A step of long work. `fraction` None: it can't be told. `text` is one plain line. `layers`: those of a pull.

    `stage`: checking, pulling, building, copying, creating, filling, starting, watching, waiting, verifying, done."""

    stage: str
    text: str = ""
    fraction: float | None = None
    layers: tuple[LayerProgress, ...] = ()


Report = Callable[[Progress], None]
"""Told how far long work is, from the thread that does it."""
