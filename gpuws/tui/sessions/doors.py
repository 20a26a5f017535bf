"""The ways in from what is selected: sessions, containers, the host; and the same by hand. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gpuws.model.consent.entry import entry_command, manner, target_of
from gpuws.model.consent.shell_command import shell_command
from gpuws.model.gpu.gpu import GpuProcess
from gpuws.model.host.naming import labelled
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.query.target import Found
from gpuws.model.session.notebook import file_of
from gpuws.model.session.session import Session
from gpuws.model.session.tunnel import Tunnel
from gpuws.model.workspace.workspace import PlaceRef, Workspace
from gpuws.tui.selection import Selection, containers, whole_host


@dataclass(frozen=True, slots=True)
class Door:
    """A way in. `command`: the same by hand. `notebook`: the path of the one that Jupyter is to open, `port`: of the
    server that is meant."""

    label: str
    place: PlaceRef
    session: str | None
    command: str
    notebook: str = ""
    port: int | None = None

    @property
    def to_host(self) -> bool:
        """A shell on the host itself."""
        return self.session is None and self.place.workspace is None


def doors(selection: Selection) -> tuple[Door, ...]:
    """Where `a` leads; on a read-only host to its own sessions alone, which can be looked on."""
    found = _doors(selection)
    return tuple(d for d in found if d.session and not d.place.workspace) if selection.snapshot.readonly else found


def _doors(selection: Selection) -> tuple[Door, ...]:
    """A host's row and a free GPU lead to the host: its sessions, and a shell."""
    snapshot, host = selection.snapshot, selection.host
    if selection.session is not None:
        return tuple(_session_door(snapshot, selection.session))
    inside = [] if whole_host(selection) else [c for c in containers(selection) if c.enterable]
    if inside or selection.container is not None:
        return tuple(door for container in inside for door in _container_doors(selection, container))
    wanted = _host_sessions(selection)
    found = [door for session in wanted for door in _session_door(snapshot, session)]
    if wanted and not whole_host(selection):
        return tuple(found)
    return (*found, Door(f"a shell on {host}", PlaceRef(host), None, shell_command(selection.snapshot, None)))


def shells(selection: Selection) -> tuple[Door, ...]:
    """Where `s` leads: a container, else the host."""
    host = selection.host
    inside = () if whole_host(selection) else tuple(c for c in containers(selection) if c.enterable)
    if inside or selection.container is not None:
        return tuple(Door(c.name, c.place, None, shell_command(selection.snapshot, c.name)) for c in inside)
    return (Door(host, PlaceRef(host), None, shell_command(selection.snapshot, None)),)


def behind(door: Door, hosts: Mapping[str, HostSnapshot]) -> Found | None:
    """What a door leads to; None where it is not listed."""
    snapshot = hosts.get(door.place.host)
    if snapshot is None:
        return None
    container = next((one for one in snapshot.workspaces if one.id == door.place.workspace), None)
    return Found(snapshot, container, door.session) if container or door.place.workspace is None else None


def session_door(found: Found, name: str) -> Door:
    """Into a session of mine that was just made."""
    made = Found(found.snapshot, found.container, name)
    return Door(f"tmux {name} in {found.label}", found.place, name, entry_command(made, manner(made)))


def target_behind(door: Door, hosts: Mapping[str, HostSnapshot]) -> str:
    """As it is typed; "" where it is not listed."""
    found = behind(door, hosts)
    return target_of(found) if found is not None else ""


def notebooks(selection: Selection) -> tuple[Door, ...]:
    """Where Jupyter may run: a container, or the host itself from its own row."""
    host = selection.host
    found = tuple(
        _notebook_door(c.name, c.place, labelled(host, c.name), selection) for c in containers(selection) if c.enterable
    )
    itself = _notebook_door(f"{host} itself", PlaceRef(host), host, selection)
    if selection.kernel is not None and selection.kernel.container is None:
        return (itself,)
    return (*found, itself) if whole_host(selection) else found


def _notebook_door(label: str, place: PlaceRef, target: str, selection: Selection) -> Door:
    """To the server of the notebook that is selected, else to whichever runs there."""
    book = selection.kernel.notebook if selection.kernel is not None else None
    if book is None:
        return Door(label, place, None, shlex.join(["gpuws", "jupyter", target, "--open"]))
    meant = f"{target}:{book.port}" if book.port else target
    command = shlex.join(["gpuws", "jupyter", meant, "--open"])
    return Door(label, place, None, command, file_of(book), book.port)


def equivalent(selection: Selection) -> str:
    """What `y` copies: the command that does what enter does here."""
    if selection.tunnel is not None:
        return tunnel_command(selection.tunnel)
    if selection.kernel is not None:
        return next((door.command for door in notebooks(selection)), "")
    return next((door.command for door in doors(selection)), "")


def tunnel_command(tunnel: Tunnel) -> str:
    target, bind = tunnel.target, ["--bind", tunnel.bind] if tunnel.bind else []
    if target.to:
        words = [target.label, str(tunnel.local_port), "--to", target.beyond]
    else:
        words = [target.label, f"{tunnel.local_port}:{target.service or target.port}"]
    return shlex.join(["gpuws", "tunnel", *words, *bind])


def place_of(snapshot: HostSnapshot, session: Session) -> PlaceRef | None:
    """Where a session lives; None: its container is gone."""
    if session.container is None:
        return PlaceRef(snapshot.name)
    return next((c.place for c in snapshot.workspaces if c.name == session.container), None)


def _host_sessions(selection: Selection) -> Sequence[Session]:
    """Sessions of the host itself: those of the selected processes, or all from the host's own row."""
    sessions = [s for s in selection.snapshot.sessions if s.container is None]
    if selection.process is not None:
        return [s for s in sessions if s.name == selection.process.session]
    place = selection.mig or selection.gpu
    if place is not None and place.held_by:
        running = {process.session for process in place.processes if process.container is None}
        return [s for s in sessions if s.name in running]
    return sessions


def _container_doors(selection: Selection, container: Workspace) -> list[Door]:
    """Its sessions; of a process, a GPU or a MIG instance those in which its programs run, where that is known."""
    snapshot = selection.snapshot
    inside = [s for s in snapshot.sessions if s.container == container.name]
    running = {process.session for process in _running(selection) if process.container == container.name}
    inside = [s for s in inside if s.name in running] or inside
    if len(inside) > 1:
        return [door for session in inside for door in _session_door(snapshot, session)]
    found = Found(snapshot, container, inside[0].name if inside else None)
    return [Door(container.name, container.place, found.suffix, entry_command(found, manner(found)))]


def _running(selection: Selection) -> Sequence[GpuProcess]:
    """The programs that the selection is about."""
    if selection.process is not None:
        return (selection.process,)
    place = selection.mig or selection.gpu
    return place.processes if place is not None and selection.container is None else ()


def _session_door(snapshot: HostSnapshot, session: Session) -> list[Door]:
    place = place_of(snapshot, session)
    if place is None:
        return []
    where = f"{session.container} on {snapshot.name}" if session.container else snapshot.name
    container = next((one for one in snapshot.workspaces if one.name == session.container), None)
    found = Found(snapshot, container, session.name)
    return [Door(f"tmux {session.label} in {where}", place, session.name, entry_command(found, manner(found)))]
