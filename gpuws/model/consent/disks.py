"""What is said and asked before what fills a host's disks is written over or removed. Pure."""

from __future__ import annotations

from gpuws.model import units
from gpuws.model.consent.confirm import Confirmation, writable
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.workspace.image import Image


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
