"""All that can be done with a selection, each with its key's id and the equivalent command. Pure."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from gpuws.model.commands import act_command
from gpuws.model.entry import entry_command, manner
from gpuws.model.facts import process_name
from gpuws.model.gpu import GpuProcess, processes_of
from gpuws.model.snapshot import HostSnapshot
from gpuws.model.target import Found
from gpuws.model.workspace import Workspace
from gpuws.tui import selection as choice
from gpuws.tui.present.signals import kill_command
from gpuws.tui.selection import Selection

CONTAINER_ACTS = {"start": "Start", "stop": "Stop", "restart": "Restart", "kill": "Kill", "remove": "Remove"}


@dataclass(frozen=True, slots=True)
class Offer:
    """`why_not` is empty where it can be done now."""

    verb: str
    label: str
    command: str = ""
    why_not: str = ""


def offers(selection: Selection) -> tuple[Offer, ...]:
    """In the order of use; what can't be done is there with its reason."""
    down = choice.reachable(selection.snapshot)
    found = [*_enter(selection, down), *_container_offers(selection, down), *_host_offers(selection, down)]
    return tuple(found)


def why_not(verb: str, selection: Selection) -> str:
    """Empty where `verb` can be done with the selection."""
    absent = "D closes a tunnel"
    if selection.session:
        absent = "S, R and D are for containers; K kills a tmux session"
    elif selection.process:
        absent = "K ends a process; S, R and D are for containers: panel 2"
    return next(
        (offer.why_not for offer in offers(selection) if offer.verb == verb), absent if verb in CONTAINER_ACTS else ""
    )


def refused(action: str, container: Workspace) -> str:
    """Why this act makes no sense for a container in its state."""
    return "" if container.allows(action) else f"{container.name} is {container.status}: nothing to {action}"


def _enter(selection: Selection, down: str) -> list[Offer]:
    ways, shells, notebooks = choice.doors(selection), choice.shells(selection), choice.notebooks(selection)
    one = selection.container
    shut = _shut(one) if one is not None and not one.enterable else ""
    nothing = down or shut or ("" if ways else readonly_host(selection, "") or "nothing to enter")
    return [
        Offer("attach", _label(_attaching(selection, ways), ways), _command(ways), nothing),
        *_write(selection, ways, nothing),
        Offer("shell", _label("Shell in", shells), _command(shells), readonly_host(selection, down or shut)),
        Offer(
            "jupyter",
            _label("Open Jupyter of", notebooks),
            _command(notebooks),
            down or shut or ("" if notebooks else "no running container here"),
        ),
    ]


def _shut(container: Workspace) -> str:
    """Why nobody can enter it."""
    return f"{container.name} is {container.status}" + (": start it first" if container.allows("start") else "")


def _attaching(selection: Selection, ways: tuple[choice.Door, ...]) -> str:
    looks = [found is not None and manner(found).look for found in _behind(selection, ways)]
    return "Look on" if looks and all(looks) else "Attach to"


def _write(selection: Selection, ways: tuple[choice.Door, ...], why_not: str) -> list[Offer]:
    """Into what is not mine."""
    found = [one for one in _behind(selection, ways) if one is not None and not manner(one).own]
    if not found:
        return []
    command = entry_command(found[0], manner(found[0], "write")) if len(ways) == 1 else ""
    return [Offer("write", _label("Write into", ways), command, readonly_host(selection, why_not))]


def _behind(selection: Selection, ways: tuple[choice.Door, ...]) -> list[Found | None]:
    return [choice.behind(door, {selection.host: selection.snapshot}) for door in ways]


