"""What a container of the demo tells to whoever looks closely. Pure."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

from gpuws.fleet.demo.lab.machines import GIB
from gpuws.model.secret import HIDDEN
from gpuws.model.workspace.details import Details, Happening, HealthCheck, MountPoint, Network
from gpuws.model.workspace.usage import NOTHING_TAKEN, Counters, Taken
from gpuws.model.workspace.workspace import Workspace

ENVIRONMENT = (("HF_HOME", "/cache/huggingface"), ("HF_TOKEN", HIDDEN), ("CUDA_DEVICE_ORDER", "PCI_BUS_ID"))
CHECK_EVERY = 30.0


def counters(one: Workspace, memory: int | None, now: float) -> Counters:
    """Loaders keep a few processors busy for each GPU, and read for it; memory as much as its limit lets expect.
    `memory`: bytes of its host."""
    of_name = zlib.crc32(one.name.encode()) % 100 / 100
    cores = 0.1 + of_name + 2.6 * len(one.gpus)
    most = one.memory_limit or (memory or 64 * GIB) // 8
    seconds = max(now - (one.created or now) + 60.0, 0.0)
    read, written = int((20 << 20) * len(one.gpus) * seconds), int((3 << 20) * of_name * seconds)
    received, sent = int((1 << 20) * of_name * seconds), int((200 << 10) * of_name * seconds)
    used = int(most * (0.2 + 0.6 * of_name))
    return Counters(one.id, now, cores * seconds, used, one.memory_limit, read, written, received, sent, 0)


def taken(workspaces: Iterable[Workspace], memory: int | None, now: float) -> Taken:
    """What those that run take at a moment."""
    alive = [one for one in workspaces if one.enterable]
    before = NOTHING_TAKEN.after([counters(one, memory, now - 1.0) for one in alive])
    return before.after([counters(one, memory, now) for one in alive])


def details(one: Workspace, now: float) -> Details:
    born = one.created or now
    alive = one.alive
    unwell = one.oci.health == "unhealthy"
    said = "connection refused" if unwell else "ok"
    checks = [HealthCheck(now - back * CHECK_EVERY, int(unwell), said) for back in (3, 2, 1)] if one.oci.health else []
    return Details(
        image_id=f"sha256:{zlib.crc32(one.oci.image.encode()):08x}",
        command=("sleep", "infinity") if one.profile else ("/entrypoint.sh",),
        directory="/workspace",
        user="1204:1204" if one.profile else "",
        hostname=one.id[:12],
        pid=4000 + zlib.crc32(one.id.encode()) % 60000 if alive else None,
        started=one.started,
        ended=None if alive else born + 3600.0,
        exit_code=None if alive else int("".join(filter(str.isdecimal, (one.reason or "0").split(",")[0])) or 0),
        restart="unless-stopped" if one.oci.project else "no",
        restarts=one.oci.restarts,
        shared_memory=16 * GIB if one.gpus else 64 << 20,
        mounts=tuple(MountPoint("bind", source, "/workspace") for source in one.oci.mounts),
        variables=ENVIRONMENT,
        networks=(Network("bridge", "172.17.0.2", (one.name,)),) if alive else (),
        health=one.oci.health or "",
        failures=len(checks) if unwell else 0,
        checks=tuple(checks),
        events=_events(one, born),
    )


def _events(one: Workspace, born: float) -> tuple[Happening, ...]:
    begun = (Happening(born, "create"), Happening(one.started or born + 1.0, "start"))
    if one.alive:
        return begun
    return (*begun, Happening(born + 3600.0, f"die, {(one.reason or 'exited 0').replace('exited', 'exit')}"))
