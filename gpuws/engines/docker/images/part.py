"""Docker's images as the part `Images` of an engine."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from gpuws.engines.base import Images
from gpuws.engines.docker.api.client import Client
from gpuws.engines.docker.images import fetch, store
from gpuws.model.build.want import BuildPlan, BuildWay
from gpuws.model.errors import Refused
from gpuws.model.host.host import Host
from gpuws.model.placement.plan import Progress, Report
from gpuws.model.profile.profile import Profile
from gpuws.model.workspace.image import Image


@dataclass(frozen=True, slots=True)
class DockerImages:
    """See `engines.base.Images`."""

    client: Client
    host: Host

    def listed(self) -> list[Image]:
        return store.listed(self.client)

    def pull(self, reference: str, report: Report, cancel: threading.Event) -> None:
        self._changing()
        fetch.pull(self.client, reference, report, cancel)
        report(Progress("done", reference, 1.0))

    def plan_build(self, profile: Profile, way: BuildWay) -> BuildPlan:
        from gpuws.engines.docker.build.plan import plan_build

        return plan_build(self.client, profile, way)

    def build(self, profile: Profile, way: BuildWay, report: Report, cancel: threading.Event) -> str:
        from gpuws.engines.docker.build import builder
        from gpuws.engines.docker.build.plan import build_of
        from gpuws.engines.docker.launch.spec import image_of

        self._changing()
        image = image_of(profile)
        builder.build(self.client, build_of(profile), image, report, cancel, way)
        report(Progress("done", image, 1.0))
        return image

    def remove(self, image: str, *, force: bool = False) -> None:
        self._changing()
        store.remove(self.client, image, force=force)

    def prune(self) -> int:
        self._changing()
        return store.prune(self.client)

    def newer(self, reference: str) -> bool | None:
        return store.newer(self.client, reference)

    def copy(self, reference: str, target: Images, report: Report, cancel: threading.Event) -> None:
        from gpuws.engines.docker.copying import image

        if not isinstance(target, DockerImages):
            raise Refused("the engine there takes no images from Docker")
        target._changing()
        image.copy(self.client, target.client, reference, report, cancel)

    def _changing(self) -> None:
        if self.host.readonly:
            raise Refused(f"{self.host.name} is read-only", "choose another host, or change hosts.yaml")
