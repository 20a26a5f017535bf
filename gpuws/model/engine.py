"""The engine that runs the workspaces of a host, as it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

GpuMode = Literal["cdi", "hook"]


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """The container engine of a host. `error` says why it can't be used.

    `shut`: it is there and I may not ask it, or it does not run; other errors may pass."""

    kind: str = "docker"
    version: str | None = None
    api_version: str | None = None
    error: str | None = None
    remedy: str = ""
    shut: bool = False
