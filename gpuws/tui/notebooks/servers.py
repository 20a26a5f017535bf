"""A Jupyter server of one's own: started in tmux where the selection is, ended, and what it said."""

from __future__ import annotations

import time
from collections.abc import Sequence

from gpuws.model.consent.kernels import server_question
from gpuws.model.session.notebook import JupyterServer
from gpuws.model.text import plain
from gpuws.tui.base import AppBase
from gpuws.tui.context import on_selection
from gpuws.tui.dialogs.ask import sure, which
from gpuws.tui.selection import Selection, containers, unchangeable
from gpuws.tui.sessions.commands import command, label, shut, which_door
from gpuws.tui.sessions.doors import Door, behind, notebooks


def _start(app: AppBase, selection: Selection) -> None:
    from gpuws.tui.tunnels.browser import start_jupyter

    which_door(app, "Start Jupyter in", _mine(selection), lambda door: start_jupyter(app, door.place, door.label))


def _mine(selection: Selection) -> Sequence[Door]:
    """Where a server may be started or ended: not in containers of others."""
    theirs = {one.id for one in containers(selection) if not one.mine}
    return [door for door in notebooks(selection) if door.place.workspace not in theirs]


def _why_not(selection: Selection) -> str:
    if reason := unchangeable(selection) or shut(selection):
        return reason
    theirs = [one.name for one in containers(selection) if not one.mine]
    if _mine(selection):
        return ""
    return f"{theirs[0]} is not yours" if len(theirs) == 1 else "no running container of yours here"


def _title(verb: str, selection: Selection) -> str:
    return "" if selection.tunnel is not None else label(verb, _mine(selection) or notebooks(selection))


def _shell(option: str, selection: Selection) -> str:
    return command(_mine(selection)).replace(" --open", f" {option}")


START = on_selection(
    "jupyter-start", "", "start notebook", "Start a Jupyter server in tmux there, and open it", _start,
    title=lambda it: _title("Start Jupyter in", it) if it.kernel is None else "",
    why_not=_why_not,
    shell=lambda it: _shell("--start --open", it),
)  # fmt: skip

# its end


def _stop(app: AppBase, selection: Selection) -> None:
    which_door(app, "Stop Jupyter of", _mine(selection), lambda door: _find(app, door))


def _find(app: AppBase, door: Door) -> None:
    """Of several servers the one that is selected, or chosen."""
    from gpuws.tui.tunnels.browser import told

    def choose(servers: tuple[JupyterServer, ...]) -> None:
        there = [one for one in servers if door.port in (None, one.port)]
        if there:
            which(app, f"Stop Jupyter of {plain(door.label)}:", there, told, lambda one: end(one.port))
        else:
            app.warn(f"no Jupyter server runs in {plain(door.label)}")

    def end(port: int) -> None:
        found = behind(door, app.state.hosts)
        if found is None:
            app.warn("the container is gone")
            return
        stopped = f"stopped Jupyter of {plain(door.label)}"
        sure(
            app,
            lambda: server_question(found, port, time.time(), app.state.tunnels),
            "Stop",
            lambda: app.verbs.run(
                "jupyter", lambda: app.fleet.stop_jupyter(door.place, port), lambda _: app.say(stopped)
            ),
        )

    app.verbs.run("jupyter", lambda: app.fleet.notebook_servers(door.place), choose)


STOP = on_selection(
    "jupyter-stop", "", "stop notebook", "Stop a Jupyter server there: its kernels end first; asks", _stop,
    title=lambda it: _title("Stop Jupyter of", it), why_not=_why_not, shell=lambda it: _shell("--stop", it),
)  # fmt: skip

# what it said


def _log(app: AppBase, selection: Selection) -> None:
    from gpuws.tui.notebooks.log_screen import NotebookLogScreen

    def show(door: Door) -> None:
        app.push_screen(NotebookLogScreen(door))

    which_door(app, "Log of Jupyter in", _mine(selection), show)


LOG = on_selection(
    "jupyter-log", "", "notebook log", "What a Jupyter server says that was started in tmux", _log,
    title=lambda it: _title("Log of Jupyter in", it), why_not=_why_not, shell=lambda it: _shell("--log", it),
)  # fmt: skip

COMMANDS = (START, STOP, LOG)
