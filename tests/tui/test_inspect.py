"""Inspect shows what the engine knows, and a secret only after asking."""

from tests.tui.driving import running, text
from tests.tui.lab import lab

TOLD = {"Config": {"Env": ["HF_TOKEN=abc", "OTHER_KEY=def", "PATH=/bin"]}, "Name": "/torch-dev"}


async def test_a_secret_is_shown_after_asking_and_the_others_are_not():
    fleet = lab()
    fleet.inspect = lambda ref: TOLD
    async with running(fleet) as (app, pilot):
        await pilot.press("i", "i")
        await pilot.until(lambda: "HF_TOKEN=***" in text(app))
        assert "PATH=/bin" in text(app)
        assert "2 secrets hidden" in text(app)
        await pilot.press("v")
        await pilot.until(lambda: "Show the value of" in text(app))
        await pilot.press("enter")
        await pilot.until(lambda: "Show HF_TOKEN on this screen?" in text(app))
        assert "abc" not in text(app)
        await pilot.press("right", "enter")
        await pilot.until(lambda: "HF_TOKEN=abc" in text(app))
        assert "OTHER_KEY=***" in text(app)
        assert "def" not in text(app)
        await pilot.press("escape")
