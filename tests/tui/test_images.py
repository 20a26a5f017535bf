"""Images of a host from the screen: sizes, pull on several hosts, newer?, remove, prune."""

from dataclasses import replace

import pytest

from gpuws.model.build.want import BuildWant
from gpuws.model.errors import Cancelled, GpuwsError
from gpuws.model.placement.plan import Check, Progress
from gpuws.model.workspace.image import Image, LayerProgress
from tests.factories import GIB
from tests.tui.driving import running, say, text, toasts
from tests.tui.lab import lab
from tests.tui.test_launch import screen_name

TORCH = Image("alpha", "sha256:aaaa11112222", ("torch:2.8", "torch:new"), size=9 * GIB, used_by=("torch-dev",))
BOBS = Image("alpha", "sha256:bbbb11112222", ("jup:1",), size=2 * GIB, used_by=("jup",))
LOOSE = Image("alpha", "sha256:cccc11112222", size=3 * GIB)


def going(fleet):
    return [task for task in fleet.tasks() if task.running]


def called(fleet):
    """Builds, by host."""
    return {words[1]: words[2] for words in fleet.calls if words[0] == "build_image"}


def stocked():
    fleet = lab()
    fleet.inspected["images"] = (BOBS, LOOSE, TORCH)
    return fleet


async def listed(app, pilot):
    await pilot.press("I")
    await pilot.until(lambda: screen_name(app) == "ImageScreen" and "torch:2.8" in text(app))


async def on(app, pilot, image):
    """Put the cursor on it."""
    app.screen.rows.select(image.id)
    await pilot.pause()


@pytest.mark.parametrize("size", [(80, 24), (160, 45)])
async def test_the_largest_comes_first_with_who_uses_it(size):
    fleet = stocked()
    async with running(fleet, size) as (app, pilot):
        await listed(app, pilot)
        shown = [line for line in text(app).splitlines() if "│" in line and "G " in line]
        assert [next(w for w in ("torch:2.8", "cccc11112222", "jup:1") if w in line) for line in shown] == [
            "torch:2.8", "cccc11112222", "jup:1",
        ]  # fmt: skip
        assert "torch-dev" in shown[0]
        assert "14G with shared layers" in text(app)


async def test_whether_a_newer_one_exists_is_asked_on_demand():
    fleet = stocked()
    async with running(fleet) as (app, pilot):
        await listed(app, pilot)
        assert not fleet.named("newer_image")
        await on(app, pilot, TORCH)
        await pilot.press("u")
        await pilot.until(lambda: "has a newer one" in text(app))
        assert fleet.named("newer_image") == [("newer_image", "alpha", "torch:2.8")]
        await on(app, pilot, LOOSE)
        await pilot.press("u")
        await pilot.until(lambda: any("no name leads" in toast for toast in toasts(app)))


async def test_one_that_only_mine_use_is_removed_after_a_yes():
    fleet = stocked()
    async with running(fleet) as (app, pilot):
        await listed(app, pilot)
        await on(app, pilot, TORCH)
        await pilot.press("D")
        await pilot.until(lambda: screen_name(app) == "ConfirmScreen")
        assert "Remove torch:2.8 from alpha?" in text(app)
        assert "docker rmi torch:2.8" in text(app)
        assert "stays under them: torch:new" in text(app)
        await pilot.press("y")
        await pilot.until(lambda: fleet.named("remove_image") == [("remove_image", "alpha", "torch:2.8", False)])
        await pilot.until(lambda: len(fleet.named("images")) == 2)


async def test_one_that_others_use_takes_its_name():
    fleet = stocked()
    async with running(fleet) as (app, pilot):
        await listed(app, pilot)
        await on(app, pilot, BOBS)
        await pilot.press("D")
        await pilot.until(lambda: screen_name(app) == "ConfirmScreen")
        await pilot.press("y", "enter")
        assert not fleet.named("remove_image")
        for _ in range(2):
            await pilot.press("backspace")
        await say(pilot, "jup:1")
        await pilot.press("enter")
        await pilot.until(lambda: fleet.named("remove_image"))


async def test_prune_says_what_goes_and_what_it_freed():
    fleet = stocked()
    async with running(fleet) as (app, pilot):
        await listed(app, pilot)
        await pilot.press("P")
        await pilot.until(lambda: "Prune images on alpha?" in text(app))
        assert "1 image to which no name leads" in text(app)
        await pilot.press("y")
        await pilot.until(lambda: any("3.0G freed" in toast for toast in toasts(app)))
        fleet.inspected["images"] = (TORCH,)
        await pilot.press("ctrl+r")
        await pilot.until(lambda: "cccc11112222" not in text(app))
        await pilot.press("P")
        await pilot.until(lambda: any("nothing to prune" in toast for toast in toasts(app)))


