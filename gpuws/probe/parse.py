"""The agent's lines as model values. A line is data from a host: whatever it holds, nothing raises. Pure."""

from __future__ import annotations

import json
from typing import get_args

from gpuws.model.gpu.fault import Fault, FaultKind
from gpuws.model.gpu.reading import Coverage, Disk, FaultSources, HostFacts, HostReading, ProbeCost, Source, Xid
from gpuws.model.session.listing import sessions_of
from gpuws.probe.parse_gpus import MOST_CPU, MOST_PROCESSES, parse_gpus, parse_process
from gpuws.probe.values import Row, choice, count, each, items, number, percent, text, texts, whole

LONGEST_LINE = 1 << 20
LONGEST_INTERVAL = 3600.0  # seconds, as in hosts.yaml
MOST_DISKS, MOST_GROUPS, MOST_WARNINGS, MOST_XIDS = 64, 256, 16, 64
COVERAGES: dict[str, Coverage] = {"read": "read", "none": "none", "waiting": "waiting", "failed": "failed"}
KINDS: dict[str, FaultKind] = {kind: kind for kind in get_args(FaultKind)}
SOURCES: dict[str, Source] = {source: source for source in get_args(Source)}


def parse_line(line: bytes, now: float) -> HostFacts | HostReading | None:
    """A hello or a sample; None for anything else. `now`: the workstation's clock, epoch seconds."""
    if len(line) > LONGEST_LINE:
        return None
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(message, dict):
        return None
    if message.get("type") == "hello":
        return parse_facts(message)
    return parse_reading(message, now) if message.get("type") == "sample" else None


def parse_facts(row: Row) -> HostFacts | None:
    login, uid, gid, home = text(row, "login", 64), count(row, "uid"), count(row, "gid"), text(row, "home", 4096)
    if login is None or uid is None or gid is None:
        return None
    return HostFacts(
        login=login,
        uid=uid,
        gid=gid,
        groups=texts(row, "groups", MOST_GROUPS, 64),
        home=home or "/",
        hostname=text(row, "hostname", 255) or "",
        boot_id=text(row, "boot_id", 64),
        pid_namespace=count(row, "pid_namespace"),
        python=text(row, "python", 32),
        cpu_count=count(row, "cpu_count"),
        has_tmux=row.get("has_tmux") is True,
        interpreter=text(row, "interpreter", 4096),
        gids=tuple(gid for item in items(row, "gids", MOST_GROUPS) if (gid := whole(item)) is not None),
    )


def parse_reading(row: Row, now: float) -> HostReading:
    sessions, xids, cost = row.get("sessions"), row.get("xids"), row.get("cost")
    return HostReading(
        taken_at=now,
        source=choice(SOURCES, row.get("source")),
        coverage=choice(COVERAGES, row.get("coverage")) or "failed",
        error=_fault(error) if isinstance(error := row.get("error"), dict) else None,
        driver=text(row, "driver", 64),
        cuda=text(row, "cuda", 16),
        gpus=parse_gpus(row),
        processes=tuple(each(row, "processes", MOST_PROCESSES, parse_process)),
        cpu_percent=percent(row, "cpu_percent"),
        load=number(row, "load"),
        memory_used=count(row, "memory_used"),
        memory_total=count(row, "memory_total"),
        net_received=count(row, "net_received"),
        net_sent=count(row, "net_sent"),
        io_wait=percent(row, "io_wait"),
        disks=tuple(each(row, "disks", MOST_DISKS, _disk)),
        sessions=sessions_of(sessions) if isinstance(sessions, str) else None,
        warnings=tuple(each(row, "warnings", MOST_WARNINGS, _fault)),
        xids=tuple(each(row, "xids", MOST_XIDS, _xid)) if isinstance(xids, list) else None,
        cost=_cost(cost) if isinstance(cost, dict) else None,
        faults=_sources(faults) if isinstance(faults := row.get("faults"), dict) else None,
        interval=_interval(row),
    )


def _interval(row: Row) -> float | None:
    told = number(row, "interval")
    return told if told is not None and 0 < told <= LONGEST_INTERVAL else None


def _fault(row: Row) -> Fault | None:
    words = text(row, "text")
    return None if words is None else Fault(choice(KINDS, row.get("kind")) or "other", words, text(row, "remedy") or "")


def _disk(row: Row) -> Disk | None:
    mount = text(row, "mount", 4096)
    return None if mount is None else Disk(mount, count(row, "used"), count(row, "total"))


def _xid(row: Row) -> Xid | None:
    xid, bus_id, said = count(row, "number"), text(row, "bus_id", 32), text(row, "text", 200) or ""
    if bus_id is None or (xid is None and not said):
        return None
    return Xid(xid, bus_id, said, number(row, "at"))


def _sources(row: Row) -> FaultSources:
    return FaultSources(row.get("log") is True, number(row, "since"), text(row, "why", 200) or "")


def _cost(row: Row) -> ProbeCost:
    return ProbeCost(
        cpu_percent=percent(row, "cpu_percent", MOST_CPU),
        memory=count(row, "memory"),
        first_sample=number(row, "first_sample"),
        age=number(row, "age"),
        own=count(row, "own"),
    )
