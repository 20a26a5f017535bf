"""The demo explains itself: every row has its sentence, and the tour goes on by the keys that it asks for."""

from __future__ import annotations

import re

import pytest

from gpuws.fleet.demo.fleet import DemoFleet
from gpuws.model.gpu.gpu import processes_of
from gpuws.model.ownership.kernels import kernels
from gpuws.model.session.tunnel import Tunnel, TunnelTarget
from gpuws.tui.fleet.screen import FleetScreen
from gpuws.tui.selection import Selection
from gpuws.tui.tour.captions import caption
from gpuws.tui.tour.cards import CARDS
from gpuws.tui.tour.guide import NARROW
from tests.tui.driving import home, running, text, toasts
from tests.tui.test_launch import screen_name


@pytest.fixture
def fleet():
    made = DemoFleet(tick=0)
    yield made
    made.close()


def everything(fleet: DemoFleet) -> list[Selection]:
    """Whatever the cursor can be on."""
    found = []
    for one in fleet.snapshots():
        found.append(Selection(one))
        found += [Selection(one, gpu=gpu) for gpu in one.gpus]
        found += [Selection(one, gpu=gpu, mig=mig) for gpu in one.gpus for mig in gpu.mig_instances]
        found += [Selection(one, gpu=gpu, process=each) for gpu in one.gpus for each in processes_of(gpu)]
        found += [Selection(one, container=each) for each in one.workspaces]
        found += [Selection(one, session=each) for each in one.sessions]
        found += [Selection(one, kernel=each) for each in kernels(one)]
        found.append(Selection(one, tunnel=Tunnel("1", TunnelTarget(one.name, None, 80), 20000)))
    return found


def test_every_row_has_a_sentence_that_fits_its_line(fleet):
    said = {caption(selection) for selection in everything(fleet)}
    assert "" not in said
    assert len(said) > 25
    longest = max(said, key=len)
    assert len(longest) + len(" · comma: off") <= NARROW - 2, longest
    assert caption(None) == ""


@pytest.mark.parametrize(
    ("host", "gpu", "says"),
    [
        ("alpha", 0, "Yours"),
        ("alpha", 2, "bob's jup keeps 61G and has not worked for 9h"),
        ("alpha", 3, "Free"),
        ("bravo", 2, "Reserved, not free: carol gave this GPU to eval"),
        ("bravo", 6, "divided"),
        ("bravo", 7, "reports a fault"),
        ("foxtrot", 0, "Yours, and at rest: vllm"),
        ("delta", None, "The link to delta is lost"),
        ("echo", None, "another host key"),
        ("golf", None, "does not answer"),
        ("local", None, "has no GPU"),
    ],
)
def test_what_is_special_is_explained(fleet, host, gpu, says):
    snapshot = next(one for one in fleet.snapshots() if one.name == host)
    assert says in caption(Selection(snapshot, gpu=None if gpu is None else snapshot.gpus[gpu]))


def test_a_card_asks_for_a_command_that_there_is_and_for_a_row_that_there_is(fleet):
    gpus = [gpu for one in fleet.snapshots() for gpu in one.gpus]
    assert len(CARDS) == 6
    for card in CARDS:
        assert FleetScreen.command(card.command), card.title
        assert card.where is None or any(map(card.where, gpus)), card.title


async def test_the_tour_goes_on_by_the_keys_that_it_names(fleet):
    entered = []
    async with running(fleet, (80, 24), demo=True, tour=True, pump=lambda opener, back: entered.append(opener)) as (
        app,
        pilot,
    ):
        for place in range(1, 7):
            await pilot.until(lambda n=place: f"Tour {n} of 6" in text(app))
            key = re.search(r"press (\S)", text(app))[1]
            before = home(app).card
            await pilot.press("z", "z")  # another key turns no card
            assert home(app).card == before
            await pilot.press(key)
            await pilot.until(lambda n=place: home(app).card == (n if n < 6 else None))
            await pilot.until(lambda k=key: (screen_name(app) != "DemoHome") is (k in "wnS"))
            if key in "wnS":
                await pilot.press("escape")
                await pilot.until(lambda: screen_name(app) == "DemoHome")
        assert entered
        await pilot.until(lambda: fleet.tunnels())
        assert any("That was the tour" in toast for toast in toasts(app))
        assert home(app).card is None


async def test_the_tour_is_left_by_escape_and_captions_by_a_comma(fleet):
    async with running(fleet, (120, 30), demo=True, tour=True) as (app, pilot):
        await pilot.until(lambda: "Tour 1 of 6" in text(app))
        await pilot.press("full_stop")
        await pilot.until(lambda: "Tour 2 of 6" in text(app))
        await pilot.press("escape")
        await pilot.until(lambda: "Yours: purple" in text(app))
        app.clear_notifications()
        await pilot.press("g", "j", "j", "j")
        await pilot.until(lambda: "You could ask bob" in text(app))
        await pilot.press("comma")
        await pilot.until(lambda: "ask bob" not in text(app))
        await pilot.press("full_stop")  # not the tour's any more
        assert "Tour" not in text(app).replace("tour", "")
        await pilot.press("comma", "j")
        await pilot.until(lambda: "nobody has reserved it" in text(app))


async def test_without_the_demo_nothing_is_explained(fleet):
    async with running(fleet, (120, 30)) as (app, _pilot):
        assert screen_name(app) == "FleetScreen"
        assert "comma: off" not in text(app)
