"""The launch dialog: everything answers while you choose, and nothing starts that can't work."""

import pytest

from gpuws.model.errors import GpuwsError, UsageError
from gpuws.model.placement.plan import Check
from gpuws.tui.launch.gpu_picker import GpuPicker
from tests.factories import snapshot
from tests.tui.driving import SIZES, do, running, say, text, toasts
from tests.tui.lab import StubFleet, lab


def screen_name(app):
    return type(app.screen).__name__


async def opened(app, pilot, fleet=None):
    await pilot.press("n")
    await pilot.until(lambda: screen_name(app) == "LaunchScreen")
    if fleet is not None:
        await pilot.until(lambda: fleet.named("plan") and not app.screen.query_one("#go").disabled)


async def test_the_field_with_the_focus_has_the_only_label_that_stands_out(demo):
    async with running(demo) as (app, pilot):
        await opened(app, pilot)
        for word in ("Profile", "Host", "Name", "GPUs"):
            await pilot.until(
                lambda word=word: (
                    [str(each.content) for each in app.screen.query(".label") if each.styles.text_style.bold] == [word]
                )
            )
            await pilot.press("tab")


@pytest.mark.parametrize("size", SIZES)
async def test_launch_from_the_demo_shows_the_command_and_progress(demo, size):
    async with running(demo, size) as (app, pilot):
        await opened(app, pilot)
        await pilot.until(lambda: "docker run" in text(app))
        assert "Profile" in text(app)
        await pilot.until(lambda: not app.screen.query_one("#go").disabled)
        before = {c.id for s in demo.snapshots() for c in s.workspaces}
        await pilot.press("ctrl+l")
        await pilot.until(lambda: any("a enters it" in toast for toast in toasts(app)))
        assert {c.id for s in demo.snapshots() for c in s.workspaces} - before
        await pilot.until(lambda: text(app).splitlines()[-2].startswith(" a enter"))


async def test_after_a_launch_a_enters_it():
    fleet = lab()
    entered = []

    def pump(opener, back):
        from gpuws.model.session.terminal import Size

        entered.append(opener(Size()))
        return 0

    async with running(fleet, pump=pump) as (app, pilot):
        await opened(app, pilot, fleet)
        await pilot.press("ctrl+l")
        await pilot.until(lambda: app.fresh.door)
        await pilot.press("a")
        assert fleet.named("attach")[0][1].workspace == "new-id"


async def test_the_plan_follows_every_change_and_old_answers_are_dropped():
    fleet = lab()
    async with running(fleet) as (app, pilot):
        await opened(app, pilot, fleet)
        assert fleet.named("plan")[0][1:3] == ("alpha", "torch")  # the cursor was on a GPU: a profile that wants one
        await pilot.click("#name")
        await say(pilot, "mine-2")
        await pilot.until(lambda: "--name mine-2" in text(app))
        wants = [call[3].name for call in fleet.named("plan")]
        assert wants[-1] == "mine-2"
        assert len(wants) < 7  # typing is debounced


async def test_gpus_are_ticked_on_the_picture():
    fleet = lab()
    async with running(fleet) as (app, pilot):
        await opened(app, pilot, fleet)
        assert "alice: torch-dev 70G" in text(app)
        assert "☑ 2 free" in text(app)
        app.screen.query_one(GpuPicker).focus()
        await pilot.press("right", "space")
        await pilot.until(lambda: "2 chosen by you" in text(app))
        await pilot.until(lambda: fleet.named("plan")[-1][3].gpus is not None)
        assert fleet.named("plan")[-1][3].gpus.indices == (1, 2)


async def test_a_failed_check_keeps_launch_off_and_says_which():
    fleet = lab()
    fleet.inspected["checks"] = [Check("volume", "fail", "~/work is not writable", "chown it")]
    async with running(fleet) as (app, pilot):
        await opened(app, pilot)
        await pilot.until(lambda: "✗ 1 problem: volume" in text(app))
        assert "✗ ~/work is not writable — chown it" in text(app)
        assert app.screen.query_one("#go").disabled
        await pilot.press("ctrl+l")
        assert not fleet.named("launch")
        assert screen_name(app) == "LaunchScreen"


