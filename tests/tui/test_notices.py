"""Notices on the screen: each told once, by the line, the bell and the terminal; the list of a week; `N`."""

from dataclasses import replace

import pytest

from gpuws.fleet.events import Noticed, TasksChanged, WaitsChanged
from gpuws.model.host.host import HostState
from gpuws.model.notice.notice import Notice
from gpuws.model.notice.record import SCREEN, Delivery, Told, told
from gpuws.model.notice.seen import session_key
from gpuws.model.placement.queued_wait import QueuedWait, WaitOrder
from gpuws.model.session.state import SessionState
from gpuws.model.task import Task
from gpuws.tui.journal import Journal
from gpuws.tui.notices.things import endings, when
from gpuws.tui.selection import Selection
from gpuws.tui.terminal.notice import osc9, osc777
from tests.factories import NOW, being, container, gpu, session, snapshot
from tests.tui.driving import running, text, toasts
from tests.tui.lab import lab


def notice(number, text="torch-dev:main waits for you", channels=("toast", "bell"), **more):
    kind, subject = more.get("kind", "waiting"), more.get("subject", "main")
    said = Notice(f"n{number}", kind, "alpha", subject, f"alpha: {text}", NOW, True, "plain")
    return told(said, channels)


async def test_what_happens_is_told_once_and_listed(monkeypatch):
    fleet = lab()
    old = notice(1, "llama died: exited 1")
    fleet.told = (old, Told(replace(old.notice, id="n0"), ("toast",), (Delivery(SCREEN, NOW),)))
    async with running(fleet) as (app, pilot):
        rung = []
        monkeypatch.setattr(app, "bell", lambda: rung.append(1))
        await pilot.until(lambda: toasts(app) == ["alpha: llama died: exited 1"])  # missed, and told in silence
        assert rung == []
        new = notice(2)
        fleet.emit(Noticed((new,)))
        await pilot.until(lambda: rung == [1])
        assert toasts(app)[-1] == "alpha: torch-dev:main waits for you"
        assert fleet.named("take_notices") == [("take_notices", "n1"), ("take_notices", "n2")]
        fleet.told = (*fleet.told, new)
        await pilot.press("6")
        await pilot.until(lambda: "torch-dev:main waits for you" in text(app))
        assert "llama died" in text(app)
        await pilot.press("e")
        await pilot.until(lambda: "What was told in the last week" in text(app))
        assert text(app).index("torch-dev:main waits") < text(app).index("alpha: llama died")


async def test_many_at_once_are_one_line_and_what_another_screen_told_is_silent():
    fleet = lab()
    async with running(fleet) as (app, pilot):
        fleet.take_notices = lambda ids: tuple(ids)[1:]
        fleet.emit(Noticed(tuple(notice(number) for number in range(9))))
        await pilot.until(lambda: toasts(app))
        assert toasts(app) == ["8 notices, the last: alpha: torch-dev:main waits for you — e lists them"]


async def test_what_this_screen_ended_it_is_not_told_of_besides():
    fleet = lab()
    async with running(fleet) as (app, pilot):
        await pilot.press("2")
        await pilot.until(lambda: "torch-dev" in text(app))
        await pilot.press("S")
        await pilot.until(lambda: "Stop torch-dev" in text(app))
        await pilot.press("y")
        await pilot.until(lambda: "torch-dev stopped" in toasts(app))
        ended = notice(1, "torch-dev ended: stopped", kind="container", subject="torch-dev")
        other = notice(2, "llama died: exited 1", kind="container", subject="llama")
        fleet.emit(Noticed((ended, other)))
        await pilot.until(lambda: "alpha: llama died: exited 1" in toasts(app))
        assert fleet.named("take_notices") == [("take_notices", "n1", "n2")]
        assert "alpha: torch-dev ended: stopped" not in toasts(app)


