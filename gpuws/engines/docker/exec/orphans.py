"""Execs that a gpuws of this workstation left behind, killed or cut off from them: found by their mark, and ended."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from gpuws.engines.docker.api.client import Client
from gpuws.engines.docker.exec import session as execs
from gpuws.engines.docker.exec.mark import abandoned, in_arguments
from gpuws.engines.docker.existing.parse import table


@dataclass(frozen=True, slots=True)
class ExecOrphans:
    """See `engines.base.Orphans`. `running` gives ids of running containers with the ids of their execs, read anew."""

    client: Client
    running: Callable[[], Iterable[tuple[str, Iterable[str]]]]

    def end(self) -> int:
        return sum(_end_if_orphan(self.client, container, one) for container, ids in self.running() for one in ids)


def _end_if_orphan(client: Client, container: str, exec_id: str) -> bool:
    told = execs.inspect(client, exec_id) or {}
    process = table(told.get("ProcessConfig"))
    mark = in_arguments(process.get("arguments"))
    if mark is None or not told.get("Running") or not abandoned(mark):
        return False
    execs.end(client, container, exec_id, mark, str(process.get("user") or "") or None)
    return True
