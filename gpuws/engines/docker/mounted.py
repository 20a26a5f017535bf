"""What a container sees of its host, as a profile's volumes. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gpuws.engines.docker.parse import rows, table
from gpuws.model.profile import Volume
from gpuws.model.text import plain

_ANONYMOUS = re.compile(r"[0-9a-f]{64}\Z")
"""The engine's names for volumes that nobody named."""


def volumes_of(inspected: Mapping[str, Any], image: Mapping[str, Any]) -> tuple[Volume, ...]:
    """By target, for the engine tells them in any order. Anonymous volumes that the image declares are its own."""
    declared = table(image.get("Volumes")).keys()
    found = {volume.target: volume for row in rows(inspected.get("Mounts")) if (volume := _volume(table(row)))}
    for target, options in table(table(inspected.get("HostConfig")).get("Tmpfs")).items():
        found.setdefault(str(target), Volume(str(target), None, "tmpfs", "ro" in str(options).split(",")))
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
        return Volume(target, None if is_anonymous(name) else name, "volume", read_only)
    return None


def is_anonymous(name: str) -> bool:
    return not name or bool(_ANONYMOUS.match(name))


def notes(inspected: Mapping[str, Any]) -> list[str]:
    """What a profile's volumes can't say."""
    found = [_note(table(row)) for row in rows(inspected.get("Mounts"))]
    host_config = table(inspected.get("HostConfig"))
    found += [_options_note(table(mount)) for mount in rows(host_config.get("Mounts"))]
    for target, options in table(host_config.get("Tmpfs")).items():
        if set(str(options).split(",")) - {"", "ro", "rw"}:
            found.append(f"options of the tmpfs {plain(str(target), 200)}: {plain(str(options), 200)}")
    return [note for note in found if note]


def _note(row: Mapping[str, Any]) -> str | None:
    target = plain(str(row.get("Destination") or ""), 200)
    if row.get("Type") not in ("bind", "tmpfs", "volume"):
        return f"the mount at {target}: its type is {plain(str(row.get('Type')), 40)}"
    if row.get("Type") == "volume" and row.get("Driver") not in ("local", "", None):
        return f"the driver {plain(str(row.get('Driver')), 40)} of the volume at {target}"
    if row.get("Propagation") not in ("rprivate", "", None):
        return f"the propagation {plain(str(row.get('Propagation')), 40)} of {target}"
    return None


def _options_note(mount: Mapping[str, Any]) -> str | None:
    options = [key for key in ("TmpfsOptions", "VolumeOptions", "BindOptions") if _says(mount.get(key))]
    return f"options of the mount at {plain(str(mount.get('Target')), 200)}: {', '.join(options)}" if options else None


def _says(options: object) -> bool:
    return any(value not in (None, "", {}, [], False, 0) for value in table(options).values())
