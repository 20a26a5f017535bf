"""The mouse: what is under the pointer says what it means, its right button lists what can be done there, and a
configuration without it leaves it to the terminal."""

import os
import sys
from pathlib import Path

import pytest

from gpuws.config.settings import read_settings
from gpuws.present.glyphs import meaning
from gpuws.present.line import Span
from gpuws.tui.toolkit.bar import Part
from gpuws.tui.toolkit.fitting import sign_at
from tests.terminal import ScreenTerminal
from tests.tui.driving import running, text, toasts
from tests.tui.lab import lab

SCRIPT = Path(__file__).with_name("pty_app.py")
ASKED = b"\x1b[?1003h"


@pytest.mark.parametrize(("words", "asked"), [((), True), (("no-mouse",), False)])
def test_the_terminal_keeps_its_mouse_where_the_configuration_says_so(words, asked):
    with ScreenTerminal([sys.executable, str(SCRIPT), *words], dict(os.environ)) as screen:
        screen.wait_for(r"python torch-dev")
        screen.press("?")
        screen.wait_for("this screen")
        assert (ASKED in screen.raw) is asked
        screen.press("escape")
        screen.wait_for("HELD BY")
        screen.press("q")
        assert screen.wait_exit() == 0
        assert screen.restored


def test_the_configuration_may_switch_it_off(tmp_path):
    file = tmp_path / "config.yaml"
    file.write_text("mouse: false\n")
    assert read_settings(file, {}).look.mouse is False
    file.write_text("theme: auto\n")
    assert read_settings(file, {}).look.mouse is True


async def test_the_right_button_lists_what_can_be_done_with_the_row_under_the_pointer():
    async with running(lab(), (80, 24)) as (app, pilot):
        fleets = app.screen.list
        row = next(n for n, row in enumerate(fleets.rows) if row.gpu is not None and row.gpu.index == 1)
        await pilot.click("FleetList", offset=(20, row + 1), button=3)
        await pilot.until(lambda: type(app.screen).__name__ == "ActionScreen")
        assert fleets.current.gpu.index == 1
        assert "Actions · alpha · GPU 1" in text(app)
        assert app.screen.query_one(".box").region.bottom <= 24
        await pilot.click(offset=(79, 0))
        await pilot.until(lambda: type(app.screen).__name__ == "FleetScreen")
        assert toasts(app) == []


async def test_a_sign_under_the_pointer_says_what_it_means():
    async with running(lab()) as (app, pilot):
        fleets = app.screen.list
        await pilot.hover("FleetList", offset=(1, 1))
        assert str(fleets.tooltip) == meaning("●")
        await pilot.hover("FleetList", offset=(4, 1))
        assert fleets.tooltip is None
        mine = app.screen.query_one("#mine")
        app.screen._show_top = lambda: None  # its clock would put its own words there
        mine.put([Part((Span(" x "), Span("◔ idle")))])
        await pilot.hover("#mine", offset=(3, 0))
        assert str(mine.tooltip) == meaning("◔")


def test_what_stands_in_a_cell():
    line = (Span(" ●"), Span("字x"))
    assert [sign_at(line, cell) for cell in range(6)] == [" ", "●", "字", "字", "x", ""]
    assert meaning("x") == ""
