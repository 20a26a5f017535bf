"""What a command is called follows from what is selected: none, one, several, all that are marked."""

import re
from dataclasses import replace
from types import SimpleNamespace
from typing import get_args

import pytest

from gpuws.model.gpu.gpu import GpuProcess, MigInstance
from gpuws.model.ownership.kernels import kernel_of
from gpuws.model.session.notebook import Notebook
from gpuws.model.session.tunnel import Tunnel, TunnelTarget
from gpuws.model.workspace.actions import Action
from gpuws.tui.context import Context
from gpuws.tui.fleet.actions import ACTIONS
from gpuws.tui.selection import Selection, containers
from gpuws.tui.workspaces.commands import able
from tests.factories import container, gpu, session, snapshot

A, B, S, T = container("a"), container("b"), container("s", state="exited"), container("t", state="exited")
HOST = snapshot("alpha", workspaces=(A, B, S, T), sessions=(session("main"), session("work", container="a")))
BOOK = kernel_of(Notebook("kernel", "exp.ipynb", 8888, container="a"), HOST)
P, Q = GpuProcess(1, "alice", "python"), GpuProcess(2, "bob", "python")


def one(*workspaces, **more):
    return Selection(snapshot("alpha", workspaces=workspaces), **more)


def marked(*workspaces):
    return Selection(HOST, container=workspaces[0], marked=workspaces)


SELECTIONS = {
    "an empty host": one(),
    "a host with one": one(A),
    "a host with two": one(A, B),
    "a host with two that are stopped": one(S, T),
    "a host with sessions": Selection(HOST),
    "a free GPU": Selection(HOST, gpu=gpu(0)),
    "an instance": Selection(HOST, gpu=gpu(0), mig=MigInstance("MIG-1", 0, "1g.10gb")),
    "one that runs": Selection(HOST, container=A),
    "one that is stopped": Selection(HOST, container=S),
    "a session of the host": Selection(HOST, session=session("main")),
    "a session in one": Selection(HOST, session=session("work", container="a")),
    "a process": Selection(HOST, process=P),
    "processes": Selection(HOST, process=P, processes=(P, Q)),
    "a notebook": Selection(HOST, kernel=BOOK),
    "notebooks": Selection(HOST, kernel=BOOK, kernels=(BOOK, replace(BOOK, id="other"))),
    "a tunnel": Selection(HOST, tunnel=Tunnel("t", TunnelTarget("alpha", None, 8888), 20001)),
    "one marked": marked(A),
    "two marked that run": marked(A, B),
    "two marked that are stopped": marked(S, T),
    "marked ones of both kinds": marked(A, B, S),
}
APP = SimpleNamespace(fresh=SimpleNamespace(door=None))
WRONG = re.compile(
    r"one of [01]\b|(?<!GPU )(?<!:)\b0 |\b1 containers|in a shell|to a shell|of a \d|\b(\w+) \1\b|  |\s$|\bNone\b|\{"
)


def titles(selection):
    context = Context(APP, selection)
    return {command.id: command.title(context) for command in ACTIONS if command.title(context)}


@pytest.mark.parametrize("selection", SELECTIONS.values(), ids=SELECTIONS)
def test_every_command_names_what_it_would_be_done_to(selection):
    context = Context(APP, selection)
    for command in ACTIONS:
        for words in (command.title(context), command.why_not(context)):
            assert not WRONG.search(words), (command.id, words)


@pytest.mark.parametrize("selection", SELECTIONS.values(), ids=SELECTIONS)
@pytest.mark.parametrize("action", get_args(Action))
def test_an_act_is_called_after_those_it_is_done_to(selection, action):
    command = next(command for command in ACTIONS if command.id == action)
    title, found = titles(selection).get(action, ""), able(action, selection)
    if selection.process or selection.session or selection.tunnel or selection.kernel:
        assert "container" not in title
        return
    verb = action.capitalize()
    if len(found) == 1:
        assert title == f"{verb} {found[0].name}"
    elif found:
        assert title == f"{verb} {'' if selection.marked else 'one of '}{len(found)} containers"
    else:
        assert command.why_not(Context(APP, selection))
        assert title == f"{verb} {containers(selection)[0].name if len(containers(selection)) == 1 else 'a container'}"


@pytest.mark.parametrize(
    ("selection", "attach", "shell"),
    [
        ("an empty host", "Open a shell on alpha", "Shell on alpha"),
        ("a host with sessions", "Attach to one of 2 places", "Shell on alpha"),
        ("one that runs", "Attach to a", "Shell in a"),
        ("one that is stopped", "Attach", "Shell"),
        ("a session of the host", "Attach to tmux main in alpha", "Shell on alpha"),
        ("two marked that run", "Attach to one of 2 places", "Shell in one of 2 containers"),
    ],
)
def test_the_way_in_is_named(selection, attach, shell):
    found = titles(SELECTIONS[selection])
    assert (found["attach"], found["shell"]) == (attach, shell)
