"""A container as a profile of mine, and another like it on another host, from the list of actions."""

import pytest

from gpuws.model.errors import UsageError
from gpuws.model.profile.profile import GpuWish
from gpuws.model.workspace.storage import Mount
from gpuws.model.workspace.workspace import Ref
from tests.tui.driving import running, say, text, toasts
from tests.tui.lab import lab
from tests.tui.test_launch import screen_name

TORCH = Ref("alpha", "torch-dev-id")


async def chosen(app, pilot, words):
    """⏎ on the action that says so."""
    await pilot.press("x")
    await pilot.until(lambda: screen_name(app) == "ActionScreen")
    context = app.screen._about
    verb = next(command.id for command in app.screen._offered if words in command.title(context))
    app.screen.rows.select(verb)
    await pilot.pause()
    await pilot.press("enter")


@pytest.mark.parametrize("size", [(80, 24), (160, 45)])
async def test_it_is_shown_and_kept_under_a_name(size):
    fleet = lab()
    fleet.inspected["captured"] = "image: t\nshm_size: 8g\n" + "".join(f"# line {n}\n" for n in range(60))
    fleet.fail["save_captured"] = UsageError("you have a profile torch-dev already", "choose another name")
    async with running(fleet, size) as (app, pilot):
        await chosen(app, pilot, "Capture torch-dev as a profile")
        await pilot.until(lambda: "shm_size: 8g" in text(app))
        assert "Save" in text(app)
        await pilot.press("pagedown")
        await pilot.until(lambda: "shm_size: 8g" not in text(app) and "# line" in text(app))
        await pilot.press("enter")
        await pilot.until(lambda: "already — choose another name" in text(app))
        fleet.fail.clear()
        await say(pilot, "-2")
        await pilot.press("ctrl+s")
        await pilot.until(lambda: any("profiles/torch-dev-2.yaml" in toast for toast in toasts(app)))
        await pilot.until(lambda: screen_name(app) == "FleetScreen")
        assert fleet.named("save_captured") == [("save_captured", TORCH, name) for name in ("torch-dev", "torch-dev-2")]


async def test_why_it_can_not_be_captured_is_said():
    fleet = lab()
    fleet.fail["capture"] = UsageError("that container is gone from alpha", "")
    async with running(fleet) as (app, pilot):
        await chosen(app, pilot, "Capture torch-dev as a profile")
        await pilot.until(lambda: "gone from alpha" in text(app))


async def test_a_clone_is_checked_and_launched_like_anything():
    fleet = lab()
    async with running(fleet) as (app, pilot):
        await chosen(app, pilot, "Clone torch-dev to another host")
        await pilot.until(lambda: "✓ ready" in text(app))
        assert screen_name(app) == "CloneScreen"
        assert "alpha/torch-dev" in text(app)
        app.screen.form.choose_host("bravo")
        app.screen.query_one("#name").value = "twin"
        app.screen.query_one("#gpus").value = "1"
        wanted = ("plan_clone", TORCH, "bravo", GpuWish(count=1), "twin")
        await pilot.until(
            lambda: wanted in [(*call[:3], call[3].gpus, call[3].name) for call in fleet.named("plan_clone")]
        )
        await pilot.until(lambda: "--name twin" in text(app) and app.screen.may_launch)
        await pilot.press("ctrl+o")
        await pilot.until(lambda: any("has no profile's file" in toast for toast in toasts(app)))
        await pilot.press("ctrl+l")
        await pilot.until(lambda: fleet.named("launch") == [("launch", "bravo", "twin")])


async def test_a_clone_brings_its_named_volumes_when_it_is_asked_to():
    fleet = lab()
    fleet.inspected["mounts"] = (Mount("volume", "cache", "/cache"), Mount("bind", "/home/alice/work", "/workspace"))
    async with running(fleet) as (app, pilot):
        await chosen(app, pilot, "Clone torch-dev to another host")
        await pilot.until(lambda: "✓ ready" in text(app))
        await pilot.press("ctrl+b")
        await pilot.until(lambda: fleet.named("plan_clone")[-1][3].data == ("/cache",))
        await pilot.press("ctrl+b")
        await pilot.until(lambda: fleet.named("plan_clone")[-1][3].data == ())
        assert fleet.named("mounts") == [("mounts", TORCH)]


async def test_the_demo_keeps_what_it_captured(demo):
    async with running(demo) as (app, pilot):
        await chosen(app, pilot, "as a profile")
        await pilot.until(lambda: "captured from" in text(app))
        await pilot.press("enter")
        await pilot.until(lambda: any("the demo's profile" in toast for toast in toasts(app)))
        assert any(profile.description.startswith("captured from") for profile in demo.profiles())
