"""How much a container may use, and how it is started again and stopped, in Docker's words. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

from gpuws.engines.docker.existing.gpus import CDI_KIND, gpus_of
from gpuws.engines.docker.existing.parse import rows, table
from gpuws.engines.docker.options.forms import positive
from gpuws.engines.docker.options.option import NOTHING, Inspected
from gpuws.engines.docker.options.own_values import texts
from gpuws.model import units
from gpuws.model.gpu.memory_cap import cap_of
from gpuws.model.gpu.reading import UUID
from gpuws.model.linux import signal
from gpuws.model.placement.plan import ContainerSpec
from gpuws.model.profile.profile import GpuMemoryCap, GpuWish, Profile, Ulimit

SHM = 64 << 20
"""Bytes of /dev/shm that the engine gives to whoever says nothing."""
_IPC = re.compile(r"(none|private|host|shareable|container:[A-Za-z0-9][A-Za-z0-9_.-]*)\Z")


def device_requests(spec: ContainerSpec) -> list[dict[str, Any]] | None:
    """A request as docker's own program makes it; never a count, which means the first ones there."""
    if not spec.gpu_uuids:
        return None
    cdi = spec.gpu_mode == "cdi"
    return [
        {
            "Driver": "cdi" if cdi else "",
            "Count": 0,
            "DeviceIDs": cdi_names(spec.gpu_uuids) if cdi else list(spec.gpu_uuids),
            "Capabilities": None if cdi else [["gpu"]],
            "Options": {},
        }
    ]


def cdi_names(uuids: Collection[str]) -> list[str]:
    return [f"{CDI_KIND}={uuid}" for uuid in uuids]


def gpu_words(spec: ContainerSpec) -> list[str]:
    """`--gpus` wants its value quoted where it holds a comma; the CLI reads it as CSV."""
    if not spec.gpu_uuids:
        return []
    if spec.gpu_mode == "cdi":
        return [word for name in cdi_names(spec.gpu_uuids) for word in ("--device", name)]
    return ["--gpus", f'"device={",".join(spec.gpu_uuids)}"']


def wish(told: Inspected) -> GpuWish:
    """Those it has, by UUID or index."""
    gpus = gpus_of(told.host_config, told.config)
    if gpus == ("all",):
        return GpuWish(all=True)
    uuids = tuple(name for name in gpus if UUID.match(name))
    indices = tuple(int(name) for name in gpus if name.isdecimal())
    return GpuWish(indices=indices, uuids=uuids) if len(uuids) + len(indices) == len(gpus) else GpuWish(count=len(gpus))


def reservations(told: Inspected) -> dict[str, Any] | None:
    """Requests as they were made, each a reservation of Compose's: the same GPUs by the same way."""
    devices = [_reservation(table(row)) for row in rows(told.host_config.get("DeviceRequests"))]
    return {"resources": {"reservations": {"devices": devices}}} if devices else None


def _reservation(request: Mapping[str, Any]) -> dict[str, Any]:
    ids, count = [str(one) for one in rows(request.get("DeviceIDs"))], request.get("Count")
    words = [str(word) for group in rows(request.get("Capabilities")) for word in rows(group)]
    said = {
        "driver": request.get("Driver"),
        "device_ids": ids,
        "count": None if ids else "all" if count == -1 else count,
        "capabilities": words or ["gpu"],  # Compose wants one; CDI does not look at it
        "options": table(request.get("Options")),
    }
    return {key: value for key, value in said.items() if value not in NOTHING}


def cap(told: Inspected) -> GpuMemoryCap | None:
    """As a launch wrote it; the framework is the one that was told."""
    if (found := cap_of(texts(told.config.get("Labels")))) is None:
        return None
    for framework in (replace(found, framework="pytorch"), replace(found, framework="jax")):
        if framework.environment(1).keys() <= told.mine.environment.keys():
            return framework
    return found


def shown_cap(cap: GpuMemoryCap) -> str:
    return " ".join(word for word in (units.size(cap.limit), cap.action, cap.framework) if word)


def swap_limit(profile: Profile) -> int | None:
    """Memory and swap together; without a limit of its own no swap at all."""
    return profile.memswap_limit if profile.memswap_limit is not None else profile.mem_limit


def swap(told: Inspected) -> int | None:
    """None: no swap, as profiles have it. -1: without limit."""
    value, memory = told.host_config.get("MemorySwap"), positive(told.host_config.get("Memory"))
    limit = value if isinstance(value, int) and value >= -1 else 0
    return limit if memory and limit not in (0, memory) else None


def cpu_words(count: float) -> tuple[str, ...]:
    """As exact as the engine counts: a billionth."""
    return (f"{count:.9f}".rstrip("0").rstrip("."),)


def cpus(told: Inspected) -> float | None:
    """A quota of time comes to the same."""
    if (count := own_cpus(told)) is not None:
        return count
    quota = positive(told.host_config.get("CpuQuota"))
    period = positive(told.host_config.get("CpuPeriod")) or 100_000
    return round(quota / period, 3) or None if quota else None


def own_cpus(told: Inspected) -> float | None:
    nano = positive(told.host_config.get("NanoCpus"))
    return nano / 1_000_000_000 if nano else None


def shm_size(told: Inspected) -> int | None:
    size = positive(told.host_config.get("ShmSize"))
    return None if size == SHM else size


def ipc(told: Inspected) -> str | None:
    mode = str(told.host_config.get("IpcMode") or "")
    return None if mode in ("", "private") or not _IPC.match(mode) else mode


def odd_ipc(told: Inspected) -> Iterator[str]:
    mode = str(told.host_config.get("IpcMode") or "private")
    if not _IPC.match(mode):
        yield f"--ipc: {mode}"


def ulimits(told: Inspected) -> tuple[Ulimit, ...]:
    limits = [table(row) for row in rows(told.host_config.get("Ulimits"))]
    return tuple(
        sorted(
            (
                Ulimit(str(row["Name"]), row["Soft"], row["Hard"])
                for row in limits
                if row.get("Name") and isinstance(row.get("Soft"), int) and isinstance(row.get("Hard"), int)
            ),
            key=lambda limit: limit.name,
        )
    )


def restart_policy(text: str) -> dict[str, Any]:
    name, _, count = text.partition(":")
    return {"Name": name, "MaximumRetryCount": int(count) if count.isdecimal() else 0}


def restart(told: Inspected) -> str:
    policy = table(told.host_config.get("RestartPolicy"))
    name, count = str(policy.get("Name") or "no"), policy.get("MaximumRetryCount")
    if name == "on-failure" and isinstance(count, int) and count > 0:
        return f"on-failure:{count}"
    return name if name in ("no", "always", "unless-stopped", "on-failure") else "no"


def grace(told: Inspected) -> float | None:
    seconds = told.config.get("StopTimeout")
    return float(seconds) if isinstance(seconds, int) and seconds >= 0 else None


def stop_signal(told: Inspected) -> str | None:
    """SIGTERM is what old engines write where nothing is said."""
    said = str(told.config.get("StopSignal") or "")
    own = "" if said == str(told.image.get("StopSignal") or "SIGTERM") else said
    return signal(own) if own else None
