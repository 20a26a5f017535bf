"""What containers take: one sample of Docker's statistics of each, without waiting for a second one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gpuws.engines.docker.api.client import Client
from gpuws.engines.docker.api.errors import Rejected
from gpuws.engines.docker.existing.parse import moment, table
from gpuws.engines.parallel import each
from gpuws.model.workspace.usage import Counters

AT_ONCE = 8
NANO = 1e9


def read(client: Client, ids: Sequence[str]) -> list[Counters]:
    """Of those that run; the others are left out."""

    def sample(one: str) -> Counters | None:
        try:
            with client.errors():
                told = client.call("GET", f"/containers/{one}/stats", query={"stream": False, "one-shot": True})
        except Rejected:
            return None  # gone meanwhile
        return parse(one, table(told))

    found = each(sample, ids, AT_ONCE)
    client.pool.rest()
    return [one for one in found if one is not None]


def parse(identity: str, told: Mapping[str, Any]) -> Counters | None:
    """None of one that does not run: Docker answers with zeros, at a time before all times."""
    at = moment(told.get("read"))
    used = table(table(told.get("cpu_stats")).get("cpu_usage")).get("total_usage")
    if at is None:
        return None
    return Counters(identity, at, used / NANO if isinstance(used, int) else None, _memory(told))


def _memory(told: Mapping[str, Any]) -> int | None:
    """As `docker stats` says it: without files that lie in memory and were not used lately, whose name hangs on the
    version of control groups."""
    memory = table(told.get("memory_stats"))
    usage, parts = memory.get("usage"), table(memory.get("stats"))
    if not isinstance(usage, int):
        return None
    idle = parts.get("total_inactive_file", parts.get("inactive_file"))
    return usage - idle if isinstance(idle, int) and 0 <= idle < usage else usage
