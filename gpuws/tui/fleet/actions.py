"""All that can be done with what is selected, in the order of use, and the key that lists it."""

from __future__ import annotations

from gpuws.tui.base import AppBase
from gpuws.tui.command import Command
from gpuws.tui.context import Context, fitting, on_selection, perform
from gpuws.tui.doctor.commands import DOCTOR
from gpuws.tui.hosts.commands import RECONNECT
from gpuws.tui.images.commands import IMAGES
from gpuws.tui.launch.commands import LAUNCH_HERE
from gpuws.tui.notebooks.commands import JUPYTER
from gpuws.tui.processes.commands import END_PROCESS
from gpuws.tui.selection import Selection
from gpuws.tui.sessions.commands import ATTACH, KILL_SESSION, SHELL, WRITE
from gpuws.tui.sessions.doors import doors, equivalent
from gpuws.tui.tunnels.commands import CLOSE_TUNNEL, TUNNELS
from gpuws.tui.workspaces.commands import INSPECT, LOGS, RESTART, START, STOP
from gpuws.tui.workspaces.commands import KILL as KILL_WORKSPACE
from gpuws.tui.workspaces.commands import REMOVE as REMOVE_WORKSPACE
from gpuws.tui.workspaces.recipes import RECIPES

KILL = fitting("K", "Kill a container, a tmux session or a process", KILL_WORKSPACE, KILL_SESSION, END_PROCESS)
REMOVE = fitting("D", "Remove a container; close a tunnel", REMOVE_WORKSPACE, CLOSE_TUNNEL)
COPY = on_selection(
    "copy", "y", "copy", "Copy the equivalent command", lambda app, it: app.copy(equivalent(it)),
    title=lambda _: "Copy the command", shell=equivalent,
)  # fmt: skip

ACTIONS: tuple[Command[Context], ...] = (
    ATTACH,
    WRITE,
    SHELL,
    JUPYTER,
    LOGS,
    INSPECT,
    START,
    STOP,
    RESTART,
    KILL,
    REMOVE,
    *RECIPES,
    LAUNCH_HERE,
    IMAGES,
    TUNNELS,
    COPY,
    DOCTOR,
    RECONNECT,
)


def offered(context: Context) -> list[Command[Context]]:
    """Those that name the selection; what can't be done now is there, too, with its reason."""
    return [command for command in ACTIONS if command.title(context)]


def _list(app: AppBase, selection: Selection) -> None:
    from gpuws.tui.screens.actions import ActionScreen

    context = Context(app, selection)

    def then(command: Command[Context] | None) -> None:
        if command is not None:
            perform(command, context)

    app.push_screen(ActionScreen(offered(context), context), then)


LIST = on_selection(
    "actions", "x", "actions", "All actions for the selection, with their commands", _list,
    title=lambda _: "", hint=7,
)  # fmt: skip


def enter(app: AppBase, selection: Selection) -> None:
    """⏎ on a row of a panel: the way in, or all actions where there is none."""
    context = Context(app, selection)
    if selection.tunnel is not None:
        perform(TUNNELS, context)
    elif selection.notebook is not None:
        perform(JUPYTER, context)
    elif selection.process is None and doors(selection):
        perform(ATTACH, context)
    else:
        perform(LIST, context)
