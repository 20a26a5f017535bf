"""The list of tunnels, and the end of the one that is selected."""

from __future__ import annotations

from gpuws.tui.base import AppBase
from gpuws.tui.command import Command
from gpuws.tui.context import Context, on_selection
from gpuws.tui.selection import Selection


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

COMMANDS = (TUNNELS, CLOSE)
