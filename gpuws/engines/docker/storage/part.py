"""Docker's disks as the part `Storage` of an engine."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gpuws.engines.base import Storage
from gpuws.engines.docker.api.client import Client
from gpuws.engines.docker.copying import data
from gpuws.engines.docker.storage import owning, usage, volumes
from gpuws.model.errors import Refused
from gpuws.model.host.host import Host
from gpuws.model.placement.plan import Report
from gpuws.model.workspace.storage import DiskUsage, Mount, Renumber, Volume

REMOVE_TIMEOUT = 600.0
"""Seconds: millions of small files are deleted one by one."""


@dataclass(frozen=True, slots=True)
class DockerStorage:
    """See `engines.base.Storage`."""

    client: Client
    host: Host

    def usage(self, cancel: threading.Event) -> DiskUsage:
        return usage.read(self.client, cancel)

    def volumes(self) -> list[Volume]:
        return volumes.listed(self.client)

    def make_volume(self, name: str, labels: Mapping[str, str]) -> bool:
        self._changing()
        return volumes.make(self.client, name, labels)

    def remove_volume(self, name: str) -> None:
        self._changing()
        with self.client.asking():
            self.client.call("DELETE", f"/volumes/{name}", timeout=REMOVE_TIMEOUT)

    def mounts(self, workspace_id: str) -> list[Mount]:
        return data.mounts_of(self.client, workspace_id)

    def own(self, path: str, image: str, uid: int, gid: int) -> None:
        self._changing()
        owning.own(self.client, path, image, uid, gid)

    def send(
        self,
        workspace_id: str,
        given: Sequence[Mount],
        target: Storage,
        into: str,
        owners: Renumber,
        report: Report,
        cancel: threading.Event,
    ) -> None:
        if not isinstance(target, DockerStorage):
            raise Refused("the engine there takes no data from Docker")
        target._changing()
        data.send(self.client, workspace_id, given, target.client, into, owners, report, cancel)

    def _changing(self) -> None:
        if self.host.readonly:
            raise Refused(f"{self.host.name} is read-only", "choose another host, or change hosts.yaml")
