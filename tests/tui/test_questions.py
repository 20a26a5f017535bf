"""Questions only a person can answer: one at a time, never stealing keys, never in the way of a terminal."""

import pytest

from gpuws.fleet.demo.fleet import DemoFleet
from gpuws.model.host.host import HostState
from gpuws.model.host.question import Answer, Question, said
from gpuws.tui.hosts import question as module
from tests.factories import snapshot
from tests.tui.driving import running, say, text
from tests.tui.lab import lab

KEY = Question("host-key", "bravo", "is this its key?", ("SHA256:abc",), id="q1", host="bravo")
PASSWORD = Question("password", "alice@bravo", "Password:", id="q2", host="bravo")
CODE = Question("prompt", "alice@bravo", "Code:", echo=True, id="q3", host="bravo")


def screen_name(app):
    return type(app.screen).__name__


async def shown(app, pilot):
    await pilot.until(lambda: screen_name(app) == "QuestionScreen" and app.screen.armed)


@pytest.mark.parametrize("key", ["n", "escape"])
async def test_a_host_key_is_refused_by_a_key(key):
    fleet = lab()
    async with running(fleet) as (app, pilot):
        fleet.ask(KEY)
        await shown(app, pilot)
        await pilot.press(key)
        assert ("answer", "q1", None) in fleet.calls


async def test_a_host_key_is_accepted():
    fleet = lab()
    async with running(fleet) as (app, pilot):
        fleet.ask(KEY)
        await shown(app, pilot)
        await pilot.click("#yes")
        await pilot.until(lambda: ("answer", "q1", Answer(accept=True)) in fleet.calls)


@pytest.mark.parametrize("key", ["y", "enter"])
async def test_one_key_accepts_a_host_key_whose_fingerprint_is_seen(key):
    fleet = lab()
    async with running(fleet) as (app, pilot):
        fleet.ask(KEY)
        await shown(app, pilot)
        assert "SHA256:abc" in text(app)
        await pilot.press(key)
        await pilot.until(lambda: ("answer", "q1", Answer(accept=True)) in fleet.calls)


async def test_a_server_that_plays_gpuws_is_seen_as_the_server():
    words = said("gpuws", *(f"row {row}" for row in range(99)), "Unlock key ~/.ssh/id_ed25519 — passphrase:")
    question = Question("prompt", "bravo", "The server a@b asks in its own words", server="a@b", said=words, id="q4")
    fleet = lab()
    async with running(fleet, size=(80, 24)) as (app, pilot):
        fleet.ask(question)
        await shown(app, pilot)
        rows = text(app).splitlines()
        top, bottom = (
            next(n for n, row in enumerate(rows) if mark in row) for mark in ("words of a@b", "answer to a@b")
        )
        inside = rows[top + 1 : bottom - 2]
        assert "Unlock key" in inside[-1]
        assert len(inside) == len(words)
        assert all(row.count("│") == 4 for row in inside)  # the dialog's edges, and the frame's
        assert any("Not now" in row for row in rows)


async def test_letters_and_arrows_belong_to_what_is_typed():
    fleet = lab()
    async with running(fleet) as (app, pilot):
        fleet.ask(PASSWORD)
        await shown(app, pilot)
        await say(pilot, "yn")
        await pilot.press("left", "enter")
        await pilot.until(lambda: ("answer", "q2", Answer(text="yn")) in fleet.calls)


async def test_questions_queue_and_secrets_stay_hidden():
    fleet = lab()
    async with running(fleet) as (app, pilot):
        fleet.ask(CODE, PASSWORD)  # the newest is shown first: its server waits longest still
        await shown(app, pilot)
        assert sum(type(screen).__name__ == "QuestionScreen" for screen in app.screen_stack) == 1
        await say(pilot, "hunter2")
        await pilot.pause()
        assert "hunter2" not in text(app)
        await pilot.press("enter")
        assert ("answer", "q2", Answer(text="hunter2")) in fleet.calls
        await pilot.until(lambda: screen_name(app) == "QuestionScreen" and app.screen.question is CODE)
        await shown(app, pilot)
        await say(pilot, "123456")
        await pilot.until(lambda: "123456" in text(app))
        await pilot.press("escape")
        assert ("answer", "q3", None) in fleet.calls


async def test_a_question_that_nobody_answers_ends(monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 0.5)
    fleet = lab()
    async with running(fleet) as (app, pilot):
        fleet.ask(CODE)
        await pilot.until(lambda: ("answer", "q3", None) in fleet.calls)
        assert screen_name(app) != "QuestionScreen"


async def test_keys_typed_for_what_was_there_before_are_dropped(monkeypatch):
    monkeypatch.setattr(module, "QUIET_SECONDS", 30.0)
    fleet = lab()
    async with running(fleet) as (app, pilot):
        fleet.ask(KEY)
        await pilot.until(lambda: screen_name(app) == "QuestionScreen")
        await pilot.press("enter", "escape", "y", "tab", "space")
        assert screen_name(app) == "QuestionScreen"
        assert not [call for call in fleet.calls if call[0] == "answer"]
        app.screen._arm()
        await pilot.press("escape")
        assert ("answer", "q1", None) in fleet.calls


async def test_a_question_answered_elsewhere_goes_away():
    fleet = lab()
    async with running(fleet) as (app, pilot):
        fleet.ask(KEY)
        await shown(app, pilot)
        fleet.ask()
        await pilot.until(lambda: screen_name(app) == "FleetScreen")
        assert not [call for call in fleet.calls if call[0] == "answer"]


async def test_a_question_over_another_dialog_leaves_it_as_it_was():
    fleet = lab()
    async with running(fleet) as (app, pilot):
        await pilot.press("S")
        await pilot.until(lambda: screen_name(app) == "ConfirmScreen")
        fleet.ask(KEY)
        await shown(app, pilot)
        fleet.ask()
        await pilot.until(lambda: screen_name(app) == "ConfirmScreen")


async def test_enter_on_a_host_that_asks_shows_its_question_again():
    fleet = lab()
    fleet.hosts = {"bravo": snapshot("bravo", state=HostState.ASKING)}
    async with running(fleet) as (app, pilot):
        fleet._questions = (KEY,)
        app.asker._waiting, app.asker._done = (KEY,), {"q1"}
        await pilot.press("enter")
        await shown(app, pilot)


async def test_enter_on_a_host_whose_question_was_declined_lets_it_ask_again():
    fleet = lab()
    fleet.hosts = {"bravo": snapshot("bravo", state=HostState.ASKING)}
    async with running(fleet) as (app, pilot):
        await pilot.press("enter")
        await pilot.until(lambda: fleet.named("reconnect") == [("reconnect", "bravo")])
        fleet.ask(KEY)
        await shown(app, pilot)


async def test_the_demo_asks_and_comes_up():
    fleet = DemoFleet(tick=0, question=True)
    try:
        async with running(fleet) as (app, pilot):
            await shown(app, pilot)
            assert "SHA256:" in text(app)
            await pilot.click("#yes")
            await pilot.until(lambda: app.state.hosts["hotel"].state is HostState.UP)
    finally:
        fleet.close()
