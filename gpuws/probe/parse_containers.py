"""What a host tells of its containers' control groups, as model values; whatever it holds, nothing raises. Pure."""

from __future__ import annotations

import json

from gpuws.model.workspace.usage import Counters
from gpuws.probe.values import Row, count, each, number, text

MOST = 512


def parse_containers(line: bytes) -> tuple[Counters, ...] | None:
    """What the agent tells of all that it found; None for anything else."""
    if b'"type":"containers"' not in line:
        return None
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(row, dict) or row.get("type") != "containers":
        return None
    return tuple(each(row, "containers", MOST, _counters))


def _counters(row: Row) -> Counters | None:
    identity, at, cpu = text(row, "id", 64), number(row, "at"), number(row, "cpu")
    if identity is None or at is None:
        return None
    return Counters(
        identity,
        at,
        cpu if cpu is not None and cpu >= 0 else None,
        *(count(row, key) for key in ("memory", "limit", "read", "written", "received", "sent", "oom_kills")),
    )
