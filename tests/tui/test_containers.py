"""The table of the fleet's containers, a page of one, and its other name."""

from types import SimpleNamespace

from gpuws.tui.workspaces.meter import Meter
from gpuws.tui.workspaces.table import ContainersScreen
from tests.tui.driving import running, say, text, toasts


def screen_name(app):
    return type(app.screen).__name__


async def test_it_is_filtered_grouped_marked_over_hosts_and_acted_on_with_one_question(demo):
    async with running(demo) as (app, pilot):
        await pilot.press("c")
        await pilot.until(lambda: "14 containers" in text(app))
        assert isinstance(app.screen, ContainersScreen)
        assert app.screen.table.current.key.startswith("alpha/")  # the one that was selected
        await pilot.press("space", "G", "l")  # the marked one's log, wherever the cursor is by now
        await pilot.until(lambda: "log · torch-dev on alpha   $ ssh alpha" in text(app))
        await pilot.press("escape", "escape")
        await pilot.until(lambda: screen_name(app) == "ContainersScreen" and not app.screen.table.marked)
        await pilot.press("slash")
        await say(pilot, "nonsense=1")
        await pilot.until(lambda: "'nonsense' is not known" in text(app))
        await pilot.press("escape", "slash")
        await say(pilot, "mine running")
        await pilot.press("enter")
        await pilot.until(lambda: "shows 3" in text(app))
        assert "bravo" not in text(app)
        await pilot.press("G", "k", "S")  # foxtrot's own row means those that are shown
        await pilot.until(lambda: "Stop vllm on foxtrot?" in text(app) and app.screen.seen)
        await pilot.press("escape", "v")
        await pilot.until(lambda: "by person" in text(app))
        await pilot.press("g", "left")
        await pilot.until(lambda: "⏎ unfold" in text(app))
        await pilot.press("right")
        await pilot.press("g", "space", "space", "space", "space")  # the group itself is none
        await pilot.until(lambda: len(app.screen.table.marked) == 3)
        await pilot.press("S")
        await pilot.until(lambda: "Stop 3 containers on 2 hosts?" in text(app) and app.screen.seen)
        await pilot.press("y")
        await pilot.until(lambda: any("stopped 3 containers" in toast for toast in toasts(app)))
        await pilot.until(lambda: not app.screen.table.marked)
        await pilot.press("escape", "v", "v", "v")


async def test_prune_takes_only_what_is_mine_and_has_ended(demo):
    async with running(demo) as (app, pilot):
        await pilot.press("c", "P")
        await pilot.until(lambda: "Remove old-exp on alpha?" in text(app) and app.screen.seen)
        await pilot.press("y")
        await pilot.until(lambda: any("old-exp removed" in toast for toast in toasts(app)))
        await pilot.until(lambda: "13 containers" in text(app))
        assert "data-prep" in text(app)
        await pilot.press("P")
        await pilot.until(lambda: any("nothing to prune" in toast for toast in toasts(app)))


async def test_a_page_tells_all_of_one_and_its_json_is_a_key_away(demo):
    async with running(demo) as (app, pilot):
        await pilot.press("c", "enter")
        await pilot.until(lambda: "LAST EVENTS" in text(app) and "MOUNTS" in text(app))
        await pilot.until(lambda: "95G of 128G" in text(app))
        await pilot.press("G")
        await pilot.until(lambda: "HF_TOKEN=***" in text(app))
        await pilot.press("i")
        await pilot.until(lambda: screen_name(app) == "InspectScreen")
        await pilot.press("escape", "escape")
        assert screen_name(app) == "ContainersScreen"


async def test_another_name_is_asked_about_as_an_end_is(demo):
    async with running(demo) as (app, pilot):
        await pilot.press("colon")
        await say(pilot, "rename")
        await pilot.until(lambda: "Rename torch-dev" in text(app))
        await pilot.press("enter")
        await pilot.until(lambda: "Rename torch-dev on alpha" in text(app))
        await say(pilot, "vit/l")
        await pilot.press("enter")
        await pilot.until(lambda: "is no other name" in text(app))
        app.screen.query_one("#name").value = "vit-l"
        await pilot.press("enter")
        await pilot.until(lambda: screen_name(app) == "ConfirmScreen" and app.screen.seen)
        await pilot.press("y")
        await pilot.until(lambda: any("torch-dev is called vit-l now" in toast for toast in toasts(app)))
        await pilot.until(lambda: any(one.name == "vit-l" for one in app.state.hosts["alpha"].workspaces))


def test_an_engine_that_says_nothing_of_a_container_is_not_asked_again_at_once():
    """What comes is shown, and what is shown is asked for: without an end, where it stayed new."""
    asked = []
    fleet = SimpleNamespace(usage=lambda host, ids: asked.append(ids) or ())
    verbs = SimpleNamespace(run=lambda name, call, done, failed: done(call()))
    meter = Meter(SimpleNamespace(fleet=fleet, verbs=verbs), lambda: meter.read({"alpha": ("gone",)}))
    meter.read({"alpha": ("gone",)})
    meter.read({"alpha": ("gone", "new")})
    assert asked == [("gone",), ("gone", "new")]
