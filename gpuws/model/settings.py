"""What config.yaml settles, split by who reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gpuws.model.history.usage import Keep
from gpuws.model.own_command import OwnCommand


@dataclass(frozen=True, slots=True)
class Settings:
    """What a fleet needs beyond its hosts. `me`: names I go by, as config.yaml says; `login`: mine on this machine."""

    me: tuple[str, ...] = ()
    workstation: str = ""
    readonly: bool = False
    login: str = ""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Percent: below the first a figure is quiet; from the second on memory is nearly full, and a GPU busy.
    `idle_after` in seconds."""

    memory: tuple[float, float] = (50.0, 85.0)
    utilization: tuple[float, float] = (10.0, 80.0)
    idle_after: float = 1800.0


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long the background process stays, in seconds: without clients and tunnels, and for links that a person
    logged in for. `history`: of whom it writes down how GPUs are used."""

    idle: float = 600.0
    logins: float = 8 * 3600.0
    history: Keep = "mine"


@dataclass(frozen=True, slots=True)
class ScreenSettings:
    """What the screen needs. `keys`: binding id → key. `mouse`: it listens to the mouse. `commands`: of my
    own."""

    theme: str | None = None
    keys: Mapping[str, str] = field(default_factory=dict)
    thresholds: Thresholds = Thresholds()
    mouse: bool = True
    commands: tuple[OwnCommand, ...] = ()
