"""What is done on the demo is seen at once by all who tell of it: list, panels, header, background, people."""

from __future__ import annotations

import re

import pytest

from gpuws.fleet.demo.fleet import DemoFleet
from gpuws.fleet.demo.lab.life import WARM_UP
from gpuws.model.placement.plan import Want
from gpuws.tui.launch.background import launch
from tests.fleet.test_demo import Clock
from tests.tui.driving import home, running, text, toasts
from tests.tui.test_launch import screen_name


@pytest.fixture
def fleet():
    made = DemoFleet(tick=0, clock=Clock())
    yield made
    made.close()


def top(app) -> str:
    return text(app).splitlines()[0]


def row(app, host: str, gpu: int) -> str:
    """Of the list."""
    lines = iter(text(app).splitlines())
    next(line for line in lines if re.match(rf"\W+{host} ", line))
    return next(line for line in lines if re.match(rf"[ ▌]+{gpu} ", line))


async def test_a_launch_a_notebook_and_a_stop_are_told_alike_everywhere(fleet, monkeypatch):
    opened = []
    monkeypatch.setattr("gpuws.workstation.browser.open_address", opened.append)
    async with running(fleet, (120, 45), demo=True) as (app, pilot):
        assert "1 waiting" in top(app)
        free = int(re.search(r"(\d+) free", top(app))[1])
        launch(app, fleet.plan("alpha", "pytorch-2.8-cu128", Want(name="mine")))
        await pilot.until(lambda: f"{free - 1} free" in top(app))
        await pilot.until(lambda: "reserved" in row(app, "alpha", 3))
        for _ in range(WARM_UP + 1):
            fleet.step()
        await pilot.until(lambda: "alice  mine" in row(app, "alpha", 3) and "32/80G" in row(app, "alpha", 3))
        await pilot.press("g", *"jjjj", "4")
        await pilot.until(lambda: "mine.ipynb" in text(app))
        home(app).panel.table.select(next(r.key for r in home(app).panel.table.rows if "mine" in str(r.cells)))
        await pilot.press("o")
        await pilot.until(lambda: opened)
        await pilot.press("5")
        await pilot.until(lambda: "1 tunnel" in top(app) and "alpha/mine:8888" in text(app))
        fleet.step()
        await pilot.until(lambda: re.search(r"alpha/mine:8888 +up .*\dK", text(app)))
        await pilot.press("escape", "S")
        await pilot.until(lambda: screen_name(app) == "ConfirmScreen" and app.screen.seen)
        await pilot.press("y")
        await pilot.until(lambda: row(app, "alpha", 3).rstrip().endswith("free"))
        assert f"{free} free" in top(app)
        await pilot.until(lambda: re.search(r"alpha/mine:8888 +gone: stopped", text(app)))
        for panel, gone in (("1", "ipykernel_launcher -f kernel-1c09"), ("3", r"main .*mine"), ("4", "mine.ipynb")):
            await pilot.press(panel)
            await pilot.until(lambda words=gone: not re.search(words, text(app)))
        await pilot.press("6")
        rows = home(app).panel.table  # not what stands on the screen: this fleet's past is later than now
        await pilot.until(lambda: any("mine: stopped, exited 143" in str(row.cells) for row in rows.rows))
        await pilot.press("escape", "w")
        await pilot.until(lambda: screen_name(app) == "PeopleScreen")
        assert re.search(r"alice +3 ", text(app))
        assert not [toast for toast in toasts(app) if "failed" in toast]
