"""Where one can jump to, as the hosts change."""

from dataclasses import replace

from gpuws.tui.jump.jumps import Jumps
from gpuws.tui.jump.screen import JumpScreen
from tests.factories import container, session, snapshot
from tests.tui.driving import running, text
from tests.tui.lab import StubFleet


def test_only_what_changed_is_worked_out_anew():
    jumps = Jumps()
    still = snapshot("bravo", workspaces=(container("net", host="bravo"),))
    before = jumps.among([snapshot("alpha"), still])
    after = jumps.among([snapshot("alpha", sessions=(session("train"),)), still])
    assert [jump.text for jump in after] == ["alpha:train", "alpha", "bravo/net", "bravo"]
    assert [jump for jump in before if jump.door.place.host == "bravo"] == after[2:]
    assert all(any(jump is one for one in before) for jump in after[2:])


def test_what_is_gone_is_not_kept():
    jumps = Jumps()
    assert [jump.text for jump in jumps.among([snapshot("alpha"), snapshot("bravo")])] == ["alpha", "bravo"]
    assert [
        jump.text for jump in jumps.among([replace(snapshot("alpha"), state="unreachable"), snapshot("bravo")])
    ] == ["bravo"]


def test_what_was_entered_says_how_long_ago():
    found = Jumps().among([snapshot("alpha", sessions=(session("train"),))], ["alpha", "alpha:train"])
    assert {jump.text: jump.entered for jump in found} == {"alpha:train": 1, "alpha": 0}


async def test_news_that_comes_before_its_parts_harms_nothing():
    async with running(StubFleet(snapshot("alpha", sessions=(session("train"),)))) as (app, pilot):
        app.push_screen(JumpScreen())
        app._paint()
        await pilot.until(lambda: "alpha:train" in text(app))
