"""Ending processes: what is asked, which signal is sent, what comes next."""

from dataclasses import replace

import pytest

from gpuws.model.consent.facts import process_name
from gpuws.model.errors import Refused
from gpuws.tui.processes.signal_screen import SignalScreen
from gpuws.tui.processes.signals import ask, kill_command, next_rung
from tests.factories import NOW, container, gpu, snapshot
from tests.tui.driving import running, say, text, toasts
from tests.tui.lab import StubFleet


def held(*, mine=True, user="alice", utilization=90.0, **process):
    """A host with one held GPU."""
    one = gpu(0, user=user, name="train.py", used=70, mine=mine, utilization=utilization)
    each = replace(one.processes[0], utilization=utilization, **process)
    return snapshot(gpus=(replace(one, processes=(each,)), gpu(1)), workspaces=(container(),))


async def asked(app, pilot, *keys):
    await pilot.press("p", *keys, "K")
    await pilot.until(lambda: isinstance(app.screen, SignalScreen))


def test_the_ladder():
    assert [next_rung(sent) for sent in (None, "INT", "TERM", "KILL")] == ["INT", "TERM", "KILL", "KILL"]


def test_the_command_as_typed_by_hand():
    alpha = held()
    process = alpha.gpus[0].processes[0]
    assert kill_command(alpha, process, "INT") == "ssh alpha 'kill -INT 100'"
    inside = replace(process, container="torch-dev", container_id="torch-dev-id", inner_pid=7)
    assert kill_command(alpha, inside, "KILL") == "ssh alpha 'docker exec -u 0 torch-dev kill -KILL 7'"
    assert kill_command(snapshot("local"), process, "TERM") == "kill -TERM 100"


def test_a_name_that_cannot_be_typed_is_its_pid():
    process = held().gpus[0].processes[0]
    assert process_name(process) == "train.py"
    assert process_name(replace(process, command="訓練")) == process_name(replace(process, command=None)) == "100"


def test_what_is_asked():
    alpha = held()
    mine = ask(alpha.gpus[0].processes, alpha, NOW, "INT")
    assert (mine.word, mine.busy) == (None, True)
    assert mine.lines[0] == "your process, running for 1h00, 70G of GPU 0, at 90%."
    bobs = held(mine=False, user="bob", utilization=0.0)
    foreign = ask(bobs.gpus[0].processes, bobs, NOW, "INT")
    assert (foreign.word, foreign.busy) == ("train.py", False)
    assert "bob's process" in foreign.lines[0]


async def test_mine_is_asked_and_cancel_has_the_focus():
    fleet = StubFleet(held())
    async with running(fleet) as (app, pilot):
        await asked(app, pilot)
        assert app.focused.id == "cancel"
        assert "at 90%" in text(app)
        assert "kill -INT 100" in text(app)
        await pilot.press("enter")
        await pilot.until(lambda: app.screen.id == "home")
        assert not fleet.named("signal")
        await pilot.press("K", "y")
        await pilot.until(lambda: fleet.named("signal") == [("signal", "alpha", 100, "INT")])
        await pilot.until(lambda: any("if it stays, K offers TERM" in toast for toast in toasts(app)))


async def test_what_stays_is_offered_the_next_rung():
    fleet = StubFleet(held())
    async with running(fleet) as (app, pilot):
        for signal in ("INT", "TERM", "KILL", "KILL"):
            await asked(app, pilot)
            assert f"kill -{signal} 100" in text(app)
            assert ("it is still there" in text(app)) == bool(fleet.named("signal"))
            sent = len(fleet.named("signal"))
            await pilot.press("y")
            await pilot.until(lambda sent=sent: len(fleet.named("signal")) == sent + 1)
            await pilot.until(lambda: app.screen.id == "home")
        assert [call[3] for call in fleet.named("signal")] == ["INT", "TERM", "KILL", "KILL"]


async def test_any_rung_can_be_taken_and_shows_its_command():
    fleet = StubFleet(held())
    async with running(fleet) as (app, pilot):
        await asked(app, pilot)
        await pilot.press("left")
        assert app.focused.id == "KILL"
        assert "kill -KILL 100" in text(app)
        assert "nothing is saved" in text(app)
        await pilot.press("enter")
        await pilot.until(lambda: fleet.named("signal") == [("signal", "alpha", 100, "KILL")])


