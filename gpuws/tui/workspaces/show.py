"""The key that shows the containers of the whole fleet."""

from __future__ import annotations

from gpuws.present.tables.workspaces import key_of
from gpuws.tui.command import Command
from gpuws.tui.context import Context
from gpuws.tui.selection import whole_host
from gpuws.tui.workspaces.words import only


def _show_all(context: Context) -> None:
    from gpuws.tui.workspaces.table import ContainersScreen

    selection = context.selection
    one = only(selection) if selection is not None and not whole_host(selection) else None
    context.app.push_screen(ContainersScreen(key_of(one) if one is not None else ""))


CONTAINERS: Command[Context] = Command(
    "containers", "c", "containers", "The containers of the whole fleet as one table", _show_all, hint=21, palette=True
)
