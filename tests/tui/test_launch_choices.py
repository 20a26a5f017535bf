"""The best of several hosts, GPUs by hand, sizes beyond the profile, and a launch although a check failed."""

import threading
from dataclasses import replace

import pytest

from gpuws.fleet.demo.fleet import DemoFleet
from gpuws.model.errors import GpuwsError, UsageError
from gpuws.model.gpu.gpu import Holder, MigInstance
from gpuws.model.gpu.reading import GpuLink
from gpuws.model.placement.plan import Check, RejectedGpu
from gpuws.present.gpu_choices import about, cell_line, linked, picture
from gpuws.present.line import text_of
from gpuws.tui.launch import planner
from gpuws.tui.launch.gpu_picker import GpuPicker
from gpuws.tui.launch.launch_form import BEST, LaunchForm
from tests.factories import gpu, snapshot
from tests.tui.driving import do, running, say, text
from tests.tui.lab import StubFleet, lab
from tests.tui.test_launch import opened, screen_name


def two_free():
    """alpha is full; bravo has two free GPUs, charlie three."""
    return StubFleet(
        snapshot("alpha", gpus=(gpu(0, user="bob", used=70),)),
        snapshot("bravo", gpus=tuple(gpu(n, host="bravo") for n in range(2))),
        snapshot("charlie", gpus=tuple(gpu(n, host="charlie") for n in range(3)), memory_total=64 << 30, memory_used=0),
    )


async def from_alpha(app, pilot, fleet=None):
    """From the full host alpha."""
    await pilot.press("g")
    await opened(app, pilot, fleet)


def form(app):
    return app.screen.query_one(LaunchForm)


async def test_where_the_host_has_no_room_the_best_is_looked_for_and_the_reason_told():
    fleet = two_free()
    async with running(fleet) as (app, pilot):
        await from_alpha(app, pilot, fleet)
        assert form(app).host == BEST
        assert {call[1] for call in fleet.named("plan")} == {"alpha", "bravo", "charlie"}
        shown = text(app)
        assert "→ charlie  3 free GPUs, the image is there" in shown
        assert "bravo: 2 free GPUs" in shown
        assert "torch on charlie" in shown
        assert "64G of 64G free" in shown
        await pilot.press("ctrl+l")
        await pilot.until(lambda: fleet.named("launch"))
        assert fleet.named("launch")[0][1:] == ("charlie", "torch")


async def test_a_host_whose_driver_starts_slowly_is_planned_on_as_soon_as_it_told_its_gpus():
    told = snapshot("alpha", gpus=(gpu(0),))
    fleet = StubFleet(told)
    fleet.fail["plan"] = GpuwsError("alpha: its GPUs are not read yet: waiting for NVML")
    async with running(fleet) as (app, pilot):
        fleet.put(replace(told, gpus=(), coverage="waiting", complete=frozenset({"containers", "sessions"})))
        await pilot.until(lambda: "reading its GPUs" in text(app))
        await pilot.press("n")
        await pilot.until(lambda: "not read yet: waiting for NVML" in text(app))
        assert "alpha  GPUs not read yet" in text(app)
        del fleet.fail["plan"]
        fleet.put(told)
        await pilot.until(lambda: not app.screen.query_one("#go").disabled)


async def test_a_name_is_typed_without_asking_every_host_again():
    fleet = two_free()
    async with running(fleet) as (app, pilot):
        await from_alpha(app, pilot, fleet)
        asked = len(fleet.named("plan"))
        app.screen.query_one("#name").focus()
        await say(pilot, "mine")
        await pilot.until(lambda: "mine on charlie" in text(app))
        assert {call[1] for call in fleet.named("plan")[asked:]} == {"charlie"}
        assert "→ charlie" in text(app)
        app.screen.query_one("#gpus").focus()
        await say(pilot, "2")
        await pilot.until(lambda: {call[1] for call in fleet.named("plan")[-3:]} == {"alpha", "bravo", "charlie"})


async def test_launch_waits_for_every_host_but_not_for_ever(monkeypatch):
    monkeypatch.setattr(planner, "PATIENCE", 0.5)
    fleet = two_free()
    fleet.away = {"bravo"}
    async with running(fleet) as (app, pilot):
        await from_alpha(app, pilot)
        await pilot.until(lambda: "checking … bravo" in text(app))
        assert app.screen.query_one("#go").disabled
        await pilot.until(lambda: not app.screen.query_one("#go").disabled)
        assert "bravo: bravo did not answer within" in text(app)
        fleet.close()