@pytest.mark.parametrize("failing", [False, True])
async def test_a_gpu_that_somebody_is_on_takes_his_name(failing):
    """Forcing failed checks is another question than taking somebody's GPU: it covers only the first."""
    fleet = lab()
    if failing:
        fleet.inspected["checks"] = [Check("volume", "fail", "~/work is not writable", "chown it")]
    async with running(fleet) as (app, pilot):
        await opened(app, pilot)
        app.screen.query_one(GpuPicker).focus()
        await pilot.press("right", "space")
        await pilot.until(lambda: (named := fleet.named("plan")) and named[-1][3].gpus is not None)
        await pilot.until(lambda: "checking" not in text(app))
        await pilot.press("ctrl+g" if failing else "ctrl+l")
        await pilot.until(lambda: screen_name(app) == "ConfirmScreen")
        assert "GPU 1: bob: jup 20G" in text(app)
        assert ("✗ ~/work is not writable" in text(app)) == failing
        await pilot.press("y", "enter")
        assert not fleet.named("launch")
        await pilot.press("backspace")
        await say(pilot, "bob")
        await pilot.press("enter")
        await pilot.until(lambda: fleet.named("launch"))


async def test_where_to_type_is_on_the_screen_however_much_is_said():
    fleet = lab()
    fleet.inspected["checks"] = [Check("volume", "fail", f"/data/{number} is not there") for number in range(30)]
    async with running(fleet, (80, 24)) as (app, pilot):
        await opened(app, pilot)
        await pilot.until(lambda: "30 problems" in text(app))
        await pilot.press("ctrl+g")
        await pilot.until(lambda: screen_name(app) == "ConfirmScreen")
        assert "/data/0 " in text(app)
        assert "Launch anyway" in text(app)
        await pilot.press("pagedown", "pagedown")
        await pilot.until(lambda: "/data/29" in text(app))
        assert "Launch anyway" in text(app)


async def test_a_plan_that_can_not_be_made_says_why():
    fleet = lab()
    fleet.fail["plan"] = UsageError("torch.yaml:3:5: unknown key 'imge'", "did you mean image?")
    async with running(fleet) as (app, pilot):
        await opened(app, pilot)
        await pilot.until(lambda: "did you mean image?" in text(app))
        assert app.screen.query_one("#go").disabled


async def test_no_host_to_launch_on():
    fleet = StubFleet(snapshot("alpha", readonly=True))
    async with running(fleet) as (app, pilot):
        do(app, "launch", None)
        await pilot.until(lambda: "no host can launch" in text(app))


async def test_copy_the_docker_run_line():
    fleet = lab()
    async with running(fleet) as (app, pilot):
        await opened(app, pilot, fleet)
        await pilot.press("ctrl+y")
        assert app.copied == "docker run -d --name torch t"


async def test_a_launch_runs_in_the_background_and_can_be_cancelled():
    fleet = lab()
    fleet.blocked = {"launch"}
    async with running(fleet) as (app, pilot):
        await opened(app, pilot, fleet)
        await pilot.press("ctrl+l")
        await pilot.until(lambda: "launch torch" in text(app).splitlines()[0])
        await pilot.press("q")
        await pilot.until(lambda: screen_name(app) == "ConfirmScreen")
        await pilot.press("escape", "b")
        await pilot.until(lambda: screen_name(app) == "TaskScreen")
        assert "launch torch" in text(app)
        await pilot.press("D")
        await pilot.until(lambda: screen_name(app) == "ConfirmScreen" and app.screen.seen)
        await pilot.press("y")
        await pilot.until(lambda: fleet.tasks()[0].cancelling)
        fleet.close()
        await pilot.until(lambda: not any(task.running for task in app.state.tasks))


async def test_a_failed_launch_says_why():
    fleet = lab()
    fleet.fail["launch"] = GpuwsError("no space left on device", "docker system prune")
    async with running(fleet) as (app, pilot):
        await opened(app, pilot, fleet)
        await pilot.press("ctrl+l")
        await pilot.until(lambda: any("no space left on device — docker system prune" in t for t in toasts(app)))
        await pilot.until(lambda: [task.state for task in app.state.tasks] == ["failed"])
