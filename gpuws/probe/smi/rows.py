"""Lines of `nvidia-smi` as the rows that the agent would have sent. Pure; whatever a line holds, nothing raises."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from gpuws.probe.agent.cgroup import container_ids, job
from gpuws.probe.smi.script import FULL, MINIMAL, PROCESSES

MIB = 1 << 20
MISSING = re.compile(
    r"\[?(?:N/A|Not Supported|Not Found|Unknown Error|Insufficient Permissions|Not Available)\]?$", re.IGNORECASE
)
NO_SUCH_THING = re.compile(r"\[?(?:N/A|Not Supported)\]?$", re.IGNORECASE)
LOST = re.compile(r"\[?GPU is lost|\[?GPU not found", re.IGNORECASE)
RESET = re.compile(r"\[?GPU requires re(?:set|start)", re.IGNORECASE)
UNKNOWN = re.compile(r"\[?Unknown Error\]?$", re.IGNORECASE)
TIMESTAMP = "%Y/%m/%d %H:%M:%S.%f"
LOST_REASON = "GPU is lost: it has fallen off the bus"
RESET_REASON = "GPU requires a reset or a reboot"
FAILURES = (
    (re.compile(r"version mismatch", re.IGNORECASE), "driver upgraded, reboot pending; running jobs unaffected"),
    (
        re.compile(r"couldn't communicate with the NVIDIA driver|Driver Not Loaded", re.IGNORECASE),
        "NVIDIA driver not loaded",
    ),
    (re.compile(r"No devices were found", re.IGNORECASE), "the NVIDIA driver sees no GPU"),
    (re.compile(r"Insufficient Permissions", re.IGNORECASE), "no permission to use the NVIDIA driver"),
)
UUID = re.compile(r"GPU-[0-9a-fA-F-]{8,64}$")

Row = dict[str, Any]


def columns(line: str) -> dict[str, str] | None:
    """By the names that were asked for; None for anything but a row of values."""
    words = [word.strip() for word in line.split(",")]
    for names in (FULL, MINIMAL, PROCESSES):
        if len(words) == len(names):
            found = dict(zip(names, words, strict=True))
            return found if UUID.match(found.get("uuid") or found.get("gpu_uuid") or "") else None
    return None


def gpu_row(found: dict[str, str], host_memory: tuple[int | None, int | None]) -> Row | None:
    """`host_memory`: bytes in use and in all, for a GPU that has none of its own."""
    index = whole(found["index"])
    if index is None:
        return None
    health, error = _health(found)
    mig = found.get("mig.mode.current", "").lower() == "enabled"
    row: Row = {
        "index": index,
        "uuid": found["uuid"],
        "name": found["name"],
        "driver": found.get("driver_version"),
        "health": health,
        "error": error,
        "bus_id": short_bus_id(found.get("pci.bus_id", "")),
        "memory_used": _bytes(found["memory.used"]),
        "memory_total": _bytes(found["memory.total"]),
        "utilization": real(found["utilization.gpu"]),
        "temperature": real(found.get("temperature.gpu", "")),
        "power": real(found.get("power.draw", "")),
        "power_limit": real(found.get("power.limit", "")),
        "fan": real(found.get("fan.speed", "")),
        "persistence": {"enabled": True, "disabled": False}.get(found.get("persistence_mode", "").lower()),
        "mig": [] if mig else None,
    }
    if health == "ok" and not mig and (NO_SUCH_THING.match(found["memory.total"]) or row["memory_total"] == 0):
        row.update(unified=True, memory_used=host_memory[0], memory_total=host_memory[1])
    return row


def _health(found: dict[str, str]) -> tuple[str, str | None]:
    values = list(found.values())
    if any(LOST.match(value) for value in values):
        return "lost", LOST_REASON
    if any(RESET.match(value) for value in values):
        return "reset-required", RESET_REASON
    if UNKNOWN.match(found["memory.used"]) and UNKNOWN.match(found["utilization.gpu"]):
        return "lost", "GPU does not answer: nvidia-smi says Unknown Error"
    return "ok", None


def broken_row(index: int, told: str, answer: str) -> Row | None:
    """A GPU that the kernel's driver lists (`bus|uuid|name`) and nvidia-smi has no values of."""
    bus, _, rest = told.partition("|")
    uuid, _, name = rest.partition("|")
    if not UUID.match(uuid.strip()):
        uuid = f"unknown-{index}"
    health, reason = ("reset-required", RESET_REASON) if RESET.search(answer) else ("lost", LOST_REASON)
    return {
        "index": index,
        "uuid": uuid.strip(),
        "name": name.strip() or "GPU",
        "health": health,
        "error": reason,
        "bus_id": short_bus_id(bus),
    }


def process_row(found: dict[str, str]) -> Row | None:
    pid = whole(found["pid"])
    return None if not pid else {"pid": pid, "gpu_uuid": found["gpu_uuid"], "memory": _bytes(found["used_memory"])}


def described(told: str, now: float) -> tuple[int, Row] | None:
    """`pid|pids in namespaces|cgroup lines|user uid seconds command`."""
    parts = told.split("|", 3)
    pid = whole(parts[0])
    if len(parts) != 4 or not pid:
        return None
    inner = [number for word in parts[1].split() if (number := whole(word)) is not None]
    words = parts[3].split(None, 3)
    user, uid, seconds, command = words if len(words) == 4 else (None, None, None, None)
    age = whole(seconds or "")
    cgroup = parts[2].replace(";", "\n")
    containers = container_ids(cgroup)  # type: ignore[no-untyped-call]
    return pid, {
        "user": user,
        "uid": whole(uid or ""),
        "command": command,
        "started_at": None if age is None else now - age,
        "inner_pid": inner[-1] if inner else None,
        "container_ids": containers,
        "lineage": [inner[len(inner) > 1]] if containers and inner else [],  # its parents would be a program each
        "job": job(cgroup),  # type: ignore[no-untyped-call]
    }


def moment(text: str) -> float | None:
    """Seconds of the host's own clock, for comparing lines of one host only."""
    try:
        return datetime.strptime(text, TIMESTAMP).timestamp()
    except (ValueError, OverflowError, OSError):
        return None


def failure(line: str) -> str:
    """What is wrong, in the words of the agent."""
    return next((words for pattern, words in FAILURES if pattern.search(line)), f"nvidia-smi: {line}")


def short_bus_id(text: str) -> str | None:
    """As /sys writes it: 00000000:1B:00.0 is 0000:1b:00.0."""
    domain, _, rest = text.strip().lower().partition(":")
    return f"{domain[-4:]}:{rest}" if rest else None


def whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else None


def real(text: str) -> float | None:
    try:
        return None if MISSING.match(text) else float(text)
    except ValueError:
        return None


def _bytes(mib: str) -> int | None:
    found = whole(mib)
    return None if found is None else found * MIB


def instances(listing: str) -> dict[str, list[Row]]:
    """UUID of a GPU → its MIG instances, of `nvidia-smi -L`."""
    found: dict[str, list[Row]] = {}
    gpu = ""
    for line in listing.splitlines():
        uuid = re.search(r"\(UUID: ((?:GPU|MIG)-[^)\s]{4,120})\)", line)
        mig = re.match(r"\s+MIG (\S+)\s+Device\s+(\d{1,3}):", line)
        if uuid and mig:
            found.setdefault(gpu, []).append({"uuid": uuid[1], "index": int(mig[2]), "profile": mig[1]})
        elif uuid and line.startswith("GPU "):
            gpu = uuid[1]
    return found
