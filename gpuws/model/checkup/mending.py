"""The mends of troubles: each says what it touches, what is lost, and the plain command that does the same. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from gpuws.model import units
from gpuws.model.checkup.mend import Mend
from gpuws.model.consent.confirm import LOST
from gpuws.model.consent.shell_command import act_command, filled, on_host
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.workspace.workspace import Port, Workspace

SHOWN = 8
"""Lines of what is touched; the command has all of it."""


def restarted(workspace: Workspace, snapshot: HostSnapshot) -> Mend | None:
    """Its engine gives it its devices back as it begins anew."""
    command = act_command("restart", workspace, snapshot)
    if snapshot.readonly or not workspace.mine or not workspace.allows("restart"):
        return None
    lines = (f"{workspace.typed} is yours. What runs in it ends; its files stay.",)
    title = f"Restart {workspace.typed} on {snapshot.name}?"
    return Mend("restart", title, lines, command, workspaces=(workspace.id,))


def ended(pid: int, began: int, lost: str, snapshot: HostSnapshot) -> Mend | None:
    """`began` 0: nothing tells whether the process is still the same, so it is left alone; as one is whose login is
    several people's."""
    if snapshot.readonly or snapshot.me.shared or not began:
        return None
    command = on_host(snapshot.name, f"kill {pid}")
    return Mend("end", f"End process {pid} on {snapshot.name}?", (lost,), command, pid=pid, began=began)


def emptied(paths: Sequence[str], size: int, snapshot: HostSnapshot) -> Mend | None:
    """Files of /dev/shm, which nothing of mine has open; not those of a login that is several people's."""
    if snapshot.readonly or snapshot.me.shared:
        return None
    title = f"Remove {units.count(len(paths), 'file')} of yours from /dev/shm of {snapshot.name}?"
    lines = (*paths[:SHOWN], *([f"and {len(paths) - SHOWN} more"] if len(paths) > SHOWN else []))
    freed = f"{units.size(size)} of memory; no program of yours has any of it open."
    command = on_host(snapshot.name, shlex.join(["rm", "--", *paths]))
    return Mend("shm", title, (*lines, freed), command, paths=tuple(paths))


def owned(path: str, workspace: Workspace, snapshot: HostSnapshot) -> Mend | None:
    """By a throwaway container of the image that the workspace has, which is there: root inside it may do so."""
    facts, line = snapshot.facts, snapshot.caps_of(workspace).commands.own
    if snapshot.readonly or facts is None or not line or not workspace.oci.image:
        return None
    owner = f"{facts.uid}:{facts.gid}"
    command = on_host(snapshot.name, filled(line, path=path, image=workspace.oci.image, owner=owner))
    title = f"Give root's files in {path} on {snapshot.name} to {facts.login}?"
    lines = (
        f"A container of {workspace.oci.image}, which is there, is made for it and removed. No link is followed,",
        "no other file system entered; what belongs to others than root stays theirs.",
    )
    return Mend("own", title, lines, command, workspaces=(workspace.id,), paths=(path,))


def removed(workspaces: Sequence[Workspace], snapshot: HostSnapshot) -> Mend | None:
    """Mine that have ended."""
    if snapshot.readonly or not workspaces:
        return None
    title = f"Remove {units.count(len(workspaces), 'container')} of yours that ended from {snapshot.name}?"
    names = [one.typed for one in workspaces]
    lines = (*names[:SHOWN], *([f"and {len(names) - SHOWN} more"] if len(names) > SHOWN else []), LOST.capitalize())
    command = "; ".join(act_command("remove", one, snapshot) for one in workspaces)
    return Mend("ended", title, lines, command, workspaces=tuple(one.id for one in workspaces))


def lingering(snapshot: HostSnapshot) -> Mend | None:
    """logind lets everybody say so of themselves, unless its admin forbade it; a login of several people is not mine to
    say it of."""
    if snapshot.readonly or snapshot.me.shared:
        return None
    lines = ("Your user manager there then runs from boot to shutdown, and what it runs outlives your logins.",)
    command = on_host(snapshot.name, "loginctl enable-linger")
    return Mend("linger", f"Linger on {snapshot.name}?", lines, command)


def moved(workspace: Workspace, port: Port, instead: int, snapshot: HostSnapshot) -> Mend | None:
    """One that has ended, made again with another port."""
    line, before = snapshot.caps_of(workspace).commands.republish, port.published
    if snapshot.readonly or not line or before is None or not workspace.allows("recreate"):
        return None
    place = f"[{port.host_ip}]:" if port.host_ip and ":" in port.host_ip else f"{port.host_ip}:" if port.host_ip else ""
    words = {"name": workspace.name, "old": f"{workspace.name}.old", "image": workspace.oci.image}
    command = on_host(snapshot.name, filled(line, **words, publish=f"{place}{instead}:{port.target}"))
    title = f"Make {workspace.typed} on {snapshot.name} again, with port {instead} instead of {before}?"
    lines = (f"{workspace.typed} is yours and does not run. Its settings and volumes stay;", LOST)
    return Mend("port", title, lines, command, (workspace.id,), port=before, instead=instead)
