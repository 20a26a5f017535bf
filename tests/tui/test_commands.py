"""One command says what its key, the bottom line, the list of actions and the palette say."""

from dataclasses import replace

import pytest

from gpuws.model.host.host import HostState
from gpuws.model.ownership.kernels import kernels
from gpuws.tui.command import Command
from gpuws.tui.context import Context, merged, on_selection, perform
from gpuws.tui.fleet.actions import ACTIONS, action, offered
from gpuws.tui.fleet.screen import FleetScreen
from gpuws.tui.selection import Selection
from gpuws.tui.toolkit.hints import hints
from tests.tui.driving import TestApp, running, text, toasts
from tests.tui.lab import lab
from tests.tui.test_launch import screen_name


def context(**chosen):
    return Context(TestApp(lambda: None, lambda _: 0), Selection(**chosen) if chosen else None)


def every_selection():
    """What can be selected in the lab, each once."""
    for host in lab().hosts.values():
        yield Selection(host)
        yield from (Selection(host, gpu=gpu) for gpu in host.gpus)
        yield from (Selection(host, gpu=gpu, process=process) for gpu in host.gpus for process in gpu.processes)
        yield from (Selection(host, container=one) for one in host.workspaces)
        yield from (Selection(host, session=one) for one in host.sessions)
        yield from (Selection(host, kernel=one) for one in kernels(host))


def test_each_action_is_listed_once_whatever_is_selected():
    assert len({command.id for command in ACTIONS}) == len(ACTIONS)
    for selection in every_selection():
        listed = [command.id for command in offered(Context(context().app, selection))]
        assert len(set(listed)) == len(listed)
        assert {"attach", "shell", "logs", "copy", "doctor"} <= set(listed)


def test_nothing_is_done_where_nothing_is_selected():
    for command in ACTIONS:
        if command.id != "tunnels":
            assert command.why_not(context()) == "nothing is selected"
    assert [command.id for command in offered(context())] == ["tunnels"]


@pytest.mark.parametrize("command", [each for each in ACTIONS if each.keys], ids=lambda each: each.id)
def test_what_is_listed_is_what_its_key_does(command):
    """A key refuses with the very words with which the list greys it out."""
    alpha = replace(lab().hosts["alpha"], state=HostState.DOWN, error="no route to host")
    chosen = context(snapshot=alpha, container=alpha.workspaces[0])
    free = {"tunnels", "copy", "reconnect", "doctor", "watch"}
    assert command.why_not(chosen) == ("" if command.id in free else "no route to host")


def test_one_key_ends_whatever_is_selected():
    alpha = lab().hosts["alpha"]
    process = alpha.gpus[0].processes[0]
    assert action("kill").title(context(snapshot=alpha, session=alpha.sessions[0])).startswith("Kill tmux session")
    assert action("kill").title(context(snapshot=alpha, gpu=alpha.gpus[0], process=process)).startswith("End ")
    assert (
        action("kill").title(context(snapshot=alpha, container=alpha.workspaces[0]))
        == f"Kill {alpha.workspaces[0].name}"
    )
    assert "S, R and D are for containers" in action("remove").why_not(
        context(snapshot=alpha, session=alpha.sessions[0])
    )


def test_what_several_features_do_by_one_key_is_one_command():
    def one(keys, title):
        return on_selection("one", keys, keys, keys, lambda app, it: title, title=lambda it: title)

    chosen = context(snapshot=lab().hosts["alpha"])
    before, after = one("", "elsewhere"), Command("b", "b", "b", "b", lambda it: None)
    first, second = merged(before, after, one("Z", "usual"))
    assert (first, second.id, second.keys, second.run(chosen)) == (after, "one", "Z", "elsewhere")
    assert merged(one("", ""), one("Z", "usual"))[0].run(chosen) == "usual"


def test_a_key_of_a_feature_works_at_home_without_a_word_there():
    home = {command.id for command in FleetScreen.KEYS}
    assert {command.id for command in ACTIONS if command.keys} <= home


def test_a_command_is_the_same_wherever_its_context_comes_from():
    told = Command("a", "a", "a", "a", lambda it: it * 2, why_not=lambda it: f"not {it}", title=lambda it: f"do {it}")
    there = told.of(len)
    assert (there.run("abc"), there.why_not("abc"), there.title("abc")) == (6, "not 3", "do 3")


async def test_what_can_not_be_done_is_dimmed_and_refused():
    fleet = lab()
    fleet.put(replace(fleet.hosts["alpha"], readonly=True))
    async with running(fleet) as (app, pilot):
        app.screen.list.select(("alpha", fleet.hosts["alpha"].gpus[0].uuid))
        await pilot.pause()
        shown = {part.action: part.line[0].role for part in hints(app.screen, 400)}
        assert shown["command('shell')"] == "faint"
        assert shown["command('logs')"] == "key"
        await pilot.press("s")
        await pilot.until(lambda: "alpha is read-only" in toasts(app))


async def test_the_page_of_a_gpu_dims_the_same_keys():
    fleet = lab()
    async with running(fleet) as (app, pilot):
        app.screen.list.select(("alpha", fleet.hosts["alpha"].gpus[0].uuid))
        await pilot.press("enter")
        await pilot.until(lambda: screen_name(app) == "GpuScreen")
        roles = {part.action: part.line[0].role for part in hints(app.screen, 400)}
        assert roles["command('gpu-attach')"] == "key"
        fleet.put(replace(fleet.hosts["alpha"], state=HostState.DOWN, error="no route to host"))
        await pilot.until(lambda: "no route to host" in text(app))
        roles = {part.action: part.line[0].role for part in hints(app.screen, 400)}
        assert roles["command('gpu-attach')"] == "faint"


def test_a_refusal_is_said_and_nothing_runs():
    done = []
    app = TestApp(lambda: None, lambda _: 0)
    app.warn = done.append
    perform(
        Command("a", "a", "a", "a", lambda it: done.append("ran"), why_not=lambda it: "not now"), Context(app, None)
    )
    assert done == ["not now"]
