"""Typing behind `/`: what could stand there, what was typed before, what is wrong; no letter is taken for a key."""

from gpuws.tui.toolkit.filter_bar import FilterBar
from tests.tui.driving import running, say, text
from tests.tui.lab import lab

SIGNS = {"question_mark": "?", "colon": ":", "slash": "/", "less_than_sign": "<", "greater_than_sign": ">"}


async def opened(app, pilot):
    await pilot.press("slash")
    await pilot.until(lambda: app.screen.query(FilterBar))
    return app.screen.query_one(FilterBar)


async def test_tab_completes_by_what_is_there_and_goes_on_to_the_next():
    async with running(lab()) as (app, pilot):
        bar = await opened(app, pilot)
        await say(pilot, "us")
        await pilot.until(lambda: "tab  user=" in text(app))
        await pilot.press("tab")
        await pilot.until(lambda: bar.field.value == "user=")
        await say(pilot, "c")
        await pilot.press("tab")
        await pilot.until(lambda: bar.field.value == "user=carol")
        await pilot.until(lambda: app.screen.list.wanted == "user=carol" and "alice" not in text(app).split("\n", 4)[4])
        await say(pilot, " al")
        await pilot.press("tab")
        await pilot.until(lambda: bar.field.value == "user=carol alpha")
        await pilot.press("tab")
        await pilot.until(lambda: bar.field.value == "user=carol alice")
        await pilot.press("shift+tab")
        await pilot.until(lambda: bar.field.value == "user=carol alpha")
        await pilot.press("tab", "tab", "b")
        await pilot.until(lambda: bar.field.value == "user=carol alphab")


async def test_kept_filters_come_back_newest_first_and_what_was_begun_after_them():
    async with running(lab()) as (app, pilot):
        for words in ("f", "al", "f"):
            bar = await opened(app, pilot)
            bar.field.value = ""
            await say(pilot, words)
            await pilot.press("enter")
            await pilot.until(lambda: not app.screen.query(FilterBar))
            await pilot.press("escape")
        assert app.remembered.filters == ("f", "al")
        bar = await opened(app, pilot)
        await say(pilot, "bo")
        for key, shown in (("up", "f"), ("up", "al"), ("up", "al"), ("down", "f"), ("down", "bo")):
            await pilot.press(key)
            await pilot.until(lambda shown=shown: bar.field.value == shown)
            await pilot.until(lambda shown=shown: app.screen.list.wanted == shown)
        await pilot.press("down")
        await pilot.until(lambda: not app.screen.query(FilterBar) and app.screen.list.has_focus)
        assert app.screen.list.wanted == "bo"
        assert app.remembered.filters == ("bo", "f", "al")


async def test_what_is_wrong_is_said_while_it_is_typed_and_is_not_kept():
    async with running(lab(), size=(80, 24)) as (app, pilot):
        bar = await opened(app, pilot)
        await say(pilot, "fre>40g")
        await pilot.until(lambda: "did you mean free?" in text(app))
        await pilot.press("enter")
        await pilot.pause()
        assert app.screen.query(FilterBar)
        assert app.remembered.filters == ()
        for _ in range(4):
            await pilot.press("backspace")
        await say(pilot, "e>40g")
        await pilot.until(lambda: not bar.complaint and "did you mean" not in text(app))


async def test_every_letter_and_sign_that_is_a_key_elsewhere_is_typed():
    async with running(lab()) as (app, pilot):
        keys = [key for key in app.screen.active_bindings if key in SIGNS or (len(key) == 1 and key.isalnum())]
        assert {"n", "S", "D", "q", "question_mark", "colon"} <= set(keys)
        bar = await opened(app, pilot)
        await pilot.press(*keys)
        typed = "".join(SIGNS.get(key, key) for key in keys)
        await pilot.until(lambda: bar.field.value == typed)


async def test_words_of_other_lists_are_any_words():
    async with running(lab()) as (app, pilot):
        await pilot.press("2", "slash")
        await pilot.until(lambda: app.screen.query(FilterBar))
        await say(pilot, "user=")
        await pilot.press("up", "enter")
        await pilot.until(lambda: not app.screen.query(FilterBar))
        assert app.remembered.filters == ()
        assert app.screen.panel.table.wanted == "user="
