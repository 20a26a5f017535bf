"""The list of tunnels, the end of the one that is selected, and what listens in a place."""

from __future__ import annotations

import shlex

from gpuws.model.host.naming import labelled
from gpuws.model.workspace.workspace import PlaceRef
from gpuws.tui.base import AppBase
from gpuws.tui.command import Command
from gpuws.tui.context import Context, on_selection
from gpuws.tui.selection import Selection, containers, unreachable, whole_host
from gpuws.tui.sessions.commands import command, label, which_door
from gpuws.tui.sessions.doors import Door, target_behind


def _show(context: Context) -> None:
    from gpuws.tui.tunnels.screen import TunnelScreen

    context.app.push_screen(TunnelScreen(context.selection))


TUNNELS: Command[Context] = Command(
    "tunnels", "f", "tunnels", "Open, copy and close tunnels", _show, hint=14,
    title=lambda _: "Tunnels", shell=lambda _: "gpuws tunnels",
)  # fmt: skip


def _close(app: AppBase, selection: Selection) -> None:
    from gpuws.tui.tunnels.browser import close_tunnel

    assert selection.tunnel is not None  # as `title` said
    close_tunnel(app, selection.tunnel)


CLOSE = on_selection(
    "remove", "", "close", "Close a tunnel", _close,
    title=lambda it: f"Close the tunnel on port {it.tunnel.local_port}" if it.tunnel is not None else "",
)  # fmt: skip


def _places(selection: Selection) -> tuple[Door, ...]:
    """Where something may listen: a container that runs, the host itself from its own row."""
    host = selection.host
    found = tuple(
        Door(one.name, one.place, None, shlex.join(["gpuws", "ports", labelled(host, one.name)]))
        for one in containers(selection)
        if one.alive
    )
    itself = Door(f"{host} itself", PlaceRef(host), None, shlex.join(["gpuws", "ports", host]))
    return (*found, itself) if whole_host(selection) else found


def _list_ports(app: AppBase, selection: Selection) -> None:
    from gpuws.tui.tunnels.ports import PortScreen

    def show(door: Door) -> None:
        app.push_screen(PortScreen(door, target_behind(door, app.state.hosts) or door.label))

    which_door(app, "What listens in", _places(selection), show)


PORTS = on_selection(
    "ports", "P", "ports", "What listens there: TensorBoard, Gradio, … and open it in the browser", _list_ports,
    title=lambda it: label("What listens in", _places(it)),
    why_not=lambda it: unreachable(it.snapshot) or ("" if _places(it) else "no running container here"),
    shell=lambda it: command(_places(it)),
)  # fmt: skip

COMMANDS = (TUNNELS, PORTS, CLOSE)
