"""Lines of `nvidia-smi` as the rows that the agent would have sent. Pure; whatever a line holds, nothing raises."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from gpuws.model.gpu import reading
from gpuws.model.gpu.fault import Fault, FaultKind
from gpuws.model.gpu.reading import NOT_TOLD, UUID
from gpuws.probe.agent.cgroup import container_ids, job
from gpuws.probe.smi.script import FULL, MINIMAL, PROCESSES, SLOW_ROUND

MIB = 1 << 20
MISSING = re.compile(
    r"\[?(?:N/A|Not Supported|Not Found|Unknown Error|Insufficient Permissions|Not Available)\]?$", re.IGNORECASE
)
NO_SUCH_THING = re.compile(r"\[?(?:N/A|Not Supported)\]?$", re.IGNORECASE)
NO_PERMISSION = re.compile(r"\[?Insufficient Permissions\]?$", re.IGNORECASE)
LOST = re.compile(r"\[?GPU is lost|\[?GPU not found", re.IGNORECASE)
RESET = re.compile(r"\[?GPU requires re(?:set|start)", re.IGNORECASE)
UNKNOWN = re.compile(r"\[?Unknown Error\]?$", re.IGNORECASE)
LOST_REASON = "GPU is lost: it has fallen off the bus"
RESET_REASON = "GPU requires a reset or a reboot"
HANDLE = re.compile(r"device handle for GPU", re.IGNORECASE)
BUS = re.compile(r"[0-9a-fA-F]{4,8}:[0-9a-fA-F]{2}:[0-9a-fA-F]{2}\.[0-7]$")

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class DriverFailure:
    """Of the driver as a whole. `fault`: what happened, with the words that were said."""

    fault: Fault
    coverage: Literal["none", "failed"]


FAILURES: tuple[tuple[re.Pattern[str], FaultKind, str, Literal["none", "failed"]], ...] = (
    (
        re.compile(r"version mismatch", re.IGNORECASE),
        "reboot-pending",
        "driver upgraded, reboot pending; running jobs unaffected",
        "failed",
    ),
    (
        re.compile(r"couldn't communicate with the NVIDIA driver|Driver Not Loaded", re.IGNORECASE),
        "not-loaded",
        "NVIDIA driver not loaded",
        "none",
    ),
    (re.compile(r"No devices were found", re.IGNORECASE), "other", "the NVIDIA driver sees no GPU", "none"),
    (
        re.compile(r"Insufficient Permissions", re.IGNORECASE),
        "no-permission",
        "no permission to use the NVIDIA driver",
        "none",
    ),
    (re.compile(r"Failed to initialize NVML", re.IGNORECASE), "other", "the NVIDIA driver does not start", "failed"),
)


def driver_failure(said: Sequence[str]) -> DriverFailure | None:
    """What is wrong with the driver, by the lines that nvidia-smi said; None where they don't blame it as a whole."""
    for pattern, kind, words, coverage in FAILURES:
        first = next((at for at, line in enumerate(said) if pattern.search(line)), None)
        if first is not None:
            return DriverFailure(Fault(kind, f"{words} ({'; '.join(said[first:])})"), coverage)
    return None


def other_failure(said: Sequence[str]) -> DriverFailure:
    return DriverFailure(Fault("other", f"nvidia-smi: {'; '.join(said)}"), "failed")


def columns(line: str) -> dict[str, str] | None:
    """By the names that were asked for; None for anything but a row of values."""
    words = [word.strip() for word in line.split(",")]
    for names in (FULL, MINIMAL, PROCESSES):
        if len(words) == len(names):
            found = dict(zip(names, words, strict=True))
            return found if named(found) or ("pid" not in found and _broken(words)) else None
    return None


def named(found: dict[str, str]) -> bool:
    """It says which GPU it is about."""
    return UUID.match(found.get("uuid") or found.get("gpu_uuid") or "") is not None


def key(found: dict[str, str]) -> str | None:
    """What tells a GPU from the others of one answer."""
    return found["uuid"] if named(found) else bus(found)


def bus(found: dict[str, str]) -> str | None:
    told = found.get("pci.bus_id", "")
    return short_bus_id(told) if BUS.match(told) else None


def _broken(words: Sequence[str]) -> bool:
    return any(LOST.match(word) or RESET.match(word) for word in words)


