"""A Jupyter server of one's own: started in tmux where the selection is, ended, and what it said."""

from __future__ import annotations

import time

from gpuws.model.consent.kernels import server_question
from gpuws.model.session.notebook import JupyterServer
from gpuws.model.text import plain
from gpuws.tui.base import AppBase
from gpuws.tui.context import on_selection
from gpuws.tui.dialogs.ask import sure, which
from gpuws.tui.selection import Selection, unchangeable
from gpuws.tui.sessions.commands import command, label, shut, which_door
from gpuws.tui.sessions.doors import Door, behind, notebooks


def _start(app: AppBase, selection: Selection) -> None:
    from gpuws.tui.tunnels.browser import start_jupyter

    which_door(app, "Start Jupyter in", notebooks(selection), lambda door: start_jupyter(app, door.place, door.label))


def _mine(selection: Selection) -> str:
    """Why nothing of it can be done here."""
    one = selection.container
    if reason := unchangeable(selection) or shut(selection):
        return reason
    if one is not None and not one.mine:
        return f"{one.name} is not yours"
    return "" if notebooks(selection) else "no running container here"


def _title(verb: str, selection: Selection) -> str:
    return "" if selection.tunnel is not None else label(verb, notebooks(selection))


def _shell(option: str, selection: Selection) -> str:
    return command(notebooks(selection)).replace(" --open", f" {option}")


START = on_selection(
    "jupyter-start", "", "start notebook", "Start a Jupyter server in tmux there, and open it", _start,
    title=lambda it: _title("Start Jupyter in", it) if it.kernel is None else "",
    why_not=_mine,
    shell=lambda it: _shell("--start --open", it),
)  # fmt: skip

# its end


def _stop(app: AppBase, selection: Selection) -> None:
    which_door(app, "Stop Jupyter of", notebooks(selection), lambda door: _find(app, door))


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
    title=lambda it: _title("Stop Jupyter of", it), why_not=_mine, shell=lambda it: _shell("--stop", it),
)  # fmt: skip

# what it said


def _log(app: AppBase, selection: Selection) -> None:
    from gpuws.tui.notebooks.log_screen import NotebookLogScreen

    def show(door: Door) -> None:
        app.push_screen(NotebookLogScreen(door))

    which_door(app, "Log of Jupyter in", notebooks(selection), show)


LOG = on_selection(
    "jupyter-log", "", "notebook log", "What a Jupyter server says that was started in tmux", _log,
    title=lambda it: _title("Log of Jupyter in", it), why_not=_mine, shell=lambda it: _shell("--log", it),
)  # fmt: skip

COMMANDS = (START, STOP, LOG)
