"""To any session, container, notebook or host of the fleet by a few letters."""

from __future__ import annotations

from gpuws.tui.command import Command
from gpuws.tui.context import Context
from gpuws.tui.notebooks.commands import jupyter
from gpuws.tui.sessions.doors import Door
from gpuws.tui.sessions.entering import enter


def _jump(context: Context) -> None:
    from gpuws.tui.jump.screen import JumpScreen

    app = context.app

    def go(found: tuple[Door, bool] | None) -> None:
        if found is not None:
            door, notebook = found
            (jupyter if notebook else enter)(app, door)

    app.push_screen(JumpScreen(), go)


JUMP: Command[Context] = Command(
    "jump", "t", "jump", "Jump to any session, container, notebook or host", _jump, hint=12, palette=True
)