def gpu_row(
    found: dict[str, str], place: int, host_memory: tuple[int | None, int | None], before: Row | None = None
) -> Row:
    """`place`: in its answer, which is its index where it does not tell that. `before`: as it was known, by its bus.

    `host_memory`: bytes in use and in all, for a GPU that has none of its own."""
    health, error = _health(found)
    index, mig = whole(found["index"]), found.get("mig.mode.current", "").lower() == "enabled"
    row: Row = {
        "index": place if index is None else index,
        "uuid": found["uuid"] if named(found) else (before or {}).get("uuid", f"unknown-{place}"),
        "name": found["name"] if named(found) else (before or {}).get("name", "GPU"),
        "driver": None if MISSING.match(found.get("driver_version", "N/A")) else found["driver_version"],
        "health": health,
        "error": error,
        "bus_id": bus(found),
        "memory_used": _bytes(found["memory.used"]),
        "memory_total": _bytes(found["memory.total"]),
        "utilization": real(found["utilization.gpu"]),
        "temperature": real(found.get("temperature.gpu", "")),
        "power": real(found.get("power.draw", "")),
        "power_limit": real(found.get("power.limit", "")),
        "fan": real(found.get("fan.speed", "")),
        "persistence": {"enabled": True, "disabled": False}.get(found.get("persistence_mode", "").lower()),
        "mig": [] if mig else None,
        "gaps": _gaps(found),
    }
    if health == "ok" and not mig and (NO_SUCH_THING.match(found["memory.total"]) or _shared(row, host_memory[1])):
        row.update(unified=True, memory_used=host_memory[0], memory_total=host_memory[1])
    return row


def _shared(row: Row, machine: int | None) -> bool:
    """It has none of its own, or tells the machine's, in whole MiB."""
    total = row["memory_total"]
    return total == 0 or (total is not None and machine is not None and abs(total - machine) < MIB)


def _health(found: dict[str, str]) -> tuple[str, str | None]:
    values = list(found.values())
    if any(LOST.match(value) for value in values):
        return "lost", LOST_REASON
    if any(RESET.match(value) for value in values):
        return "reset-required", RESET_REASON
    if UNKNOWN.match(found["memory.used"]) and UNKNOWN.match(found["utilization.gpu"]):
        return "lost", "GPU does not answer: nvidia-smi says Unknown Error"
    return "ok", None


def _gaps(found: dict[str, str]) -> dict[str, str]:
    """What shows who uses it and is not there → why, as a `Gap` of the model says it."""
    told = {"memory": found["memory.used"], "utilization": found["utilization.gpu"]}
    return {part: _why(word) for part, word in told.items() if real(word) is None}


def _why(word: str) -> str:
    if NO_SUCH_THING.match(word):
        return "not supported"
    return reading.NO_PERMISSION if NO_PERMISSION.match(word) else word.strip("[]") or NOT_TOLD


def broken_row(index: int, told: str, answer: Sequence[str]) -> Row:
    """A GPU that the kernel's driver lists (`bus|uuid|name`) and nvidia-smi has no values of."""
    at, _, rest = told.partition("|")
    uuid, _, name = rest.partition("|")
    health, error = _trouble("; ".join(answer))
    return {
        "index": index,
        "uuid": uuid.strip() if UUID.match(uuid.strip()) else f"unknown-{index}",
        "name": name.strip() or "GPU",
        "health": health,
        "error": error,
        "bus_id": short_bus_id(at),
    }


def _trouble(answer: str) -> tuple[str, str]:
    if RESET.search(answer):
        return "reset-required", RESET_REASON
    if LOST.search(answer):
        return "lost", LOST_REASON
    if HANDLE.search(answer):
        return "lost", f"GPU does not answer: nvidia-smi says {answer.rpartition(': ')[2]}"
    return "error", f"nvidia-smi says {answer}" if answer else f"nvidia-smi did not answer for it in {SLOW_ROUND} s"


def ended(process: Row, gpu: Row | None) -> bool:
    """It had more than is in use of its GPU now. `gpu`: told after it; None: the GPU is not there."""
    memory, used = process["memory"], None if gpu is None or gpu.get("unified") else gpu.get("memory_used")
    return memory is not None and used is not None and memory > used


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
        uuid = re.search(r"\(UUID: ([^)\s]{4,120})\)", line)
        mig = re.match(r"\s+MIG (\S+)\s+Device\s+(\d{1,3}):", line)
        if uuid and mig:
            row = {"uuid": uuid[1], "index": int(mig[2]), "profile": mig[1]}
            found.setdefault(gpu, []).append({**row, "gaps": {"memory": NOT_TOLD, "processes": NOT_TOLD}})
        elif uuid and line.startswith("GPU "):
            gpu = uuid[1]
    return found