async def test_nothing_is_left_standing_where_no_host_is_chosen():
    fleet = two_free()
    async with running(fleet) as (app, pilot):
        await opened(app, pilot, fleet)
        app.screen.query_one("#host").clear()
        await pilot.until(lambda: "✗ choose a host" in text(app))
        assert "$ docker run" not in text(app)
        await pilot.press("ctrl+l", "ctrl+g")
        assert not fleet.named("launch")


async def test_without_a_profile_a_form_is_offered():
    fleet = two_free()
    fleet.inspected["profiles"] = ()
    async with running(fleet) as (app, pilot):
        await opened(app, pilot)
        await pilot.until(lambda: "ctrl+n makes one from a form" in text(app))
        assert not fleet.named("plan")


async def test_an_answer_about_another_host_comes_too_late():
    fleet = two_free()
    fleet.away = {"bravo"}
    async with running(fleet) as (app, pilot):
        await opened(app, pilot)  # bravo has the first free GPU
        await pilot.until(lambda: fleet.named("plan"))
        form(app).choose_host("charlie")
        await pilot.until(lambda: "torch on charlie" in text(app))
        fleet.away = set()
        fleet.close()
        await pilot.until(lambda: not any(t.name == "verb-plan" for t in threading.enumerate()))
        assert "torch on charlie" in text(app)
        assert app.screen._plan.host == "charlie"


async def test_a_profile_that_is_wrong_is_told_once_with_every_line():
    fleet = two_free()
    fleet.fail["plan"] = UsageError("torch.yaml:3:5: imge: unknown key\ntorch.yaml:9:1: gpus: expected a count")
    async with running(fleet) as (app, pilot):
        await from_alpha(app, pilot)
        await pilot.until(lambda: "✗ torch.yaml:9:1: gpus: expected a count" in text(app))
        assert text(app).count("torch.yaml:3:5") == 1
        assert "ctrl+o opens the profile" in text(app)


async def test_where_no_host_has_a_plan_each_says_why():
    fleet = two_free()
    fleet.fail["plan"] = GpuwsError("the engine does not answer", "systemctl start docker")
    async with running(fleet) as (app, pilot):
        await from_alpha(app, pilot)
        await pilot.until(lambda: text(app).count(": the engine does not answer — systemctl start docker") == 3)
        assert "✗ charlie: the engine" in text(app)
        await pilot.press("ctrl+g")
        assert screen_name(app) == "LaunchScreen"


async def test_a_gpu_ticked_by_hand_holds_its_host():
    fleet = two_free()
    async with running(fleet) as (app, pilot):
        await from_alpha(app, pilot, fleet)
        app.screen.query_one(GpuPicker).focus()
        await pilot.press("right", "space")
        await pilot.until(lambda: fleet.named("plan")[-1][3].gpus is not None)
        assert form(app).host == "charlie"
        assert fleet.named("plan")[-1][1] == "charlie"
        assert fleet.named("plan")[-1][3].gpus.indices == (0, 1)


async def test_sizes_and_number_go_beyond_the_profile():
    fleet = lab()
    async with running(fleet) as (app, pilot):
        await opened(app, pilot, fleet)
        for field, typed in (("memory", "32g"), ("shm", "8g")):
            app.screen.query_one(f"#{field}").focus()
            await say(pilot, typed)
        wanted = ("mem_limit=32g", "shm_size=8g")
        await pilot.until(lambda: fleet.named("plan")[-1][3].overrides == wanted)


async def test_a_gpu_that_somebody_took_is_planned_anew(monkeypatch):
    monkeypatch.setattr("gpuws.tui.launch.planning.AGAIN", 0.0)
    fleet = lab()
    async with running(fleet) as (app, pilot):
        await opened(app, pilot, fleet)
        plans = len(fleet.named("plan"))
        alpha = fleet.hosts["alpha"]
        taken = gpu(2, user="dave", used=40)
        fleet.put(replace(alpha, gpus=(*alpha.gpus[:2], taken)))
        await pilot.until(lambda: len(fleet.named("plan")) > plans)
        await pilot.until(lambda: "dave: python train.py 40G" in text(app))


