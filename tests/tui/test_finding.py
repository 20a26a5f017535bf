"""The palette and the keys' screen: what is found by a few letters, what it says, and what it does."""

from dataclasses import replace

import pytest

from gpuws.present.glyphs import COLOURS, GLYPHS
from gpuws.present.line import text_of
from gpuws.tui.palette.entries import Entry, found
from tests.tui.driving import running, say, text, toasts
from tests.tui.lab import lab


def told(app):
    """The rows of the dialog on top, each as its cells."""
    return {row.key: [text_of(cell) for cell in row.cells] for row in app.screen.rows.rows}


async def opened(app, pilot, key, screen):
    await pilot.press(key)
    await pilot.until(lambda: type(app.screen).__name__ == screen)


async def test_the_keys_begin_with_this_screen_and_end_with_signs_and_colours():
    async with running(lab()) as (app, pilot):
        await opened(app, pilot, "question_mark", "HelpScreen")
        titles = [key.removeprefix("title ") for key in told(app) if key.startswith("title ")]
        assert titles[:4] == ["this screen", "what is selected", "moving", "everywhere"]
        assert titles[-1] == "colours"
        assert {f"sign {glyph.signs}" for glyph in GLYPHS} <= set(told(app))
        assert {f"colour {colour.role}" for colour in COLOURS} <= set(told(app))
        await say(pilot, "unmark back")
        await pilot.until(lambda: list(told(app)) == ["title this screen", "back"])
        await pilot.press("ctrl+u")
        await say(pilot, "signs idle")
        await pilot.until(lambda: "idle: it holds a GPU" in text(app) and "back" not in told(app))


async def test_the_keys_of_another_screen_are_those_of_that_screen():
    async with running(lab()) as (app, pilot):
        await pilot.press("j", "enter")
        await pilot.until(lambda: type(app.screen).__name__ == "GpuScreen")
        await opened(app, pilot, "question_mark", "HelpScreen")
        assert "gpu-next" in told(app)
        assert "view" not in told(app)


async def test_enter_presses_the_key_that_was_found():
    async with running(lab()) as (app, pilot):
        await opened(app, pilot, "question_mark", "HelpScreen")
        await say(pilot, "who holds how")
        await pilot.until(lambda: app.screen.rows.current.key == "people")
        await pilot.press("enter")
        await pilot.until(lambda: type(app.screen).__name__ == "PeopleScreen")


async def test_the_palette_shows_keys_by_feature_and_what_was_taken_last_first():
    async with running(lab()) as (app, pilot):
        await opened(app, pilot, "colon", "PaletteScreen")
        rows = list(told(app).values())
        assert next(row for row in rows if row[1] == "Stop torch-dev")[2] == "S"
        groups = [row[0] for row in rows if row[0]]
        assert groups[0] == "sessions"
        assert len(set(groups)) == len(groups)
        await say(pilot, "who holds")
        await pilot.press("enter")
        await pilot.until(lambda: type(app.screen).__name__ == "PeopleScreen")
        assert app.remembered.recent == ("people",)
        await pilot.press("escape")
        await opened(app, pilot, "colon", "PaletteScreen")
        assert next(iter(told(app).values()))[:3] == [
            "recent",
            "Who holds how much of the fleet, and what of it is idle",
            "w",
        ]


async def test_the_palette_dims_what_can_not_be_done_and_says_why():
    fleet = lab()
    fleet.put(replace(fleet.hosts["alpha"], readonly=True))
    async with running(fleet) as (app, pilot):
        await opened(app, pilot, "colon", "PaletteScreen")
        await say(pilot, "stop torch-dev")
        await pilot.until(lambda: app.screen.rows.current.cells[1][-1].text == " — alpha is read-only")
        assert app.screen.rows.current.cells[2][0].role == "faint"
        await pilot.press("enter")
        await pilot.until(lambda: "alpha is read-only" in toasts(app))
        assert type(app.screen).__name__ == "PaletteScreen"


@pytest.mark.parametrize("words", ["gpuws doctor", "doctor: what"])
async def test_a_command_is_found_by_its_plain_command_too(words):
    async with running(lab()) as (app, pilot):
        await opened(app, pilot, "colon", "PaletteScreen")
        await say(pilot, words)
        await pilot.until(lambda: "what is missing or risky on all hosts" in text(app))


def test_the_nearest_comes_first_and_what_only_has_the_letters_somewhere_not_at_all():
    def entry(name, text, shell=""):
        return Entry(name, "group", text, lambda: None, shell=shell)

    offers = [
        entry("logs", "Log of torch-dev", "docker logs torch-dev"),
        entry("check", "Doctor: what is missing"),
        entry("doctor", "Check up on alpha"),
        entry("people", "Who holds how much"),
        entry("far", "The old one of everything called so"),
    ]
    assert [each.id for each in found(offers, "doc")[1]] == ["check", "doctor", "logs"]
    assert [each.id for each in found(offers, "wh")[1]] == ["people", "check"]
