"""What the rows of a preflight are judged by: gathered at once, so that every rule is pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gpuws.engines.base import Site
from gpuws.engines.docker.api.server import Server
from gpuws.engines.docker.launch.gpu_mode import Mode
from gpuws.engines.docker.launch.host_look import Look
from gpuws.model.errors import Refused
from gpuws.model.placement.plan import Check, ContainerSpec, Device
from gpuws.model.profile.profile import Profile
from gpuws.model.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Evidence:
    """`image`: as the engine describes it, None where it has none of that name. `others`: its containers.

    `context`: the directory of this workstation that a build would send, where it is not in the profile's folder.
    `changed`: why a shared profile's build would be refused. `building`: what its Dockerfile says that can't be done or
    should not be. `platforms`: for which the registry has an image that is
    to be pulled; empty where that is not known. `ready`: what the launch is to wait for."""

    site: Site
    server: Server
    mode: Mode
    spec: ContainerSpec
    devices: tuple[Device, ...] = ()
    image: Mapping[str, Any] | None = None
    others: Sequence[Workspace] = ()
    look: Look = field(default_factory=Look)
    context: str = ""
    changed: Refused | None = None
    building: tuple[Check, ...] = ()
    platforms: tuple[str, ...] = ()
    ready: str = ""

    @property
    def host(self) -> str:
        return self.site.host.name

    @property
    def profile(self) -> Profile:
        return self.spec.profile

    @property
    def image_config(self) -> Mapping[str, Any]:
        """The image's own defaults; empty where it is not there yet."""
        config = (self.image or {}).get("Config")
        return config if isinstance(config, dict) else {}