async def test_force_is_a_second_step_that_says_what_is_wrong():
    fleet = lab()
    fleet.inspected["checks"] = [Check("volume", "fail", "~/work is not writable", "chown it")]
    async with running(fleet) as (app, pilot):
        await opened(app, pilot)
        await pilot.until(lambda: "1 problem: volume" in text(app))
        await pilot.press("ctrl+g")
        await pilot.until(lambda: screen_name(app) == "ConfirmScreen")
        assert "Launch torch on alpha although 1 check failed?" in text(app)
        assert "✗ ~/work is not writable" in text(app)
        await pilot.press("escape")
        assert not fleet.named("launch")
        await pilot.press("ctrl+g")
        await pilot.until(lambda: screen_name(app) == "ConfirmScreen")
        await pilot.press("y")
        await pilot.until(lambda: fleet.named("launch"))
        await pilot.until(lambda: screen_name(app) == "FleetScreen")


async def test_there_is_nothing_to_force_where_all_is_well():
    fleet = lab()
    async with running(fleet) as (app, pilot):
        await opened(app, pilot, fleet)
        await pilot.press("ctrl+g")
        assert screen_name(app) == "LaunchScreen"


@pytest.mark.parametrize("size", [(80, 24), (160, 45)])
async def test_what_is_wrong_is_in_sight_on_every_screen(size):
    fleet = lab()
    fleet.inspected["checks"] = [
        *(Check(f"c{n}", "ok", f"something of which all is well, number {n}") for n in range(9)),
        Check("volume", "fail", "~/work is not writable", "chown it"),
    ]
    async with running(fleet, size) as (app, pilot):
        await opened(app, pilot)
        await pilot.until(lambda: "✗ ~/work is not writable — chown it" in text(app))
        assert "docker run -d --name torch" in text(app)
        assert "✗ 1 problem: volume" in text(app)


async def test_the_best_of_the_demo():
    fleet = DemoFleet(tick=0)
    async with running(fleet) as (app, pilot):
        do(app, "launch", None)
        await pilot.until(lambda: "→ " in text(app))
        best = next(line for line in text(app).splitlines() if "→ " in line)
        assert "free GPU" in best
    fleet.close()


# the picture


def linked_gpus():
    one, two, three = (gpu(n) for n in range(3))
    joined = GpuLink(two.uuid, "NVLINK", 4), GpuLink(three.uuid, "SYS")
    return replace(one, links=joined, numa_node=1), two, three


def test_neighbours_by_nvlink_are_named():
    cells = picture(linked_gpus(), (), None)
    assert linked(cells[0], cells) == {"GPU-alpha-1"}
    said = text_of(about(cells[0], cells))
    assert "NVLink 1" in said
    assert "NUMA 1" in said


def test_a_rejected_gpu_says_why():
    fleet = lab()
    plan = fleet.plan("alpha", "torch", replace(planner.Want()))
    rejected = (RejectedGpu("2", "12G free"), RejectedGpu("1", "bob: jup 20G"))
    cells = picture(fleet.hosts["alpha"].gpus, (), replace(plan, rejected=rejected))
    assert text_of(cell_line(cells[2])) == "☐ 2 free, 12G free"
    assert "not taken: 12G free" in text_of(about(cells[2], cells))
    assert text_of(cell_line(cells[1])).startswith("☐ 1 bob: jup 20G")  # who holds it is known as it is now
    spared = (RejectedGpu("2", "free, not needed", needed=False),)
    cells = picture(fleet.hosts["alpha"].gpus, (), replace(plan, rejected=spared))
    assert "not needed" not in text_of(cell_line(cells[2]))


def test_instances_stand_for_a_divided_gpu():
    parts = (
        MigInstance("MIG-a", 0, "3g.40gb", memory_used=0, memory_total=40 << 30),
        MigInstance("MIG-b", 1, "2g.20gb", held_by=(Holder("process", "x.py", "bob"),)),
    )
    cells = picture((replace(gpu(6), mig=parts, mig_instances=parts),), {"MIG-a"}, None)
    assert text_of(cell_line(cells[0])) == "☑ 6:0 3g.40gb free"
    assert "6:1 2g.20gb bob" in text_of(cell_line(cells[1]))


async def test_a_list_of_choices_says_by_which_key_it_opens():
    async with running(lab()) as (app, pilot):
        await pilot.press("n")
        await pilot.until(lambda: "⏎ choose" in text(app) and app.focused.id == "profile")
        await pilot.press("enter")
        await pilot.until(lambda: app.focused.id != "profile" and "tmux and a shell" in text(app))