async def test_n_tells_when_it_ends_and_again_takes_it_back_and_when_a_task_ends():
    fleet = lab()
    async with running(fleet) as (app, pilot):
        await pilot.press("2")
        await pilot.until(lambda: "torch-dev" in text(app))
        await pilot.press("N")
        await pilot.until(lambda: fleet.watching)
        ((_, thing, host, _, label),) = fleet.named("begin_watch")
        assert (thing, host, label) == ("container", "alpha", "torch-dev")
        await pilot.until(lambda: "you will be told when torch-dev ends, as long as this screen is open" in toasts(app))
        await pilot.press("e")
        await pilot.until(lambda: "alpha: to be told when torch-dev ends" in text(app))
        await pilot.press("escape")
        await pilot.press("N")
        await pilot.until(lambda: not fleet.watching)
        await pilot.until(lambda: toasts(app)[-1] == "torch-dev: you are not told any more")
        fleet.emit(TasksChanged((Task("7", "mark", "pull_image", "pull torch:3", "alpha", NOW),)))
        await pilot.until(lambda: app.state.tasks)
        await pilot.press("b", "N")
        await pilot.until(lambda: len(fleet.named("begin_watch")) == 2)
        assert fleet.named("begin_watch")[-1] == ("begin_watch", "task", "alpha", "mark", "pull torch:3")
        fleet.emit(TasksChanged(()))
        fleet.emit(WaitsChanged((QueuedWait("1", WaitOrder("2", ("alpha",), "torch"), NOW),)))
        await pilot.until(lambda: "1st waiting" in text(app))
        await pilot.press("N")
        await pilot.until(lambda: len(fleet.named("begin_watch")) == 3)
        assert fleet.named("begin_watch")[-1] == ("begin_watch", "wait", "", f"1 {NOW:.3f}", "the wait for torch")


# what may end


def only(**chosen):
    shown = chosen.pop("snapshot", snapshot())
    (found,) = endings(Selection(shown, **chosen))
    return found


BUSY = session(command="python", container="torch-dev")


@pytest.mark.parametrize(
    ("chosen", "said", "missing"),
    [
        ({"container": container()}, "torch-dev ends", ""),
        ({"container": being(container(), "exited")}, "torch-dev ends", "torch-dev is exited"),
        ({"session": BUSY}, "torch-dev:main ends", ""),
        ({"session": session(command="bash")}, "tmux main ends", "nothing runs in it: its prompt waits"),
        ({"session": replace(BUSY, state=SessionState("waiting"))}, "torch-dev:main ends", "it waits for you now"),
        ({"gpu": gpu(3, user="bob", used=9)}, "GPU 3 is free", ""),
        ({"gpu": gpu(3)}, "GPU 3 is free", "GPU 3 is free"),
        ({"snapshot": snapshot(state=HostState.DOWN)}, "alpha is back", ""),
        ({"snapshot": snapshot(gpus=(gpu(0, user="bob", used=9),))}, "alpha has a GPU free", ""),
    ],
)
def test_what_may_end(chosen, said, missing):
    found = only(**chosen)
    assert (when(found), found.missing) == (said, missing)


def test_a_process_and_a_session_are_named_for_good():
    one = gpu(0, user="me", used=9)
    found = only(gpu=one, process=one.processes[0])
    assert (found.thing, found.key, found.label) == ("process", "100", "python (pid 100)")
    assert only(session=BUSY).key == session_key(BUSY)


# words


def test_a_terminal_is_told_by_its_own_words():
    assert osc9("alpha: x died", {}) == "\x1b]9;gpuws: alpha: x died\x07"
    assert osc777("a; b", {}) == "\x1b]777;notify;gpuws;a, b\x07"
    assert osc9("x\x1b]0;y\x07", {"TMUX": "/tmp/t"}) == "\x1bPtmux;\x1b\x1b]9;gpuws: x ]0;y\x07\x1b\\"


def test_the_journal_begins_with_what_was_told_and_adds_what_it_does_not_see():
    journal = Journal()
    journal.notices((notice(5), notice(6, kind="container")))
    journal.before((notice(1, "first", kind="container"), notice(2, "second", kind="host")))
    assert [event.text for event in journal.events] == ["first", "second", "torch-dev:main waits for you"]
    assert journal.written == 1
    assert len({event.number for event in journal.events}) == 3
