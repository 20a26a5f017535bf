"""Docker's closer look as the part `Inspection` of an engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gpuws.engines.docker.api.client import Client
from gpuws.engines.docker.inspection import details, events, stats
from gpuws.model.workspace.details import Details
from gpuws.model.workspace.usage import Counters


@dataclass(frozen=True, slots=True)
class DockerInspection:
    """See `engines.base.Inspection`."""

    client: Client

    def details(self, workspace_id: str) -> Details:
        with self.client.errors():
            told = details.parse(self.client.inspect(workspace_id))
            return replace(told, events=events.read(self.client, workspace_id))

    def usage(self, ids: Sequence[str]) -> list[Counters]:
        return stats.read(self.client, ids)
