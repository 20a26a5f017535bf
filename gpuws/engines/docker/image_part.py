"""Docker's images as the part `Images` of an engine."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from gpuws.engines.docker import fetch, images
from gpuws.engines.docker.client import Client
from gpuws.model.errors import Refused
from gpuws.model.host import Host
from gpuws.model.image import Image
from gpuws.model.plan import Progress, Report


@dataclass(frozen=True, slots=True)
class DockerImages:
    """See `engines.base.Images`."""

    client: Client
    host: Host

    def listed(self) -> list[Image]:
        return images.listed(self.client)

    def pull(self, reference: str, report: Report, cancel: threading.Event) -> None:
        self._changing()
        fetch.pull(self.client, reference, report, cancel)
        report(Progress("done", reference, 1.0))

    def remove(self, image: str, *, force: bool = False) -> None:
        self._changing()
        images.remove(self.client, image, force=force)

    def prune(self) -> int:
        self._changing()
        return images.prune(self.client)

    def newer(self, reference: str) -> bool | None:
        return images.newer(self.client, reference)

    def _changing(self) -> None:
        if self.host.readonly:
            raise Refused(f"{self.host.name} is read-only", "choose another host, or change hosts.yaml")
