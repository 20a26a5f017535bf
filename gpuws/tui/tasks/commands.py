"""The list of what runs in the background."""

from __future__ import annotations

from gpuws.tui.command import Command
from gpuws.tui.context import Context


def _show(context: Context) -> None:
    from gpuws.tui.tasks.screen import TaskScreen

    context.app.push_screen(TaskScreen())


TASKS: Command[Context] = Command(
    "tasks", "b", "background", "What runs in the background, waits for GPUs, or failed there", _show, palette=True
)
