"""The agent's lines as model values. A line is data from a host: whatever it holds, nothing raises. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, Literal, TypeVar

from gpuws.model.reading import Disk, GpuReading, Health, HostFacts, HostReading, ProcessReading
from gpuws.model.session import NAME as SESSION_NAME
from gpuws.model.session import Session
from gpuws.model.text import plain

LONGEST_LINE = 1 << 20
MOST_GPUS, MOST_PROCESSES, MOST_SESSIONS, MOST_DISKS, MOST_GROUPS, MOST_CONTAINERS = 64, 2048, 256, 64, 256, 8
LONGEST_COMMAND = 300
LARGEST = 1 << 60  # no count of bytes or seconds is larger
CONTAINER_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_.-]{0,127}\Z")
HEALTH: dict[object, Health] = {"ok": "ok", "lost": "lost", "reset-required": "reset-required", "error": "error"}
SOURCES: dict[object, Literal["nvml", "nvidia-smi"]] = {"nvml": "nvml", "nvidia-smi": "nvidia-smi"}

T = TypeVar("T")
Row = dict[str, Any]


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
        return _facts(message)
    return _reading(message, now) if message.get("type") == "sample" else None


def _facts(row: Row) -> HostFacts | None:
    login, uid, gid, home = _text(row, "login", 64), _count(row, "uid"), _count(row, "gid"), _text(row, "home", 4096)
    if login is None or uid is None or gid is None:
        return None
    groups = row.get("groups")
    names = groups[:MOST_GROUPS] if isinstance(groups, list) else []
    return HostFacts(
        login=login,
        uid=uid,
        gid=gid,
        groups=tuple(plain(name, 64) for name in names if isinstance(name, str)),
        home=home or "/",
        hostname=_text(row, "hostname", 255) or "",
        boot_id=_text(row, "boot_id", 64),
        python=_text(row, "python", 32),
        cpu_count=_count(row, "cpu_count"),
        has_tmux=row.get("has_tmux") is True,
    )


def _reading(row: Row, now: float) -> HostReading:
    sessions = row.get("sessions")
    return HostReading(
        taken_at=now,
        source=_choice(SOURCES, row.get("source")),
        error=_text(row, "error"),
        driver=_text(row, "driver", 64),
        cuda=_text(row, "cuda", 16),
        gpus=_gpus(row),
        processes=tuple(_each(row, "processes", MOST_PROCESSES, _process)),
        cpu_percent=_percent(row, "cpu_percent"),
        load=_number(row, "load"),
        memory_used=_count(row, "memory_used"),
        memory_total=_count(row, "memory_total"),
        disks=tuple(_each(row, "disks", MOST_DISKS, _disk)),
        sessions=tuple(_each(row, "sessions", MOST_SESSIONS, _session)) if isinstance(sessions, list) else None,
    )


def _gpus(row: Row) -> tuple[GpuReading, ...]:
    """Each UUID once: everything about a GPU is found by it."""
    return tuple({gpu.uuid: gpu for gpu in _each(row, "gpus", MOST_GPUS, _gpu)}.values())


def _gpu(row: Row) -> GpuReading | None:
    index, uuid = _count(row, "index"), _text(row, "uuid", 96)
    if index is None or uuid is None:
        return None
    return GpuReading(
        index=index,
        uuid=uuid,
        name=_text(row, "name", 96) or "GPU",
        health=_choice(HEALTH, row.get("health")) or "error",
        memory_used=_count(row, "memory_used"),
        memory_total=_count(row, "memory_total"),
        utilization=_percent(row, "utilization"),
        temperature=_number(row, "temperature"),
        power=_number(row, "power"),
        power_limit=_number(row, "power_limit"),
        error=_text(row, "error"),
    )


def _process(row: Row) -> ProcessReading | None:
    pid, uuid = _count(row, "pid"), _text(row, "gpu_uuid", 96)
    if not pid or uuid is None:
        return None
    ids = row.get("container_ids")
    return ProcessReading(
        pid=pid,
        gpu_uuid=uuid,
        memory=_count(row, "memory"),
        utilization=_percent(row, "utilization"),
        user=_text(row, "user", 64),
        uid=_count(row, "uid"),
        command=_text(row, "command", LONGEST_COMMAND),
        container_ids=tuple(
            cid for cid in (ids if isinstance(ids, list) else []) if isinstance(cid, str) and CONTAINER_ID.match(cid)
        )[:MOST_CONTAINERS],
        session=_text(row, "session", 256),
        started_at=_number(row, "started_at"),
        cpu_seconds=_number(row, "cpu_seconds"),
    )


def _session(row: Row) -> Session | None:
    """A name that had to be cleaned would name another session: such a one is left out."""
    name = row.get("name")
    if not isinstance(name, str) or not SESSION_NAME.match(name) or plain(name, 256) != name:
        return None
    return Session(
        name=name,
        windows=_count(row, "windows") or 1,
        attached=_count(row, "attached") or 0,
        created=_number(row, "created"),
        activity=_number(row, "activity"),
        command=_text(row, "command", 100),
    )


def _disk(row: Row) -> Disk | None:
    mount = _text(row, "mount", 4096)
    return None if mount is None else Disk(mount, _count(row, "used"), _count(row, "total"))


def _each(row: Row, key: str, most: int, make: Callable[[Row], T | None]) -> Iterator[T]:
    items = row.get(key)
    for item in items[:most] if isinstance(items, list) else []:
        made = make(item) if isinstance(item, dict) else None
        if made is not None:
            yield made


def _choice(choices: dict[object, T], value: object) -> T | None:
    return choices.get(value) if isinstance(value, str) else None


def _text(row: Row, key: str, limit: int = 500) -> str | None:
    """Cleaned; None where nothing is left."""
    value = row.get(key)
    return (plain(value[: 2 * limit], limit) or None) if isinstance(value, str) else None


def _count(row: Row, key: str) -> int | None:
    value = row.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < LARGEST else None


def _number(row: Row, key: str) -> float | None:
    value = row.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < LARGEST else None  # neither nan nor infinity is less


def _percent(row: Row, key: str) -> float | None:
    value = _number(row, key)
    return None if value is None else min(max(value, 0.0), 100.0)
