"""Two screens of one keeper: what one began goes on when it is closed, and is read, cancelled and seen on the other."""

from __future__ import annotations

import asyncio
import threading

import pytest

from gpuws.model.errors import GpuwsError
from gpuws.model.placement.follow import Launched
from gpuws.model.placement.plan import Progress, Want
from gpuws.model.workspace.workspace import Ref
from gpuws.tui.launch.background import launch
from tests.keeper.serving import QuietFleet, until
from tests.tui.driving import running, text
from tests.tui.test_launch import screen_name


class Building(QuietFleet):
    """A launch that builds until it is let go, and then fails where `broken`."""

    def __init__(self):
        super().__init__()
        self.go = threading.Event()
        self.broken = False

    def _work_of(self, call):
        def work(report, cancel):
            report(Progress("building", "Step 1/2 : FROM torch"))
            self.go.wait(20)
            if self.broken:
                raise GpuwsError("the build failed: pip returned 1", "build FROM the -devel image")
            return Launched(Ref("alpha", "new"))

        return work


@pytest.fixture
def serving(serve):
    fleet = Building()
    yield serve(fleet)
    fleet.go.set()


@pytest.mark.parametrize("broken", [False, True])
def test_a_launch_goes_on_when_its_screen_is_closed(serving, broken):
    serving.fleet.broken = broken
    asyncio.run(_closed_and_read_on_another(serving, broken))
    until(lambda: not any(task.troubles for task in serving.client().tasks()), "it is seen in every client")


async def _closed_and_read_on_another(serving, broken):
    first = serving.client()
    async with running(first) as (app, pilot):
        app.keeps = True
        launch(app, first.plan("alpha", "base", Want("new")))
        await pilot.until(lambda: "launch new" in text(app).splitlines()[0])
        await pilot.press("q")
        await pilot.until(lambda: app.farewell is not None)
    assert app.farewell.startswith("launch new on alpha goes on in the keeper: gpuws tasks")
    first.close()
    second = serving.client()
    async with running(second) as (app, pilot):
        await pilot.until(lambda: "launch new" in text(app).splitlines()[0])
        await pilot.press("b")
        await pilot.until(lambda: "building Step 1/2" in text(app))
        serving.fleet.go.set()
        sign = "✗ failed" if broken else "✓ done"
        await pilot.until(lambda: sign in text(app))
        await pilot.press("enter")
        await pilot.until(lambda: screen_name(app) == "TaskLogScreen" and "Step 1/2 : FROM torch" in text(app))
        await pilot.until(lambda: ("failed: the build failed" if broken else "done: alpha/new") in text(app))
        assert ("→ build FROM the -devel image" in text(app)) is broken
