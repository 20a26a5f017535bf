"""A container beside its profile, and made again."""

from dataclasses import replace

from gpuws.model.errors import GpuwsError
from gpuws.model.profile.captured import Difference
from tests.factories import container
from tests.tui.driving import running, text, toasts
from tests.tui.lab import lab
from tests.tui.test_launch import screen_name


def profiled():
    fleet = lab()
    alpha = fleet.hosts["alpha"]
    mine = container(profile="torch")
    fleet.hosts["alpha"] = replace(alpha, workspaces=(mine, *alpha.workspaces[1:]))
    return fleet


async def chosen(app, pilot, verb):
    """From the list of all actions."""
    await pilot.press("x")
    await pilot.until(lambda: screen_name(app) == "ActionScreen")
    app.screen.rows.select(verb)
    await pilot.press("enter")


async def test_what_differs_is_shown_and_recreate_is_a_key_away():
    fleet = profiled()
    fleet.inspected["drift"] = (Difference("mem_limit", "64g", "32g"), Difference("ports", None, "8888"))
    async with running(fleet) as (app, pilot):
        await chosen(app, pilot, "drift")
        await pilot.until(lambda: "mem_limit" in text(app))
        line = next(line for line in text(app).splitlines() if "mem_limit" in line)
        assert "64g" in line
        assert "32g" in line
        assert "not there" in text(app)
        await pilot.press("R")
        await pilot.until(lambda: "Recreate torch-dev on alpha?" in text(app))
        assert "files written inside it" in text(app)
        await pilot.press("y", "enter")
        await pilot.until(lambda: any("a enters it" in toast for toast in toasts(app)))
        assert app.fresh.door.place.workspace == "newer-id"


async def test_nothing_differs():
    async with running(profiled()) as (app, pilot):
        await chosen(app, pilot, "drift")
        await pilot.until(lambda: "torch-dev is as its profile says" in text(app))


async def test_a_container_without_a_profile_has_nothing_to_be_compared_with():
    fleet = lab()
    async with running(fleet) as (app, pilot):
        await pilot.press("x")
        await pilot.until(lambda: screen_name(app) == "ActionScreen")
        assert "gpuws recreate alpha/torch-dev" in text(app)
        app.screen.rows.select("drift")
        await pilot.press("enter")
        await pilot.until(lambda: any("was not made from a profile" in toast for toast in toasts(app)))
        assert not fleet.named("drift")


async def test_one_that_is_not_mine_takes_its_name():
    fleet = profiled()
    async with running(fleet) as (app, pilot):
        await pilot.press("j")
        await pilot.until(lambda: home_selection(app) == "jup")
        await chosen(app, pilot, "recreate")
        await pilot.until(lambda: "Recreate jup on alpha?" in text(app))
        await pilot.press("y")
        assert screen_name(app) == "ConfirmScreen"
        assert not fleet.named("recreate")


def home_selection(app):
    gpu = app.screen.selection().gpu
    return gpu.held_by[0].name if gpu and gpu.held_by else ""


async def test_a_recreate_that_fails_says_so():
    fleet = profiled()
    fleet.fail["recreate"] = GpuwsError("it did not start; the old one is back", "see its log")
    async with running(fleet) as (app, pilot):
        await chosen(app, pilot, "recreate")
        await pilot.until(lambda: screen_name(app) == "ConfirmScreen")
        await pilot.press("y", "enter")
        await pilot.until(lambda: any("the old one is back — see its log" in toast for toast in toasts(app)))