async def test_what_is_not_mine_wants_its_name():
    fleet = StubFleet(held(mine=False, user="bob"))
    async with running(fleet) as (app, pilot):
        await pilot.press("g")
        await asked(app, pilot)
        await pilot.press("y")
        assert isinstance(app.screen, SignalScreen)
        assert all(app.screen.query_one(f"#{signal}").disabled for signal in ("INT", "TERM", "KILL"))
        await pilot.press("backspace")
        await say(pilot, "train.py")
        await pilot.press("enter")
        await pilot.until(lambda: fleet.named("signal") == [("signal", "alpha", 100, "INT")])


async def test_it_is_said_when_it_has_ended():
    alpha = held()
    fleet = StubFleet(alpha)
    async with running(fleet) as (app, pilot):
        await asked(app, pilot)
        await pilot.press("y")
        await pilot.until(lambda: any("INT sent" in toast for toast in toasts(app)))
        fleet.put(replace(alpha, gpus=(gpu(0), gpu(1))))
        await pilot.until(lambda: any("train.py (100) on alpha has ended" in toast for toast in toasts(app)))


async def test_marked_processes_are_ended_together_and_counted():
    alpha = snapshot(gpus=(gpu(0, user="alice", used=9, mine=True), gpu(1, user="bob", used=9)))
    fleet = StubFleet(alpha)
    async with running(fleet) as (app, pilot):
        await pilot.press("g")
        await asked(app, pilot, "space", "space")
        assert "End 2 processes on alpha?" in text(app)
        assert "Not all of these are yours" in text(app)
        await say(pilot, "train.py")
        await pilot.press("enter")
        await pilot.until(lambda: len(fleet.named("signal")) == 2)


async def test_a_refusal_is_said():
    fleet = StubFleet(held())
    fleet.fail["signal"] = Refused("100 is another process by now")
    async with running(fleet) as (app, pilot):
        await asked(app, pilot)
        await pilot.press("y")
        await pilot.until(lambda: any("another process by now" in toast for toast in toasts(app)))


@pytest.mark.parametrize(("key", "said"), [("K", "read-only"), ("S", "panel 2"), ("D", "panel 2")])
async def test_what_cannot_be_done_is_said(key, said):
    fleet = StubFleet(replace(held(), readonly=True))
    async with running(fleet) as (app, pilot):
        await pilot.press("p", key)
        await pilot.until(lambda: any(said in toast for toast in toasts(app)))
        assert not fleet.named("signal")


async def test_on_a_gpu_without_container_the_way_to_its_processes_is_said():
    async with running(StubFleet(held())) as (app, pilot):
        await pilot.press("K")
        await pilot.until(lambda: any("p shows the processes, K ends one there" in toast for toast in toasts(app)))


async def test_no_key_hits_what_took_the_place_of_what_has_ended():
    """K y, K y at two in the morning: the second one must not meet another process, nor the container."""
    one = gpu(0, user="alice", name="torch-dev", kind="container", used=9, mine=True)
    first, second = one.processes[0], replace(one.processes[0], pid=101)
    alpha = snapshot(gpus=(replace(one, processes=(first, second)),), workspaces=(container(),))
    fleet = StubFleet(alpha)
    async with running(fleet) as (app, pilot):
        await asked(app, pilot)
        await pilot.press("y")
        await pilot.until(lambda: fleet.named("signal"))
        fleet.put(replace(alpha, gpus=(replace(one, processes=(second,)),)))
        await pilot.until(lambda: len(app.screen.panel.table.rows) == 1)
        await pilot.press("K")
        await pilot.until(lambda: any("look again" in toast for toast in toasts(app)))
        assert app.screen.id == "home"
        fleet.put(replace(alpha, gpus=(replace(one, processes=()),)))
        await pilot.until(lambda: not app.screen.panel.table.rows)
        await pilot.press("K")
        await pilot.until(lambda: any("nothing in this panel" in toast for toast in toasts(app)))
        assert not fleet.named("act")
