"""A launch before it happens: what was asked, what was checked, what will be created."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from gpuws.model.container import GpuMode
from gpuws.model.profile import GpuWish, Profile

Status = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    status: Status
    detail: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Want:
    """What the user asked beyond the profile. `force`: go on although a check fails."""

    name: str | None = None
    gpus: GpuWish | None = None
    overrides: tuple[str, ...] = ()  # KEY=VALUE of --set
    force: bool = False


@dataclass(frozen=True, slots=True)
class ContainerSpec:
    """Everything the engine is told, resolved: no `~`, no variables, GPUs by UUID.

    `environment` values may be secrets: kept out of repr; `secret_names` are printed by name only."""

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


@dataclass(frozen=True, slots=True)
class Plan:
    """`command`: the equivalent `docker run` line, secrets by name. `problems` keep Launch off unless forced."""

    host: str
    spec: ContainerSpec
    checks: tuple[Check, ...]
    command: str
    image_present: bool

    @property
    def problems(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if check.status == "fail")


@dataclass(frozen=True, slots=True)
class Progress:
    """A step of long work. `fraction` None: it can't be told. `text` is one plain line."""

    stage: str  # checking | pulling | building | creating | starting | done
    text: str = ""
    fraction: float | None = None
