"""The bottom of the home screen: what can be done with this row."""

from dataclasses import replace

import pytest

from gpuws.model.host.host import HostState
from gpuws.tui.fleet.fleet_list import FleetList
from gpuws.tui.fleet.footer import PLACES, Footer, kind_of
from gpuws.tui.fleet.panel import PanelTable
from gpuws.tui.fleet.screen import FleetScreen
from gpuws.tui.hosts.aliases import AliasChooser
from gpuws.tui.hosts.ticks import TickList
from gpuws.tui.selection import Selection
from gpuws.tui.toolkit.fitting import width
from gpuws.tui.toolkit.hints import live
from tests.tui.driving import running, text, toasts
from tests.tui.lab import lab


def test_what_is_offered_follows_from_what_is_selected():
    alpha = lab().hosts["alpha"]
    held, free = alpha.gpus[0], alpha.gpus[2]
    assert kind_of(None) == "nothing"
    assert kind_of(Selection(alpha)) == "host"
    assert kind_of(Selection(alpha, gpu=held)) == "held"
    assert kind_of(Selection(alpha, gpu=free)) == "free"
    assert kind_of(Selection(alpha, gpu=held, process=held.processes[0])) == "process"
    assert kind_of(Selection(alpha, container=alpha.workspaces[0])) == "container"
    assert kind_of(Selection(alpha, session=alpha.sessions[0])) == "session"
    assert kind_of(Selection(alpha, container=alpha.workspaces[0], marked=alpha.workspaces[:1])) == "marked containers"
    assert kind_of(Selection(alpha, processes=held.processes)) == "marked processes"
    assert kind_of(Selection(alpha), event=True) == "event"


@pytest.mark.parametrize("state", [HostState.DOWN, HostState.ASKING, HostState.AUTH_FAILED, HostState.STALE])
def test_a_host_in_trouble_is_first_of_all_reached_again(state):
    assert kind_of(Selection(replace(lab().hosts["alpha"], state=state))) == "trouble"
    assert PLACES["trouble"][:2] == ("reconnect", "open")


def test_each_place_is_a_key_that_works_there():
    places = (FleetScreen, FleetList, PanelTable, TickList, AliasChooser)
    known = {command.id for place in places for _, command in place.commands()}
    assert {name for names in PLACES.values() for name in names} - known == set()


def lines(app):
    """The two at the bottom."""
    return [line.rstrip() for line in text(app).splitlines()[-2:]]


async def test_it_follows_the_cursor_and_marks_end_with_the_action():
    fleet = lab()
    alpha = fleet.hosts["alpha"]
    async with running(fleet, (80, 24)) as (app, pilot):
        app.screen.list.select(("alpha", alpha.gpus[2].uuid))
        await pilot.until(lambda: lines(app)[0].startswith(" n launch  a attach  s shell  ⏎ charts"))
        assert lines(app)[1].endswith("? keys")
        app.screen.list.select(("alpha", alpha.gpus[0].uuid))
        await pilot.until(lambda: lines(app)[0].startswith(" a attach  s shell  o notebook  l logs"))
        await pilot.press("2")
        await pilot.until(lambda: "S stop  R restart  D remove  i inspect" in lines(app)[0])
        await pilot.press("space")
        await pilot.until(lambda: lines(app)[0] == " 1 marked: S stop  R restart  D remove  K kill  esc unmarks")
        await pilot.press("S")
        await pilot.until(lambda: type(app.screen).__name__ == "ConfirmScreen")
        await pilot.press("escape")
        await pilot.until(lambda: lines(app)[0].startswith(" 1 marked:"))
        await pilot.press("escape")
        await pilot.until(lambda: not app.screen.panel.table.marked and lines(app)[0].startswith(" a attach"))
        assert app.focused is app.screen.panel.table
        await pilot.press("k", "space", "S")
        await pilot.until(lambda: type(app.screen).__name__ == "ConfirmScreen")
        await pilot.press("y")
        await pilot.until(lambda: type(app.screen).__name__ == "FleetScreen")
        assert not app.screen.panel.table.marked


async def test_what_can_not_be_done_keeps_its_place_and_says_why_to_the_pointer():
    fleet = lab()
    fleet.put(replace(fleet.hosts["alpha"], readonly=True))
    async with running(fleet) as (app, pilot):
        app.screen.list.select(("alpha", fleet.hosts["alpha"].gpus[0].uuid))
        await pilot.until(lambda: live(app.screen)["stop"].why_not == "alpha is read-only")
        here = app.screen.query_one("#here")
        at = lines(app)[0].index("S stop")
        await pilot.hover("#here", offset=(at + 1, 0))
        assert str(here.tooltip).splitlines() == ["Stop torch-dev", "alpha is read-only"]
        await pilot.hover("#here", offset=(lines(app)[0].index("l logs"), 0))
        assert str(here.tooltip).startswith("Log of torch-dev\n")
        await pilot.click("#here", offset=(at + 1, 0))
        await pilot.until(lambda: "alpha is read-only" in toasts(app))


@pytest.mark.parametrize("size", [(40, 24), (80, 24), (160, 45)])
async def test_both_lines_fit_and_the_key_of_all_keys_stays(size):
    async with running(lab(), size) as (app, pilot):
        footer = app.screen.query_one(Footer)
        for name in ("#here", "#hints"):
            bar = footer.query_one(name)
            assert sum(width(part.line) for part in bar._start) <= size[0]
        assert "? keys" in lines(app)[1]
        assert "x actions" in lines(app)[0]
        await pilot.press("slash")
        await pilot.until(lambda: not footer.query_one("#here").display)
