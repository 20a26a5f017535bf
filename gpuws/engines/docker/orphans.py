"""Execs that a gpuws of this workstation left behind when it was killed: found by their mark, and ended."""

from __future__ import annotations

from collections.abc import Iterable

from gpuws.engines.docker import exec as execs
from gpuws.engines.docker.client import Client
from gpuws.engines.docker.mark import abandoned, in_arguments
from gpuws.engines.docker.parse import table


def end_orphans(client: Client, running: Iterable[tuple[str, Iterable[str]]]) -> int:
    """`running`: container ids with the ids of their execs. How many were ended."""
    return sum(_end_if_orphan(client, container, exec_id) for container, ids in running for exec_id in ids)


def _end_if_orphan(client: Client, container: str, exec_id: str) -> bool:
    told = execs.inspect(client, exec_id) or {}
    process = table(told.get("ProcessConfig"))
    mark = in_arguments(process.get("arguments"))
    if mark is None or not told.get("Running") or not abandoned(mark):
        return False
    execs.end(client, container, exec_id, mark, str(process.get("user") or "") or None)
    return True
