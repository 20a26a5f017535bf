"""Podman as an `Engine`: Docker's, less what its API does not answer, and what else to know of a rootless one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from gpuws.engines.base import Absent, Recipes
from gpuws.engines.docker.api.client import Client
from gpuws.engines.docker.contexts import Found
from gpuws.engines.docker.engine import DockerEngine
from gpuws.engines.podman.caps import CAPS
from gpuws.engines.podman.checks import rows
from gpuws.engines.podman.survey import Survey
from gpuws.model.host.host import Host
from gpuws.model.placement.plan import Check
from gpuws.model.workspace.engine import Caps, EngineInfo


class PodmanEngine(DockerEngine):
    """`survey`: what the host said of it. See `DockerEngine` for the others."""

    def __init__(
        self, client: Client, host: Host, environ: Mapping[str, str], found: Found, survey: Survey | None = None
    ) -> None:
        super().__init__(client, host, environ, found)
        self._survey = survey

    @property
    def caps(self) -> Caps:
        return CAPS

    def info(self) -> EngineInfo:
        return replace(super().info(), kind="podman", caps=CAPS)

    @property
    def recipes(self) -> Recipes | Absent:
        return Absent(CAPS.recipes)

    def checkup(self, *, gpus: bool) -> tuple[Check, ...]:
        return (*super().checkup(gpus=gpus), *rows(self._host.name, self._how(), self._survey))
