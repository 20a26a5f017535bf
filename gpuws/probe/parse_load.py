"""What a host tells of its processes, as model values; whatever it holds, nothing raises. Pure."""

from __future__ import annotations

import json

from gpuws.model.host.busiest import LoadReading, LoadTold, StalledMount
from gpuws.probe.parse_gpus import MOST_CPU, parse_process
from gpuws.probe.values import Row, count, each, items, number, percent, text, texts, whole

MOST_PROCESSES, MOST_MOUNTS, MOST_WAITING = 256, 16, 64


def parse_load(line: bytes) -> LoadTold | None:
    """An answer of the agent; None for anything else."""
    if b'"type":"busiest"' not in line:
        return None
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return load_of(row) if isinstance(row, dict) and row.get("type") == "busiest" else None


def load_of(row: Row) -> LoadTold:
    return LoadTold(
        tuple(each(row, "processes", MOST_PROCESSES, _process)),
        number(row, "seconds"),
        count(row, "count"),
        row.get("hidden") is True,
        tuple(each(row, "stalled", MOST_MOUNTS, _mount)),
    )


def _process(row: Row) -> LoadReading | None:
    """What tells of a process on a GPU, too, is read in one place."""
    found = parse_process({**row, "gpu_uuid": "none"})
    if found is None:
        return None
    return LoadReading(
        pid=found.pid,
        parent=count(row, "parent"),
        name=text(row, "name", 64) or "",
        user=found.user,
        uid=found.uid,
        command=found.command,
        state=text(row, "state", 1) or "",
        cpu_percent=percent(row, "cpu_percent", MOST_CPU),
        memory=found.memory,
        shared=count(row, "shared"),
        started_at=found.started_at,
        container_ids=found.container_ids,
        session=found.session,
        job=found.job,
        waits=number(row, "waits"),
        waits_in=text(row, "waits_in", 64),
    )


def _mount(row: Row) -> StalledMount | None:
    server = text(row, "server", 255)
    if server is None:
        return None
    pairs = items(row, "waiting", MOST_WAITING)
    pids = (whole(pair[0]) for pair in pairs if isinstance(pair, list) and pair)
    return StalledMount(server, texts(row, "places", MOST_MOUNTS, 300), tuple(pid for pid in pids if pid))
