"""What a container sees of its host, in Docker's words: volumes, memory file systems, devices. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from gpuws.engines.docker.existing.parse import rows, table
from gpuws.engines.docker.options.option import NOTHING, Inspected
from gpuws.model.profile.profile import HostDevice, Volume
from gpuws.model.text import plain

_ANONYMOUS = re.compile(r"[0-9a-f]{64}\Z")
"""The engine's names for volumes that nobody named."""
_NVIDIA = "/dev/nvidia"
"""What `gpus` says already."""


def mounts(volumes: Collection[Volume]) -> list[dict[str, Any]] | None:
    return [
        {
            "Target": volume.target,
            "Source": None if volume.type == "tmpfs" else volume.source,
            "Type": volume.type,
            "ReadOnly": volume.read_only,
        }
        for volume in volumes
    ] or None


def mount_words(volumes: Collection[Volume]) -> list[str]:
    return [_mount(volume) for volume in volumes]


def _mount(volume: Volume) -> str:
    """A value of `--mount` is CSV."""
    fields = [f"type={volume.type}"]
    if volume.source and volume.type != "tmpfs":
        fields.append(f"source={volume.source}")
    fields.append(f"target={volume.target}")
    if volume.read_only:
        fields.append("readonly")
    return ",".join(_csv(field) for field in fields)


def _csv(field: str) -> str:
    return '"' + field.replace('"', '""') + '"' if any(mark in field for mark in ',"\n') else field


def volumes(told: Inspected) -> tuple[Volume, ...]:
    """By target, for the engine tells them in any order. Anonymous volumes that the image declares are its own."""
    declared = table(told.image.get("Volumes")).keys()
    found = {volume.target: volume for row in rows(told.answer.get("Mounts")) if (volume := _volume(table(row)))}
    kept = (one for one in found.values() if one.type != "volume" or one.source or one.target not in declared)
    return tuple(sorted(kept, key=lambda volume: volume.target))


def _volume(row: Mapping[str, Any]) -> Volume | None:
    target, kind, read_only = str(row.get("Destination") or ""), row.get("Type"), row.get("RW") is False
    if not target:
        return None
    if kind == "bind":
        return Volume(target, str(row.get("Source") or ""), "bind", read_only)
    if kind == "tmpfs":
        return Volume(target, None, "tmpfs", read_only)
    if kind == "volume":
        name = str(row.get("Name") or "")
        return Volume(target, None if not name or _ANONYMOUS.match(name) else name, "volume", read_only)
    return None


def each_volume(volumes: Collection[Volume], _: Collection[str]) -> dict[str, str | None]:
    return {
        volume.target: f"{volume.source or f'({volume.type})'}{' read-only' if volume.read_only else ''}"
        for volume in volumes
    }


def service_volumes(told: Inspected) -> list[dict[str, Any]]:
    return [_mounted(volume) for volume in volumes(told)]


def _mounted(volume: Volume) -> dict[str, Any]:
    said = {"type": volume.type, "source": volume.source, "target": volume.target, "read_only": volume.read_only}
    return {key: value for key, value in said.items() if value not in NOTHING}


def odd_mounts(told: Inspected) -> Iterator[str]:
    """What a profile's volumes can't say."""
    for row in map(table, rows(told.answer.get("Mounts"))):
        target = plain(str(row.get("Destination") or ""), 200)
        if row.get("Type") not in ("bind", "tmpfs", "volume"):
            yield f"the mount at {target}: its type is {plain(str(row.get('Type')), 40)}"
        elif row.get("Type") == "volume" and row.get("Driver") not in ("local", "", None):
            yield f"the driver {plain(str(row.get('Driver')), 40)} of the volume at {target}"
        elif row.get("Propagation") not in ("rprivate", "", None):
            yield f"the propagation {plain(str(row.get('Propagation')), 40)} of {target}"
    for mount in map(table, rows(told.host_config.get("Mounts"))):
        options = ("TmpfsOptions", "VolumeOptions", "BindOptions")
        if said := [key for key in options if set(map(str, table(mount.get(key)).values())) - _SAYS_NOTHING]:
            yield f"options of the mount at {plain(str(mount.get('Target')), 200)}: {', '.join(said)}"


_SAYS_NOTHING = frozenset(map(str, NOTHING))


def tmpfs_table(paths: Collection[str]) -> dict[str, str] | None:
    """PATH[:OPTIONS] as the engine has it: options by path."""
    return {path: options for path, _, options in (one.partition(":") for one in paths)} or None


def tmpfs(told: Inspected) -> tuple[str, ...]:
    said = table(told.host_config.get("Tmpfs"))
    return tuple(f"{path}:{options}" if options else str(path) for path, options in sorted(said.items()))


def device_rows(devices: Collection[HostDevice]) -> list[dict[str, str]] | None:
    return [
        {"PathOnHost": one.source, "PathInContainer": one.target, "CgroupPermissions": one.permissions}
        for one in devices
    ] or None


def device_words(devices: Collection[HostDevice]) -> list[str]:
    return [f"{one.source}:{one.target}:{one.permissions}" for one in devices]


def devices(told: Inspected) -> tuple[HostDevice, ...]:
    """By their place inside, but NVIDIA's."""
    found = (_device(table(row)) for row in rows(told.host_config.get("Devices")))
    return tuple(sorted((one for one in found if one and not one.source.startswith(_NVIDIA)), key=lambda d: d.target))


def _device(row: Mapping[str, Any]) -> HostDevice | None:
    source, target = str(row.get("PathOnHost") or ""), str(row.get("PathInContainer") or "")
    permissions = "".join(sorted(str(row.get("CgroupPermissions") or "rwm"), key="rwm".find))
    return HostDevice(source, target or source, permissions) if source else None


def service_devices(told: Inspected) -> list[str]:
    """NVIDIA's, too."""
    named = (table(row) for row in rows(told.host_config.get("Devices")))
    keys = ("PathOnHost", "PathInContainer", "CgroupPermissions")
    return [":".join(str(row.get(key) or "") for key in keys) for row in named]


def each_device(devices: Collection[HostDevice], _: Collection[str]) -> dict[str, str | None]:
    return {one.target: f"{one.source} {one.permissions}" for one in devices}
