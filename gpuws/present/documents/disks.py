"""What fills hosts' disks, as `disks --json` and `volumes --json` print it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gpuws.model.units import timestamp
from gpuws.present.documents.base import hosts

if TYPE_CHECKING:  # a listing starts without the modules of what it does not show
    from gpuws.model.host.snapshot import HostSnapshot
    from gpuws.model.workspace.storage import DiskUsage, Volume
    from gpuws.present.documents.fields.disks import DiskRow, DisksDocument, VolumeRow, VolumesDocument


def disks(snapshots: Sequence[HostSnapshot], usages: Sequence[DiskUsage], now: float) -> DisksDocument:
    return {"hosts": hosts(snapshots, now), "disks": [_disk(usage) for usage in usages]}


def volumes(snapshots: Sequence[HostSnapshot], usages: Sequence[DiskUsage], now: float) -> VolumesDocument:
    return {"hosts": hosts(snapshots, now), "volumes": [_volume(one) for usage in usages for one in usage.volumes]}


def _disk(usage: DiskUsage) -> DiskRow:
    return {
        "host": usage.host,
        "read": timestamp(usage.at),
        "root": usage.root or None,
        "images_bytes": usage.images_size,
        "images_loose_bytes": usage.loose("images"),
        "containers_bytes": usage.size("containers"),
        "logs_bytes": usage.size("logs"),
        "logs_error": usage.no_logs or None,
        "volumes_bytes": usage.size("volumes"),
        "volumes_loose_bytes": usage.loose("volumes"),
        "cache_bytes": usage.cache,
        "cache_loose_bytes": usage.cache_loose,
        "images": [
            {
                "id": one.id,
                "name": one.name,
                "size_bytes": one.size,
                "unique_bytes": one.unique,
                "containers": one.users,
            }
            for one in usage.images
        ],
        "containers": [
            {
                "id": one.id,
                "name": one.name,
                "owner": one.owner,
                "mine": one.mine,
                "layer_bytes": one.layer,
                "log_bytes": one.log,
            }
            for one in usage.containers
        ],
        "volumes": [_volume(one) for one in usage.volumes],
    }


def _volume(one: Volume) -> VolumeRow:
    return {
        "host": one.host,
        "name": one.name,
        "anonymous": one.anonymous,
        "driver": one.driver,
        "size_bytes": one.size,
        "created": timestamp(one.created),
        "owner": one.owner,
        "mine": one.mine,
        "used_by": list(one.used_by),
    }
