"""The background: a build that failed says where and what to do, a wait says who is in the way; both can be ended."""

from __future__ import annotations

from gpuws.fleet.demo.fleet import DemoFleet
from gpuws.model.errors import GpuwsError
from gpuws.model.placement.plan import Progress, Want
from gpuws.model.placement.queued_wait import QueuedWait, WaitOrder
from gpuws.present.line import text_of
from gpuws.tui.launch.background import launch
from gpuws.tui.tasks.rows import listing
from gpuws.tui.tasks.running import KEPT_LINES, Task
from tests.tui.driving import running, text
from tests.tui.test_launch import screen_name

ORDER = WaitOrder("count=4", ("bravo",), "pytorch-ddp", "pretrain")


def written(table):
    return [" | ".join(text_of(cell).strip() for cell in row.cells) for row in table.rows]


def failed(*lines):
    task = Task("launch flash")
    for line in lines:
        task.take(Progress("building", line))
    task.failure = GpuwsError("the build failed", "use another base image")
    return task


def test_a_failed_build_keeps_its_last_lines_and_what_to_do():
    task = failed(*(f"line {number}" for number in range(9)), "line 8")
    rows = written(listing((), (), (task,), 0.0, 60))
    assert rows[0] == "launch flash | ✗ failed | the build failed"
    assert rows[1:-1] == [f" |  | line {number}" for number in range(9 - KEPT_LINES, 9)]
    assert rows[-1] == " | → to do | use another base image"


def test_a_failure_without_a_remedy_has_no_row_for_one():
    task = failed()
    task.failure = GpuwsError("no space left")
    assert written(listing((), (), (task,), 0.0, 60)) == ["launch flash | ✗ failed | no space left"]


def test_waits_stand_in_their_order_with_who_is_in_the_way():
    ended = QueuedWait("1", ORDER, 0.0, "launched", "bravo/pretrain", ended_at=5.0)
    waits = (ended, QueuedWait("2", ORDER, 0.0, text="bravo has 2 of 7"), QueuedWait("4", ORDER, 60.0, "launching"))
    rows = written(listing((), waits, (), 120.0, 12))
    assert rows == [
        "launch pretrain | 1st waiting | for 2m: pytorch-ddp as pretrain on count=4",
        " |  | bravo has 2",
        " |  | of 7",
        "launch pretrain | launching | for 1m: pytorch-ddp as pretrain on count=4",
    ]


async def test_the_demo_fails_to_build_and_waits_and_both_are_ended_from_the_list():
    fleet = DemoFleet(tick=0)
    fleet.step()
    async with running(fleet) as (app, pilot):
        plan = fleet.plan("bravo", "flash-attn", Want())
        launch(app, plan)
        await pilot.until(lambda: app.tasks.failed)
        await pilot.press("b")
        await pilot.until(lambda: "Failed building wheel" in text(app))
        assert "bravo has 2 of 7" in text(app)
        assert "build FROM the -devel image" in text(app)
        await pilot.press("D")  # the wait stands first
        await pilot.until(lambda: screen_name(app) == "ConfirmScreen")
        await pilot.until(lambda: "gpuws waits cancel 1" in text(app))
        await pilot.until(lambda: app.screen.seen)
        await pilot.press("y")
        await pilot.until(lambda: not fleet.waits() and not app.state.waits)
        await pilot.until(lambda: screen_name(app) == "TaskScreen" and "pretrain" not in text(app))
        await pilot.press("D")  # the failure
        await pilot.until(lambda: not app.tasks.failed)
        assert "Nothing runs in the background" in text(app)
    fleet.close()
