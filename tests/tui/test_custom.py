"""Commands of my own on the screen: in every list, refused with the reason, run without a shell."""

import os
import sys
from dataclasses import replace
from pathlib import Path

from gpuws.model.own_command import OwnCommand
from gpuws.model.settings import ScreenSettings
from gpuws.present.line import text_of
from gpuws.tui.custom.home import without_clashes
from gpuws.tui.custom.values import argv, why_not
from gpuws.tui.selection import Selection
from tests.terminal import ScreenTerminal
from tests.tui.driving import running, say, text, toasts
from tests.tui.lab import lab

SCRIPT = Path(__file__).with_name("pty_app.py")
WRITE = "import pathlib, sys; pathlib.Path(sys.argv[1]).write_text(repr(sys.argv[2:]))"


def own(*words, **more):
    return OwnCommand("mine", words, **more)


def test_values_are_those_of_the_selection_else_it_says_what_is_missing():
    alpha = lab().hosts["alpha"]
    gpu = alpha.gpus[0]
    everything = own("x", "{host}", "{workspace}", "{gpu}", "{pid}")
    assert why_not(everything, Selection(alpha)).startswith("one of 3 containers is meant")
    assert why_not(own("x", "{pid}"), Selection(alpha, gpu=gpu)) == "a process must be selected: {pid} stands for it"
    assert why_not(own("x", "{gpu}"), Selection(alpha)) == "a GPU must be selected: {gpu} stands for it"
    chosen = Selection(alpha, gpu=gpu, process=gpu.processes[0])
    assert why_not(everything, chosen) == ""
    assert argv(everything, chosen) == ("x", "alpha", "torch-dev", "0", "100")


def test_no_value_is_taken_for_an_option_and_a_read_only_host_refuses():
    alpha = lab().hosts["alpha"]
    odd = replace(alpha, workspaces=(replace(alpha.workspaces[0], name="--privileged"),))
    assert "could be taken for an option" in why_not(
        own("x", "{workspace}"), Selection(odd, container=odd.workspaces[0])
    )
    assert why_not(own("x"), Selection(replace(alpha, readonly=True))) == "alpha is read-only"
    assert why_not(own("x"), Selection(alpha, marked=alpha.workspaces)) == "it is for one row: esc unmarks"


def test_a_key_that_is_taken_stays_what_it_was():
    mine = replace(own("x", key="l"), where="config.yaml:3:5"), replace(own("y", key="!"), id="other")
    kept, sentences = without_clashes(mine, {"l": "logs"})
    assert [each.key for each in kept] == ["", "!"]
    assert sentences == ["config.yaml:3:5: commands.mine.key: l is the key of logs; it is under x and :"]


async def test_it_is_in_every_list_and_runs_without_a_shell(tmp_path):
    told = tmp_path / "told"
    words = (sys.executable, "-c", WRITE, str(told), "{host} $HOME", "{gpu}")
    commands = (
        OwnCommand("tell", words, "ctrl+t", "Tell it"),
        OwnCommand("clash", ("true",), "l", "Clash", where="config.yaml:9:5"),
    )
    async with running(lab(), (160, 45), look=ScreenSettings(commands=commands)) as (app, pilot):
        assert any("config.yaml:9:5: commands.clash.key: l is the key of logs" in toast for toast in toasts(app))
        app.screen.list.select(("alpha", app.fleet.hosts["alpha"].gpus[0].uuid))
        await pilot.press("ctrl+t")
        await pilot.until(told.exists)
        assert told.read_text() == "['alpha $HOME', '0']"
        for key, screen in (("x", "ActionScreen"), ("colon", "PaletteScreen"), ("question_mark", "HelpScreen")):
            await pilot.press(key)
            await pilot.until(lambda screen=screen: type(app.screen).__name__ == screen)
            rows = [[text_of(cell) for cell in row.cells] for row in app.screen.rows.rows]
            assert any("Tell it" in row and "ctrl+t" in row for row in rows)
            await pilot.press("escape")
        app.screen.list.select(("alpha", ""))
        await pilot.press("ctrl+t")
        await pilot.until(lambda: any("a GPU must be selected" in toast for toast in toasts(app)))


def test_it_has_the_terminal_and_what_it_printed_stays_until_enter():
    with ScreenTerminal([sys.executable, str(SCRIPT), "own"], dict(os.environ)) as screen:
        screen.wait_for(r"python torch-dev")
        screen.press("ctrl+t")
        screen.wait_for(r"(?m)^hello alpha \$HOME *$")
        screen.wait_for("echo ended with 0. ⏎ goes back to gpuws")
        screen.send("\r")
        screen.wait_for("HELD BY")
        screen.press("q")
        assert screen.wait_exit() == 0
        assert screen.restored


async def test_what_can_not_be_started_is_said():
    commands = (OwnCommand("gone", ("/nowhere/at-all",), "ctrl+t"),)
    async with running(lab(), look=ScreenSettings(commands=commands)) as (app, pilot):
        await pilot.press("ctrl+t")
        await pilot.until(lambda: any("/nowhere/at-all: No such file" in toast for toast in toasts(app)))
        await pilot.press("colon")
        await say(pilot, "gone")
        await pilot.until(lambda: "my own" in text(app))
