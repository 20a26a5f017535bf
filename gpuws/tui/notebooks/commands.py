"""Jupyter of what is selected, in the browser."""

from __future__ import annotations

from gpuws.tui.base import AppBase
from gpuws.tui.context import on_selection
from gpuws.tui.dialogs.ask import sure_at
from gpuws.tui.selection import Selection
from gpuws.tui.sessions.commands import command, label, shut, which_door
from gpuws.tui.sessions.doors import Door, notebooks


def jupyter(app: AppBase, door: Door) -> None:
    """Asked for where the place is not mine."""
    from gpuws.tui.tunnels.browser import open_jupyter

    sure_at(app, "jupyter", door.place, door.command, lambda: open_jupyter(app, door.place, door.label))


def _run(app: AppBase, selection: Selection) -> None:
    if selection.tunnel is not None:
        from gpuws.tui.tunnels.browser import browse

        browse(app, selection.tunnel)
    else:
        which_door(app, "Open Jupyter of", notebooks(selection), lambda door: jupyter(app, door))


JUPYTER = on_selection(
    "jupyter", "o", "notebook", "Open Jupyter in the browser, through a tunnel", _run,
    title=lambda it: label("Open Jupyter of", notebooks(it)) if it.tunnel is None else "Open the tunnel in the browser",
    why_not=lambda it: shut(it) or ("" if notebooks(it) else "no running container here"),
    shell=lambda it: command(notebooks(it)), says=lambda it: "browser" if it.tunnel is not None else "", hint=3,
)  # fmt: skip

COMMANDS = (JUPYTER,)
