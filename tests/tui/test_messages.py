"""What is said at the bottom: never over the list, one for one act, and to be read again."""

from dataclasses import replace

import pytest

from gpuws.model.errors import GpuwsError
from gpuws.tui.messages import Messages, told
from gpuws.tui.outcome import Outcome
from gpuws.tui.selection import Selection
from gpuws.tui.toolkit.themes import DARK, LIGHT
from tests.factories import container
from tests.tui.drawing import unread
from tests.tui.driving import do, home, running, text, toasts
from tests.tui.lab import lab

DENIED, GONE = GpuwsError("permission denied", "ask its owner"), GpuwsError("no such container")


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (Outcome(("a", "b"), ()), "stopped 2 containers"),
        (Outcome(("a",), ()), "stopped a"),
        (Outcome((), (("a", GONE),)), "no such container"),
        (Outcome(("a", "b", "c"), (("x", GONE),)), "stopped 3 of 4; x: no such container"),
        (Outcome((), (("a", DENIED), ("b", GONE), ("c", DENIED))),
         "stopped 0 of 3; a, c: permission denied — ask its owner; b: no such container"),
    ],
)  # fmt: skip
def test_one_sentence_says_what_became_of_all(outcome, words):
    assert outcome.words("stopped", "containers") == words


async def test_one_act_on_several_is_one_message():
    fleet = lab()
    four = tuple(container(name) for name in ("a", "b", "c", "x"))
    fleet.put(replace(fleet.hosts["alpha"], workspaces=four))
    act = fleet.act
    asked = []

    def refusing(ref, action, **more):
        asked.append(ref.id)
        if ref == four[3].ref:
            raise DENIED
        return act(ref, action, **more)

    fleet.act = refusing
    async with running(fleet) as (app, pilot):
        do(app, "stop", Selection(fleet.hosts["alpha"], marked=four))
        await pilot.until(lambda: "Stop 4 containers on alpha?" in text(app))
        await pilot.press("y")
        words = "stopped 3 of 4; x: permission denied — ask its owner"
        await pilot.until(lambda: words in text(app) and "stop 4 containers …" not in text(app))
        assert toasts(app) == ["stop 4 containers …", words]
        assert sorted(asked) == sorted(one.ref.id for one in four)
        await pilot.press("6")
        await pilot.until(lambda: text(app).count(words) >= 2)  # in the panel of events, too


async def test_it_stands_over_the_keys_and_the_list_stays_whole(demo):
    async with running(demo, (80, 24)) as (app, pilot):
        keys = app.screen.query_one("#hints").region
        app.say("copied: docker stop jup")
        await pilot.until(lambda: app.screen.query(Messages))
        await pilot.until(lambda: "copied: docker stop jup" in text(app).split("\n")[-1])
        said = app.screen.query_one(Messages).region
        assert not said.overlaps(app.screen.list.region)
        app.warn("far away: " + "a long sentence about what is wrong there; " * 3)
        await pilot.until(lambda: app.screen.query_one(Messages).region.height == 3)
        await pilot.until(lambda: not app.screen.query_one(Messages).region.overlaps(app.screen.list.region))
        await pilot.click(Messages)
        await pilot.until(lambda: not app.screen.query(Messages))
        await pilot.until(lambda: app.screen.query_one("#hints").region == keys)


@pytest.mark.parametrize("theme", [DARK.name, LIGHT.name])
async def test_it_can_be_read(demo, theme):
    async with running(demo) as (app, pilot):
        app.theme = theme
        for severity in ("information", "warning", "error"):
            app.clear_notifications()
            app.tell(f"this is {severity}", severity, timeout=9)
            await pilot.until(lambda severity=severity: f"this is {severity}" in text(app))
            assert unread(app) == []


async def test_it_is_said_again_where_one_is_then(demo):
    async with running(demo) as (app, pilot):
        await pilot.press("f")
        app.say("a tunnel is open")
        await pilot.until(lambda: "a tunnel is open" in text(app))
        await pilot.press("escape")
        await pilot.until(lambda: app.screen is home(app) and "a tunnel is open" in text(app))


async def test_the_newest_takes_the_place_and_the_same_is_said_once(demo):
    async with running(demo) as (app, pilot):
        for _ in range(3):
            app.warn("nothing to copy here")
        await pilot.until(lambda: "nothing to copy here  ×3" in text(app))
        for notice in app._notifications:
            notice.raised_at -= 5
        app.say("copied: x")
        await pilot.until(lambda: len(app._notifications) == 4)
        assert told(app._notifications) == [("information", "copied: x")]
        texts = [event.text for event in app.state.journal.events]
        assert [text for text in texts if "cop" in text] == ["nothing to copy here", "copied: x"]
