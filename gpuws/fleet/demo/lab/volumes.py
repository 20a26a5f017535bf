"""Volumes of the demo's hosts, and what else fills their disks: from what lives there, so that it agrees with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from gpuws.fleet.demo.lab.machines import GIB, ME
from gpuws.model import units
from gpuws.model.errors import GpuwsError, TargetError
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.placement.plan import Progress
from gpuws.model.workspace.image import Image
from gpuws.model.workspace.storage import ContainerDisk, DiskUsage, ImageDisk, Mount, Volume
from gpuws.model.workspace.workspace import Workspace

DAY = 86400.0
MIB = 1 << 20
ROOT = "/data/docker"
NO_LOGS = "only root sees them"
FORSAKEN = "9f2c77e0a1b34d5c8e6f1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f"
"""The name that an engine gave to a volume whose container is gone."""


class VolumeStore:
    """Mutable; the fleet's lock guards it."""

    def __init__(self) -> None:
        self._gone: set[tuple[str, str]] = set()
        self._added: dict[str, dict[str, Volume]] = {}

    def of(self, snapshot: HostSnapshot, now: float) -> tuple[Volume, ...]:
        host = snapshot.name
        found = [_cache(host, one, now) for one in snapshot.workspaces if _has_cache(one)]
        found += [
            Volume(
                host, "old-checkpoints", 118 * GIB, owner=ME, origin=snapshot.me.workstation, created=now - 64 * DAY
            ),
            Volume(host, "datasets-2024", 41 * GIB, created=now - 210 * DAY),
            Volume(host, FORSAKEN, 870 * MIB, created=now - 33 * DAY),
            *self._added.get(host, {}).values(),
        ]
        by_name = {one.name: one for one in found if (host, one.name) not in self._gone}
        return tuple(by_name.values())

    def add(self, volume: Volume) -> None:
        self._added.setdefault(volume.host, {})[volume.name] = volume
        self._gone.discard((volume.host, volume.name))

    def mounts(self, container: Workspace) -> tuple[Mount, ...]:
        """Its cache, and the directory of mine that my containers work in."""
        work = [Mount("bind", f"/home/{ME}/work", "/workspace")] if container.owner == ME else []
        cache = [Mount("volume", f"{container.name}-cache", "/cache")] if _has_cache(container) else []
        return (*cache, *work)

    def placed(self, snapshot: HostSnapshot, data: tuple[Mount, ...], now: float) -> tuple[Mount, ...]:
        """As they will be called there, and whether there is something already. My work is on every host."""
        known = {one.name for one in self.of(snapshot, now)}
        return tuple(replace(one, to=one.source, there=one.kind == "bind" or one.source in known) for one in data)

    def remove(self, snapshot: HostSnapshot, name: str) -> None:
        found = next((one for one in self.of(snapshot, 0.0) if one.name == name), None)
        if found is None:
            raise TargetError(f"{snapshot.name} has no volume {name}", f"see: gpuws volumes ls {snapshot.name}")
        if found.used_by:
            raise GpuwsError(f"{name} is used by {', '.join(found.used_by)}", "remove the containers first")
        self._gone.add((snapshot.name, name))

    def usage(self, snapshot: HostSnapshot, images: tuple[Image, ...], now: float) -> DiskUsage:
        disks = tuple(_image(one) for one in images)
        return DiskUsage(
            snapshot.name,
            now,
            ROOT,
            disks,
            sum(one.unique or 0 for one in disks) + 6 * GIB,
            tuple(_container(one) for one in snapshot.workspaces),
            self.of(snapshot, now),
            23 * GIB,
            19 * GIB,
            NO_LOGS,
        )


def _has_cache(container: Workspace) -> bool:
    return bool(container.gpus) or container.owner == ME


def filling(data: tuple[Mount, ...]) -> Iterator[Progress]:
    """The steps of bringing data along."""
    for number, one in enumerate(data, start=1):
        place = f"{one.short} ({number} of {len(data)})" if len(data) > 1 else one.short
        for part in range(5):
            done = f"{units.size(part * 5 * GIB)} of 20G, 112M/s"
            yield Progress("filling", f"{place}: {done}", part / 4)


def _cache(host: str, container: Workspace, now: float) -> Volume:
    size = (3 + sum(map(ord, container.name)) % 40) * GIB
    return Volume(host, f"{container.name}-cache", size, (container.name,), created=now - 9 * DAY)


def _container(container: Workspace) -> ContainerDisk:
    layer = sum(map(ord, container.name)) % 90 * 37 * MIB
    return ContainerDisk(container.id, container.name, layer, None, container.owner, running=container.alive)


def _image(image: Image) -> ImageDisk:
    size = image.size or 0
    return ImageDisk(image.id, image.name, size, size * 3 // 5, len(image.used_by))