async def test_a_pull_on_two_hosts_is_two_tasks_with_their_layers():
    fleet = stocked()
    fleet.blocked = {"pull_image"}
    layers = (
        LayerProgress("aaaaaaaaaaaa", "done", 5, 5),
        LayerProgress("bbbbbbbbbbbb", "downloading", GIB, 2 * GIB),
        LayerProgress("cccccccccccc"),
    )
    fleet.inspected["steps"] = (Progress("pulling", "torch:3: 1 of 3 layers", 0.4, layers),)
    async with running(fleet) as (app, pilot):
        await listed(app, pilot)
        await on(app, pilot, LOOSE)
        await pilot.press("p")
        await pilot.until(lambda: screen_name(app) == "PullScreen")
        await pilot.press("enter")
        await pilot.until(lambda: "which image?" in text(app))
        await say(pilot, "torch:3")
        app.screen.query_one("#hosts").value = "alpha nowhere"
        await pilot.press("enter")
        await pilot.until(lambda: "no host 'nowhere'" in text(app))
        app.screen.query_one("#hosts").value = "all"
        await pilot.until(lambda: "docker pull torch:3   on alpha, bravo" in text(app))
        await pilot.press("enter")
        await pilot.until(lambda: len(going(fleet)) == 2)
        await pilot.press("escape", "b")
        await pilot.until(lambda: screen_name(app) == "TaskScreen")
        await pilot.until(lambda: text(app).count("layer bbbbbbbbbbbb") == 2)
        assert "downloading 1.0G of 2.0G" in text(app)
        assert "waiting" in text(app)
        assert "aaaaaaaaaaaa" not in text(app)  # done
        await pilot.press("j", "D")  # on a layer: its task is meant
        await pilot.until(lambda: "Cancel pull torch:3 on alpha?" in text(app))
        await pilot.until(lambda: app.screen.seen)
        await pilot.press("y")
        await pilot.until(lambda: [task.cancelling for task in going(fleet)] == [True, False])
        assert "40% 1 of 3 layers" in text(app)
        fleet.close()
        await pilot.until(lambda: any("torch:3 is on bravo" in toast for toast in toasts(app)))


async def test_a_pull_is_seen_at_the_top_and_says_what_stays_when_it_is_cancelled():
    fleet = stocked()
    fleet.blocked = {"pull_image"}
    fleet.fail["pull_image"] = Cancelled("cancelled: alpha keeps what came of it")
    fleet.inspected["steps"] = (Progress("pulling", "reg:5000/team/torch:3: 1 of 3 layers", 0.4),)
    async with running(fleet, (80, 24)) as (app, pilot):
        await listed(app, pilot)
        await on(app, pilot, LOOSE)
        await pilot.press("p")
        await pilot.until(lambda: screen_name(app) == "PullScreen")
        await say(pilot, "reg:5000/team/torch:3")
        await pilot.press("enter")
        await pilot.until(lambda: len(going(fleet)) == 1)
        await pilot.press("escape")
        await pilot.until(lambda: "pull torch:3 " in text(app).splitlines()[0] and "▕██" in text(app).splitlines()[0])
        await pilot.press("b")
        await pilot.until(lambda: "40% pulling 1 of 3 layers" in text(app))
        await pilot.press("D")
        await pilot.until(lambda: screen_name(app) == "ConfirmScreen" and app.screen.seen)
        await pilot.press("y")
        await pilot.until(lambda: "cancelling" in text(app) and screen_name(app) == "TaskScreen")
        fleet.block.set()
        wanted = "pull on alpha: torch:3: cancelled: alpha keeps what came of it"
        await pilot.until(lambda: wanted in toasts(app))


async def test_a_build_shows_what_was_found_and_begins_with_the_second_enter(tmp_path):
    fleet = stocked()
    fleet.inspected["checks"] = (Check("secrets", "warn", "line 3: ENV HF_TOKEN: in docker history", "leave it out"),)
    async with running(fleet, (80, 24)) as (app, pilot):
        await listed(app, pilot)
        await pilot.press("b")
        await pilot.until(lambda: screen_name(app) == "BuildScreen")
        await pilot.press("enter")
        await pilot.until(lambda: "build what?" in text(app))
        app.screen.query_one("#what").value = str(tmp_path)
        app.screen.query_one("#name").value = "mine:1"
        app.screen.query_one("#hosts").value = "alpha nowhere"
        await pilot.press("enter")
        await pilot.until(lambda: "no host 'nowhere'" in text(app))
        app.screen.query_one("#hosts").value = "all"
        await pilot.press("enter")
        await pilot.until(lambda: "! line 3: ENV HF_TOKEN: in docker history" in text(app))
        assert called(fleet) == {}
        await pilot.press("enter")
        await pilot.until(lambda: any("mine:1 is built on bravo" in toast for toast in toasts(app)))
        wanted = BuildWant(context=str(tmp_path), tag="mine:1")
        await pilot.until(lambda: called(fleet) == {"alpha": wanted, "bravo": wanted})


async def test_a_build_that_would_fail_is_not_begun():
    fleet = stocked()
    fleet.inspected["checks"] = (Check("dockerfile", "fail", "line 2: RUN --mount needs BuildKit", "leave it out"),)
    async with running(fleet) as (app, pilot):
        await listed(app, pilot)
        await pilot.press("b")
        await pilot.until(lambda: screen_name(app) == "BuildScreen")
        app.screen.query_one("#what").value = "torch"
        await pilot.press("enter")
        await pilot.until(lambda: "line 2: RUN --mount needs BuildKit" in text(app))
        fleet.inspected["checks"] = ()
        await pilot.press("enter")
        await pilot.until(lambda: called(fleet) == {"alpha": BuildWant("torch")})


async def test_a_readonly_host_is_only_looked_at():
    fleet = stocked()
    fleet.hosts["alpha"] = replace(fleet.hosts["alpha"], readonly=True)
    async with running(fleet) as (app, pilot):
        await listed(app, pilot)
        for key in ("D", "P", "p"):
            await pilot.press(key)
            assert screen_name(app) == "ImageScreen"
        assert any("alpha is read-only" in toast for toast in toasts(app))


async def test_an_engine_that_does_not_answer_says_so_in_the_list():
    fleet = lab()
    fleet.fail["images"] = GpuwsError("the engine of alpha does not answer", "systemctl start docker")
    async with running(fleet) as (app, pilot):
        await pilot.press("I")
        await pilot.until(lambda: "does not answer — systemctl start docker" in text(app))


async def test_the_demo_has_images(demo):
    async with running(demo) as (app, pilot):
        await pilot.press("I")
        await pilot.until(lambda: "dangling" in text(app))
