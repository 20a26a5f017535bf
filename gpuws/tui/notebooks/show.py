"""The key that shows the notebooks of the whole fleet."""

from __future__ import annotations

from gpuws.tui.command import Command
from gpuws.tui.context import Context


def _show(context: Context) -> None:
    from gpuws.tui.notebooks.screen import NotebooksScreen

    context.app.push_screen(NotebooksScreen(context.selection.kernel if context.selection else None))


NOTEBOOKS: Command[Context] = Command(
    "notebooks", "J", "notebooks", "The notebooks of the whole fleet: what they hold, since when idle, whose", _show,
    palette=True,
)  # fmt: skip
