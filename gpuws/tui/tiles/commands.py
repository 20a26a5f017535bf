"""The key that shows the fleet at a glance."""

from __future__ import annotations

from gpuws.tui.command import Command
from gpuws.tui.context import Context


def _show(context: Context) -> None:
    from gpuws.tui.tiles.screen import TileScreen

    selection = context.selection
    context.app.push_screen(TileScreen(selection.host if selection is not None else ""))


TILES: Command[Context] = Command(
    "tiles", "V", "at a glance", "The whole fleet at a glance: every host a small chart", _show, hint=20, palette=True
)
