"""The background: what runs, waits and came of the last day's tasks; logs, cancelling, trying again."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import replace

import pytest

from gpuws.fleet.demo.fleet import DemoFleet
from gpuws.model.errors import GpuwsError
from gpuws.model.placement.plan import Asked, Progress, Want
from gpuws.model.placement.queued_wait import QueuedWait, WaitOrder
from gpuws.model.task import Task, Why
from gpuws.model.workspace.image import LayerProgress
from gpuws.present.line import text_of
from gpuws.tui.feed import Batch
from gpuws.tui.fleet.header import Top, top_line
from gpuws.tui.launch.background import launch
from gpuws.tui.leaving import farewell
from gpuws.tui.state import State
from gpuws.tui.tasks.rows import listing, troubled
from tests.factories import snapshot
from tests.tui.driving import running, text, toasts
from tests.tui.lab import lab
from tests.tui.test_launch import screen_name

ORDER = WaitOrder("count=4", ("bravo",), "pytorch-ddp", "pretrain")
HOUR = 3600.0
WHY = Why("the build failed: pip returned 1", "use another base image")
PULL = Task("1", "m1", "pull_image", "pull reg:5000/team/torch:3", "alpha", 40.0)
FAILED = Task("2", "m2", "launch", "launch flash", "bravo", 10.0, "failed", ended_at=60.0, error=WHY)
DONE = Task("3", "m3", "launch", "launch train", "bravo", 10.0, "done", ended_at=50.0, result="bravo/train", seen=True)


def written(table):
    return [
        text_of(row.across) if row.across else " | ".join(text_of(cell).strip() for cell in row.cells)
        for row in table.rows
    ]


def test_what_goes_on_comes_first_then_what_ended_the_newest_first():
    rows = written(listing((DONE, FAILED, PULL), (), 100.0, 60))
    assert rows == [
        "pull torch:3 | alpha | ▕┄┄┄┄┄┄┄┄┄┄ | 1m | ",
        "  starting",
        "launch flash | bravo | ✗ failed | 40s | ",
        "  the build failed: pip returned 1",
        "  → use another base image",
        "launch train | bravo | ✓ done | 50s | bravo/train",
    ]
    assert troubled((DONE, FAILED, PULL)) == "2"


def test_what_a_program_wrote_stands_between_why_and_what_to_do():
    ended = Why(
        "bravo/flash ended 0.4 s after its start: exited 1\n  Traceback\n  KeyError: x", "gpuws logs bravo/flash"
    )
    rows = written(listing((replace(FAILED, error=ended),), (), 100.0, 60))
    assert rows[1:] == [
        "  bravo/flash ended 0.4 s after its start: exited 1",
        "    Traceback",
        "    KeyError: x",
        "  → gpuws logs bravo/flash",
    ]


def test_what_is_pulled_is_said_once_and_its_layers_stand_below():
    layers = (LayerProgress("a" * 12, "done"), LayerProgress("b" * 12, "downloading", current=1 << 30, total=2 << 30))
    step = Progress("pulling", "reg:5000/team/torch:3: 1 of 3 layers", 0.4, layers)
    task = Task("1", "m", "pull_image", "pull reg:5000/team/torch:3", "alpha", 40.0, progress=step)
    rows = written(listing((task,), (), 100.0, 60))
    assert rows[1] == "  40% 1 of 3 layers"
    assert rows[2].startswith("layer bbbbbbbbbbbb |")
    assert len(rows) == 3


@pytest.mark.parametrize(
    ("task", "said"),
    [
        (Task("1", "m", "launch", "launch a", "h", 0.0, "cancelled", ended_at=5.0), "launch a | h | cancelled | 1m |"),
        (
            Task("1", "m", "launch", "launch a", "h", 0.0, "interrupted", ended_at=5.0, error=Why("it is there")),
            "launch a | h | ✗ interrupted | 1m |",
        ),
        (Task("1", "m", "launch", "launch a", "h", 0.0, cancelling=True), "launch a | h | cancelling | 1m |"),
    ],
)
def test_each_state_has_its_word(task, said):
    row, *more = written(listing((task,), (), 100.0, 60))
    assert row.strip() == said
    assert more == ([f"  {task.error}"] if task.error else ["  starting"] if task.running else [])


def test_waits_stand_in_their_order_with_who_is_in_the_way():
    ended = QueuedWait("1", ORDER, 0.0, "launched", "bravo/pretrain", ended_at=5.0)
    waits = (ended, QueuedWait("2", ORDER, 0.0, text="bravo has 2 of 7"), QueuedWait("4", ORDER, 60.0, "launching"))
    rows = written(listing((), waits, 120.0, 42))
    assert rows == [
        "launch pretrain | bravo | 1st waiting | 2m | ",
        "  pytorch-ddp as pretrain on count=4:",
        "  bravo has 2 of 7",
        "launch pretrain | bravo | launching | 1m | ",
        "  pytorch-ddp as pretrain on count=4",
    ]


@pytest.mark.parametrize(
    ("tasks", "size", "said"),
    [
        ((), 100, ""),
        ((FAILED,), 100, "✗ launch flash failed b"),
        ((FAILED,), 60, "✗ 1 failed b"),
        ((FAILED, PULL), 120, "pull torch:3   ✗ launch flash failed b"),
        ((FAILED, Task("4", "m4", "launch", "launch b", "h", 0.0, "interrupted")), 100, "✗ 2 failed b"),
        ((DONE,), 100, ""),
    ],
)
def test_a_failure_is_a_chip_at_the_top_until_it_is_seen(tasks, size, said):
    line = text_of(top_line(Top((), 0, 0, "08:00", tasks=tasks), size))
    assert line.endswith(f"{said}   08:00 " if said else "08:00 ")
    assert ("✗" in line) == ("✗" in said)


@pytest.mark.parametrize("size", [120, 160])
def test_what_runs_stands_beside_what_failed(size):
    many = tuple(snapshot(f"h{n}") for n in range(9))
    line = text_of(top_line(Top(many, 2, 0, "08:00", tasks=(FAILED, PULL)), size))
    assert line.endswith("pull torch:3   ✗ launch flash failed b   08:00 ")


@pytest.mark.parametrize(
    ("tasks", "said"),
    [
        ((), None),
        ((PULL,), "pull reg:5000/team/torch:3 on alpha goes on in the keeper: gpuws tasks"),
        ((PULL, PULL, PULL), "3 tasks go on in the keeper: gpuws tasks"),
    ],
)
def test_what_goes_on_is_named_on_leaving(tasks, said):
    assert farewell((), (), tasks) == said


def test_what_ended_while_no_screen_was_open_is_an_event():
    state = State()
    for _ in range(2):
        state.apply(Batch(tasks=(PULL, FAILED, DONE)), 99.0)
    told = [(event.at, event.host, event.role, event.text) for event in state.journal.events]
    assert sorted(told) == [
        (50.0, "bravo", "ok", "launch train: done"),
        (60.0, "bravo", "error", "launch flash: failed: the build failed: pip returned 1"),
    ]


def begun(call, *given):
    """A task of another program: nobody here stays for it."""

    def work():
        with contextlib.suppress(GpuwsError):
            call(*given, lambda _: None, threading.Event())

    threading.Thread(target=work, daemon=True).start()


async def test_tasks_of_another_program_are_shown_with_their_logs_and_cancelled_once_it_is_meant():
    fleet = lab()
    fleet.blocked = {"pull_image"}
    fleet.inspected["steps"] = (Progress("pulling", "torch:3: 1 of 3 layers", 0.4),)
    async with running(fleet, (80, 24)) as (app, pilot):
        begun(fleet.pull_image, "alpha", "torch:3")
        await pilot.until(lambda: "pull torch:3" in text(app).splitlines()[0])
        await pilot.press("b")
        await pilot.until(lambda: "40% pulling 1 of 3 layers" in text(app))
        await pilot.press("enter")
        await pilot.until(lambda: screen_name(app) == "TaskLogScreen" and "pulling torch:3: 1 of 3" in text(app))
        assert app.screen.equivalent() == "gpuws tasks log -f 1"
        assert "running · 40% · following" in text(app)
        await pilot.press("D")
        await pilot.until(lambda: "Cancel pull torch:3 on alpha?" in text(app) and app.screen.seen)
        await pilot.press("escape", "D")
        await pilot.until(lambda: screen_name(app) == "ConfirmScreen" and app.screen.seen)
        assert not fleet.tasks()[0].cancelling
        await pilot.press("y")
        await pilot.until(lambda: fleet.tasks()[0].cancelling)
        fleet.close()


async def test_a_failure_is_seen_when_the_cursor_was_on_it_and_can_be_tried_again_and_forgotten():
    fleet = lab()
    fleet.fail["pull_image"] = GpuwsError("no space left on device", "docker system prune")
    fleet.inspected["steps"] = (Progress("pulling", "torch:3", 0.1),)
    async with running(fleet) as (app, pilot):
        begun(fleet.pull_image, "alpha", "torch:3")
        await pilot.until(lambda: "✗ pull torch:3 failed" in text(app).splitlines()[0])
        await pilot.press("b")
        await pilot.until(lambda: "no space left on device" in text(app) and "docker system prune" in text(app))
        await pilot.until(lambda: fleet.tasks()[0].seen)
        await pilot.until(lambda: not any(task.troubles for task in app.state.tasks))
        await pilot.press("r")
        await pilot.until(lambda: len(fleet.tasks()) == 2)
        await pilot.until(lambda: any("begun again: pull torch:3 on alpha" in toast for toast in toasts(app)))
        await pilot.until(lambda: [task.running for task in app.state.tasks] == [False, False])
        while app.state.tasks:
            before = len(app.state.tasks)
            await pilot.press("D")
            await pilot.until(lambda before=before: len(app.state.tasks) < before)
        await pilot.until(lambda: "nothing did in the last day" in text(app))
        fleet.close()


async def test_trying_a_launch_again_opens_its_form_as_it_was(monkeypatch):
    opened = []
    monkeypatch.setattr("gpuws.tui.launch.commands.open_again", lambda app, asked: opened.append(asked))
    fleet = lab()
    fleet.fail["launch"] = GpuwsError("no space left on device")
    plan = fleet.plan("alpha", "torch", Want("mine", overrides=("mem_limit=1g",)))
    async with running(fleet) as (app, pilot):
        begun(fleet.launch, plan)
        await pilot.until(lambda: "✗ launch mine failed" in text(app).splitlines()[0])
        await pilot.press("b")
        await pilot.until(lambda: "no space left" in text(app))
        await pilot.press("enter")
        await pilot.until(lambda: screen_name(app) == "TaskLogScreen" and "failed: no space left" in text(app))
        await pilot.press("r")
        await pilot.until(lambda: opened)
        assert opened == [Asked("alpha", "torch", Want("mine", overrides=("mem_limit=1g",)))]
        fleet.close()


async def test_what_failed_here_is_said_and_is_one_event():
    fleet = lab()
    fleet.fail["launch"] = GpuwsError("alpha: no space left on device", "docker system prune")
    async with running(fleet) as (app, pilot):
        launch(app, fleet.plan("alpha", "torch", Want("mine")))
        await pilot.until(
            lambda: any("no space left on device — docker system prune" in toast for toast in toasts(app))
        )
        await pilot.until(lambda: app.state.tasks and app.state.tasks[0].troubles)
        assert [event.text for event in app.state.journal.events if "space" in event.text] == [
            "launch mine: failed: no space left on device"
        ]
        fleet.close()


async def test_the_demo_fails_to_build_and_waits_and_both_are_read_and_ended_from_the_list():
    fleet = DemoFleet(tick=0)
    fleet.step()
    async with running(fleet) as (app, pilot):
        begun(fleet.launch, fleet.plan("bravo", "flash-attn", Want()))
        await pilot.until(lambda: "✗ launch flash-attn failed" in text(app).splitlines()[0])
        await pilot.press("b")
        await pilot.until(lambda: "its base image has no compiler" in text(app))
        assert "bravo has 2 of 7" in text(app)
        await pilot.press("g", "D")  # the wait stands first
        await pilot.until(lambda: screen_name(app) == "ConfirmScreen" and "gpuws waits cancel 1" in text(app))
        await pilot.until(lambda: app.screen.seen)
        await pilot.press("y")
        await pilot.until(lambda: not fleet.waits() and not app.state.waits)
        await pilot.until(lambda: screen_name(app) == "TaskScreen" and "pretrain" not in text(app))
        await pilot.press("enter")
        await pilot.until(lambda: screen_name(app) == "TaskLogScreen" and "Failed building wheel" in text(app))
        assert "CUDA_HOME" in text(app)
    fleet.close()


@pytest.mark.parametrize("keeps", [True, False])
async def test_quitting_asks_only_where_a_task_would_end(keeps):
    fleet = lab()
    fleet.blocked = {"launch"}
    async with running(fleet) as (app, pilot):
        app.keeps = keeps
        plan = fleet.plan("alpha", "torch", Want("mine"))
        begun(fleet.launch, plan)
        await pilot.until(lambda: "launch mine" in text(app).splitlines()[0])
        await pilot.press("q")
        if keeps:
            await pilot.until(lambda: app.farewell is not None)
            assert app.farewell == "launch mine on alpha goes on in the keeper: gpuws tasks"
            assert not fleet.tasks()[0].cancelling
        else:
            await pilot.until(lambda: "no keeper goes on with it (GPUWS_KEEPER=0)" in text(app) and app.screen.seen)
            await pilot.press("y")
            await pilot.until(lambda: fleet.tasks()[0].cancelling)
            fleet.close()
            await pilot.until(lambda: not app.is_running or app._exit)
    fleet.close()
