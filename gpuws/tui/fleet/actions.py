"""All that can be done with what is selected, in the order of use, and the key that lists it."""

from __future__ import annotations

from textual.geometry import Offset

from gpuws.tui.base import AppBase
from gpuws.tui.command import Command
from gpuws.tui.context import Context, merged, on_selection, perform
from gpuws.tui.custom.commands import own_commands
from gpuws.tui.disks import commands as disks
from gpuws.tui.doctor import commands as doctor
from gpuws.tui.files import commands as files
from gpuws.tui.hosts import commands as hosts
from gpuws.tui.images import commands as images
from gpuws.tui.launch import commands as launch
from gpuws.tui.notebooks import commands as notebooks
from gpuws.tui.notebooks import servers
from gpuws.tui.notices import commands as notices
from gpuws.tui.processes import commands as processes
from gpuws.tui.selection import Selection
from gpuws.tui.sessions import changing
from gpuws.tui.sessions import commands as sessions
from gpuws.tui.sessions.doors import doors, equivalent
from gpuws.tui.tunnels import commands as tunnels
from gpuws.tui.workspaces import commands as workspaces
from gpuws.tui.workspaces import recipes

COPY = on_selection(
    "copy", "y", "copy", "Copy the equivalent command", lambda app, it: app.copy(equivalent(it)),
    title=lambda _: "Copy the command", shell=equivalent,
)  # fmt: skip

FEATURES = (
    ("sessions", (*sessions.COMMANDS, *changing.COMMANDS)),
    ("notebooks", (*notebooks.COMMANDS, *servers.COMMANDS)),
    ("files", files.COMMANDS),
    ("containers", (*workspaces.COMMANDS, *recipes.COMMANDS)),
    ("launch", launch.COMMANDS),
    ("images", (*images.COMMANDS, *disks.COMMANDS)),
    ("tunnels", (*tunnels.COMMANDS, COPY)),
    ("notices", notices.COMMANDS),
    ("hosts", (*doctor.COMMANDS, *hosts.COMMANDS)),
    ("processes", processes.COMMANDS),
)
"""What can be done with a selection, by what it is about."""

ACTIONS = merged(*(command for _, commands in FEATURES for command in commands))


def action(name: str) -> Command[Context]:
    """The one with this id."""
    return next(command for command in ACTIONS if command.id == name)


def offered(context: Context) -> list[Command[Context]]:
    """Those that name the selection; what can't be done now is there, too, with its reason."""
    mine = own_commands(context.app.look.commands)
    return [command for command in (*ACTIONS, *mine) if command.title(context)]


def list_actions(app: AppBase, selection: Selection, at: Offset | None = None) -> None:
    """Choose one. `at`: as a menu at that place of the screen."""
    from gpuws.tui.fleet.action_list import ActionScreen

    context = Context(app, selection)

    def then(command: Command[Context] | None) -> None:
        if command is not None:
            perform(command, context)

    app.push_screen(ActionScreen(offered(context), context, at), then)


LIST = on_selection(
    "actions", "x", "actions", "All actions for the selection, with their commands", list_actions,
    title=lambda _: "", hint=7,
)  # fmt: skip


def enter(app: AppBase, selection: Selection) -> None:
    """⏎ on a row of a panel: the way in, or all actions where there is none."""
    context = Context(app, selection)
    if selection.tunnel is not None:
        perform(tunnels.TUNNELS, context)
    elif selection.kernel is not None:
        perform(notebooks.JUPYTER, context)
    elif doors(selection):
        perform(sessions.ATTACH, context)
    else:
        perform(LIST, context)
