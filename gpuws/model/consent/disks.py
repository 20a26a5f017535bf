"""What is said and asked before what fills a host's disks is written over or removed. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from gpuws.model import units
from gpuws.model.consent.confirm import Confirmation, writable
from gpuws.model.consent.shell_command import filled, on_host
from gpuws.model.errors import Refused
from gpuws.model.host.naming import labelled
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.text import plain, typed
from gpuws.model.workspace.image import Image
from gpuws.model.workspace.storage import Volume


def copy_confirmation(
    image: Image, name: str, there: Image | None, snapshot: HostSnapshot, now: float, command: str
) -> Confirmation | None:
    """What to ask before `image` is put onto a host as `name`; None: nothing. `there`: what has that name now."""
    writable(snapshot)
    if there is None or there.id == image.id:
        return None
    made = "" if there.created is None else f", made {units.duration(now - there.created)} ago"
    lines = [f"{name} means another image there now: {there.short_id}, {units.size(there.size)}{made}."]
    users = f"{', '.join(there.used_by)} go on with it" if there.used_by else "no container uses it"
    lines.append(f"It loses that name; {users}.")
    return Confirmation(f"Give {name} on {snapshot.name} to {image.short_id}?", tuple(lines), command)


def volume_confirmation(volume: Volume, snapshot: HostSnapshot, now: float) -> Confirmation:
    """What to ask before a volume is removed: what lies in it is gone then. `Refused` where a container uses it, one
    that does not run too."""
    writable(snapshot)
    if volume.used_by:
        raise Refused(
            f"the volume {volume.short} on {snapshot.name} belongs to {', '.join(volume.used_by)}",
            f"what a container uses stays; remove that first: gpuws rm {labelled(snapshot.name, volume.used_by[0])}",
        )
    said = [f"{_whose(volume)} volume", units.size(volume.size)]
    if volume.created is not None:
        said.append(f"made {units.duration(now - volume.created)} ago")
    lines = [f"{', '.join(said)}; no container uses it. What lies in it is lost."]
    word = None if volume.mine else typed(volume.name if not volume.anonymous else "", volume.short)
    if word:
        lines.append(f"Nothing says that it is yours: type {word} to go on.")
    command = on_host(snapshot.name, filled(snapshot.caps.commands.remove_volume, volume=volume.name))
    title = f"Remove the volume {volume.short} from {snapshot.name}?"
    row = f"{volume.short}  {units.size(volume.size)}  {volume.owner or 'no owner'}"
    return Confirmation(title, tuple(lines), command, word, row=row)


def _whose(volume: Volume) -> str:
    return "your" if volume.mine else f"{plain(volume.owner)}'s" if volume.owner else "nobody's"


def to_prune(volumes: Iterable[Volume], *, every: bool) -> list[Volume]:
    """What no container uses; of those that somebody named only with `every`. The largest first."""
    found = [one for one in volumes if one.loose and (every or one.anonymous)]
    return sorted(found, key=lambda one: -(one.size or 0))