def _container_offers(selection: Selection, down: str) -> list[Offer]:
    found = choice.containers(selection)
    one = found[0] if len(found) == 1 else None
    name = one.name if one else f"one of {len(found)} containers" if found else "a container"
    held = selection.gpu is not None and any(processes_of(selection.gpu))
    absent = "no container here" + ("; p shows the processes, K ends one there" if held else "")
    none = down or ("" if found else absent)
    readonly = none or readonly_host(selection, "")
    looks = [
        Offer("logs", f"Log of {name}", choice.log_command(one, selection.snapshot) if one else "", none),
        Offer("inspect", f"Inspect {name}", choice.inspect_command(one, selection.snapshot) if one else "", none),
    ]
    if selection.tunnel is not None:
        return [*looks, Offer("remove", f"Close the tunnel on port {selection.tunnel.local_port}")]
    if selection.session is not None:
        command = choice.kill_session_command(selection.snapshot, selection.session)
        label = f"Kill tmux session {selection.session.name}"
        return [*looks, Offer("kill", label, command, readonly_host(selection, down))]
    if selection.process is not None:
        return [*looks, _kill_process(selection, selection.process, readonly_host(selection, down))]
    acts = [
        Offer(
            action,
            f"{label} {name}",
            act_command(action, one, selection.snapshot, force=choice.needs_force(action, one)) if one else "",
            readonly or (refused(action, one) if one else ""),
        )
        for action, label in CONTAINER_ACTS.items()
    ]
    return looks + acts + _beside_its_profile(selection.snapshot, one, name, none, readonly)


def _beside_its_profile(
    snapshot: HostSnapshot, one: Workspace | None, name: str, none: str, readonly: str
) -> list[Offer]:
    """What to make of a container, of one that a profile made first."""
    target = shlex.quote(f"{one.ref.host}/{one.name}") if one else "TARGET"
    wild = f"{name} was not made from a profile" if one and not one.profile else ""
    refusal = choice.recreate_refused(one, snapshot) if one else ""
    unable = none or snapshot.caps.recipes
    return [
        Offer("drift", f"Compare {name} with its profile", f"gpuws drift {target}", unable or wild),
        Offer("recreate", f"Recreate {name}", f"gpuws recreate {target}", readonly or snapshot.caps.recipes or refusal),
        Offer("capture", f"Capture {name} as a profile", f"gpuws profiles capture {target} --save NAME", unable),
        Offer("clone", f"Clone {name} to another host", f"gpuws clone {target} -H HOST", unable),
    ]


def _kill_process(selection: Selection, process: GpuProcess, why_not: str) -> Offer:
    number = len(selection.processes)
    label = f"End {number} processes" if number else f"End {process_name(process)} ({process.pid})"
    return Offer("kill", label, kill_command(selection.snapshot, process, "INT"), why_not)


def readonly_host(selection: Selection, down: str) -> str:
    """Why nothing may be changed there."""
    return down or (f"{selection.host} is read-only" if selection.snapshot.readonly else "")


def _host_offers(selection: Selection, down: str) -> list[Offer]:
    host = selection.host
    readonly = readonly_host(selection, down)
    engine = selection.snapshot.engine
    missing = (engine.error or "") if engine else ""
    no_engine = readonly or missing
    unable = down or missing or selection.snapshot.caps.images
    return [
        Offer("launch", f"Launch on {host}", shlex.join(["gpuws", "launch", "PROFILE", "-H", host]), no_engine),
        Offer(
            "images",
            f"Images of {host}",
            shlex.join(["gpuws", "images", "ls", host]),
            unable,
        ),
        Offer("tunnels", "Tunnels", "gpuws tunnels"),
        Offer("copy", "Copy the command", choice.equivalent(selection)),
        Offer("doctor", f"Check up on {host}", shlex.join(["gpuws", "doctor", host])),
        Offer("reconnect", f"Connect to {host} again"),
    ]


def _label(verb: str, found: tuple[choice.Door, ...]) -> str:
    return f"{verb} {found[0].label}" if len(found) == 1 else f"{verb} …" if found else verb.rsplit(" ", 1)[0]


def _command(found: tuple[choice.Door, ...]) -> str:
    return found[0].command if len(found) == 1 else ""
