"""What the launch form takes: the GPUs it was opened on, a SPEC, what is pasted, what waits, and what it was before."""

import pytest
from textual import events
from textual.widgets import Input, Select

from gpuws.fleet.demo.fleet import DemoFleet
from gpuws.model.errors import UsageError
from gpuws.model.placement.plan import Asked, Check, Want
from gpuws.model.placement.queued_wait import WaitOrder
from gpuws.model.profile.imported import Imported, Lost
from gpuws.model.profile.profile import GpuWish, ProfileSummary
from gpuws.tui.launch.commands import open_again
from gpuws.tui.launch.draft import Draft, drafted
from gpuws.tui.launch.fields import RunLine, is_recipe
from gpuws.tui.launch.history import launches, with_launch
from gpuws.tui.launch.launch_form import IMAGE, PASTE, PASTED, LaunchForm
from gpuws.tui.launch.ticks import as_spec, ticked
from tests.factories import gpu
from tests.tui.driving import home, running, say, text, toasts
from tests.tui.lab import lab
from tests.tui.test_launch import opened, screen_name

LINE = """docker run --gpus '"device=0,1"' --shm-size 1g \\
  -e HF_TOKEN=$token \\
  -p 8080:80 -v $PWD/data:/data \\
  example/textgen:3.3 --model-id org/model --num-shard 2   # two cards
"""
SERVICES = """services:
  serve: {image: "example/serve:1", ports: ["8000:8000"]}
  web: {image: "example/web:2", depends_on: [serve]}
"""


def form(app):
    return app.screen.query_one(LaunchForm)


def field(app, name):
    return app.screen.query_one(f"#{name}", Input)


async def paste(app, pilot, words):
    app.post_message(events.Paste(words))
    await pilot.pause()


def asked(fleet):
    return fleet.named("plan")[-1][3]


# the draft


@pytest.mark.parametrize(
    "draft",
    [
        Draft("torch", "alpha"),
        Draft("torch", "alpha", "mine", gpus="device=2,5", memory="32g", shm="8g"),
        Draft("torch", "alpha", gpus="count=2,memory=5", image="other:1", volumes="~/a:/a:ro /b:/b", ports="6006"),
        Draft("torch", "alpha", environment="DEBUG=1 TOKEN 'WORDS=a b'", jupyter="9999", tmux="off", others=("x=1",)),
        Draft("", "alpha", "given", recipe=Imported("given", "image: t\n")),
    ],
)
def test_a_form_is_opened_again_as_it_was(draft):
    again = drafted(Asked("alpha", draft.profile, draft.want({})))
    assert again == draft


def test_secrets_are_named_and_their_values_go_beside():
    want = Draft("torch", environment="HF_TOKEN=hf_abcdefghijklmnopqrstuvwxyz EMPTY= PLAIN=1").want({"HOME": "/h"})
    assert want.overrides == ("environment.HF_TOKEN=null", "environment.EMPTY=null", "environment.PLAIN=1")
    assert want.environ == {"HOME": "/h", "HF_TOKEN": "hf_abcdefghijklmnopqrstuvwxyz", "EMPTY": ""}
    assert "hf_abc" not in repr(want)


def test_another_image_is_not_built_and_an_image_alone_is_a_profile():
    assert Draft("torch", image="other:1").want({}).overrides == ("image=other:1", "build=null")
    alone = Draft(image='odd"name').want({})
    assert (alone.recipe, alone.overrides) == ('image: "odd\\"name"\n', ())


@pytest.mark.parametrize(("name", "words"), [("volumes", "'open"), ("environment", 'X="')])
def test_a_quote_that_is_not_closed_is_told(name, words):
    with pytest.raises(UsageError, match="words are parted by spaces"):
        Draft("torch", **{name: words}).want({})


def test_ticks_are_a_spec_and_a_spec_is_ticks():
    gpus = [gpu(n) for n in range(3)]
    uuids = [one.uuid for one in gpus]
    assert as_spec([uuids[2], uuids[0]], gpus) == "device=0,2"
    assert as_spec([], gpus) == "none"
    for spec, meant in (("device=1", [uuids[1]]), (f"device={uuids[2]}", [uuids[2]]), ("all", uuids), ("none", [])):
        assert ticked(Draft(gpus=spec), gpus, [uuids[0]]) == set(meant)
    for unsaid in ("", "2", "nonsense"):
        assert ticked(Draft(gpus=unsaid), gpus, [uuids[0]]) == {uuids[0]}


def test_what_is_pasted_is_a_recipe_or_a_line():
    for recipe in ("docker run x", "  $ sudo docker run x", "podman run x", "services:\n  a: {image: b}"):
        assert is_recipe(recipe)
    for line in ("count=2,memory=40GiB", "dockerhub/x:1", "~/data:/data\n", ""):
        assert not is_recipe(line)


def test_launches_are_remembered_each_once_newest_first():
    kept = with_launch(with_launch(with_launch((), "alpha", "a", 1), "alpha", "b", 2), "alpha", "a", 3)
    assert kept == ("alpha a 3", "alpha b 2")
    assert [one.profile for one in launches((*kept, "nonsense", "x y z"))] == ["a", "b"]


# what it was opened on


async def test_tab_goes_to_the_next_field_while_a_new_one_has_no_place_yet():
    fleet = lab()
    fleet.blocked = {"plan"}
    async with running(fleet) as (app, pilot):
        await opened(app, pilot)
        line = form(app).query_one(RunLine)
        await pilot.until(lambda: not line.virtual_region)  # it had a place until it was hidden
        line.display = True
        assert line.focusable
        assert line not in app.screen.focus_chain
        await pilot.until(lambda: line in app.screen.focus_chain)


async def test_exactly_the_gpu_it_was_opened_on():
    fleet = lab()
    async with running(fleet) as (app, pilot):
        home(app).list.select(("alpha", "GPU-alpha-1"))
        await opened(app, pilot, fleet)
        assert asked(fleet).gpus == GpuWish(indices=(1,))
        assert "☑ 1 bob: jup 20G" in text(app)
        assert not app.screen.query_one("#wait").disabled


async def test_the_gpus_that_were_marked_and_no_others():
    fleet = lab()
    async with running(fleet) as (app, pilot):
        home(app).list.select(("alpha", "GPU-alpha-1"))
        await pilot.press("space", "space")
        await pilot.until(lambda: "2 marked" in text(app))
        await pilot.press("g")  # the cursor may be elsewhere on that host
        await opened(app, pilot, fleet)
        assert asked(fleet).gpus == GpuWish(indices=(1, 2))
        await pilot.press("escape", "escape")
        assert not home(app).list.marked


async def test_marks_are_of_one_host():
    async with running(lab()) as (app, pilot):
        shown = home(app).list
        shown.select(("alpha", "GPU-alpha-1"))
        await pilot.press("space")
        shown.select(("bravo", "GPU-bravo-1"))
        await pilot.press("space")
        assert shown.marked == {("bravo", "GPU-bravo-1")}
        shown.select(("bravo", ""))
        await pilot.press("space")
        assert shown.marked == {("bravo", "GPU-bravo-1")}


async def test_a_gpu_of_mine_is_not_shared_unasked():
    fleet = lab()
    async with running(fleet) as (app, pilot):
        await opened(app, pilot, fleet)
        assert asked(fleet).gpus is None
        assert "not GPU 0: you hold it" in text(app)


async def test_what_was_launched_there_last_is_meant_again():
    fleet = lab()
    fleet.inspected["profiles"] = tuple(ProfileSummary(name, image="t", gpus="1") for name in ("aa", "bb", "cc"))
    async with running(fleet) as (app, pilot):
        await opened(app, pilot, fleet)
        assert form(app).profile == "aa"
        app.screen.query_one("#profile", Select).value = "cc"
        await pilot.until(lambda: "torch" not in asked(fleet).overrides and fleet.named("plan")[-1][2] == "cc")
        await pilot.until(lambda: not app.screen.query_one("#go").disabled)
        await pilot.press("ctrl+l")
        await pilot.until(lambda: fleet.named("launch"))
        await pilot.press("n")
        await pilot.until(lambda: screen_name(app) == "LaunchScreen" and form(app).profile == "cc")


# the GPU field


async def test_a_spec_can_be_pasted_and_what_can_not_be_read_is_told():
    fleet = lab()
    async with running(fleet) as (app, pilot):
        await opened(app, pilot, fleet)
        field(app, "gpus").focus()
        await paste(app, pilot, "count=2,memory=40GiB")
        await pilot.until(lambda: asked(fleet).gpus == GpuWish(count=2, memory=40 << 30))
        assert field(app, "gpus").value == "count=2,memory=40GiB"
        await say(pilot, ",modle=H100")
        await pilot.until(lambda: "unknown word 'modle' (did you mean model?)" in text(app))
        assert app.screen.query_one("#go").disabled
        assert "✗ Launch is off" in text(app)


async def test_nothing_can_be_chosen_before_there_is_something():
    fleet = lab()
    fleet.blocked = {"profiles"}
    async with running(fleet) as (app, pilot):
        await pilot.press("n")
        await pilot.until(lambda: "reading profiles" in text(app))
        await pilot.press("enter")
        assert not app.screen.query_one("#profile", Select).expanded
        fleet.block.set()
        await pilot.until(lambda: fleet.named("plan"))


# more fields


async def test_every_field_is_reached_by_keys_at_80x24_and_said():
    fleet = lab()
    async with running(fleet, (80, 24)) as (app, pilot):
        await opened(app, pilot, fleet)
        while app.focused.id != "more":
            await pilot.press("tab")
        await pilot.press("enter")
        for name, typed in (("volumes", "~/d:/d:ro"), ("ports", "6006"), ("environment", "A=1"), ("jupyter", "off")):
            await pilot.press("tab")
            assert app.focused.id == name
            await say(pilot, typed)
        await pilot.press("tab")
        await say(pilot, "work")
        said = ("volumes+=~/d:/d:ro", "ports+=6006", "jupyter=false", "tmux.session=work", "environment.A=1")
        await pilot.until(lambda: asked(fleet).overrides == said)
        for button in ("command", "cancel", "go"):
            while app.focused.id != button:
                await pilot.press("tab")
                await pilot.until(lambda: not app.screen.query_one("#go").disabled)
        assert "[ Launch ]" in text(app)


async def test_the_docker_run_line_is_a_line_until_it_is_unfolded(demo):
    async with running(demo, (80, 24)) as (app, pilot):
        await opened(app, pilot)
        await pilot.until(lambda: "$ docker run" in text(app))
        assert "…" in next(line for line in text(app).splitlines() if "$ docker run" in line)
        assert "sleep infinity" not in text(app)
        await pilot.press("ctrl+r")
        await pilot.until(lambda: "sleep infinity" in text(app))
        await pilot.press("ctrl+r")
        await pilot.until(lambda: "sleep infinity" not in text(app))


async def test_only_an_image():
    fleet = lab()
    async with running(fleet) as (app, pilot):
        await opened(app, pilot, fleet)
        form(app).choose_profile(IMAGE)
        await pilot.until(lambda: "which image?" in text(app))
        field(app, "image").focus()
        await say(pilot, "lab/torch")
        await pilot.until(lambda: asked(fleet).recipe == 'image: "lab/torch"\n')
        assert fleet.named("plan")[-1][2] == ""


# what is pasted


async def test_a_pasted_line_is_launched_with_what_it_loses_in_sight():
    fleet = lab()
    lost = Lost("-it", 2, "a workspace has no terminal of its own")
    fleet.inspected["read"] = (Imported("textgen", "image: t\n", (lost,), "gen"),)
    async with running(fleet, (80, 24)) as (app, pilot):
        await opened(app, pilot, fleet)
        field(app, "name").focus()
        await paste(app, pilot, LINE)
        await pilot.until(lambda: asked(fleet).recipe == "image: t\n")
        await pilot.until(lambda: "⚠ line 2: -it: a workspace has no terminal of its own" in text(app))
        assert asked(fleet).name == "gen"
        assert field(app, "name").value == ""
        assert "textgen  as it was pasted" in text(app)
        assert fleet.named("read_recipe") == [("read_recipe", LINE)]
        await pilot.until(lambda: not app.screen.query_one("#go").disabled)
        await pilot.press("ctrl+l")
        await pilot.until(lambda: fleet.named("launch") == [("launch", "alpha", "gen")])


async def test_of_several_services_one_is_chosen_and_saved():
    fleet = lab()
    fleet.inspected["read"] = (Imported("serve", "image: s\n"), Imported("web", "image: w\n", (Lost("a", 1, "b"),)))
    async with running(fleet) as (app, pilot):
        await opened(app, pilot, fleet)
        form(app).choose_profile(PASTE)
        await pilot.until(lambda: screen_name(app) == "PasteScreen")
        await paste(app, pilot, SERVICES)
        await pilot.press("ctrl+s")
        await pilot.until(lambda: screen_name(app) == "ChooseScreen" and "1 thing to know" in text(app))
        await pilot.press("j", "enter")
        await pilot.until(lambda: asked(fleet).recipe == "image: w\n")
        assert form(app).profile == PASTED
        await pilot.click("#save")
        await pilot.until(lambda: screen_name(app) == "SaveProfileScreen")
        await pilot.press("enter")
        await pilot.until(lambda: fleet.named("save_recipe") == [("save_recipe", "web", "image: w\n")])
        await pilot.until(lambda: screen_name(app) == "LaunchScreen")


async def test_the_way_to_paste_left_without_text_changes_nothing():
    fleet = lab()
    async with running(fleet) as (app, pilot):
        await opened(app, pilot, fleet)
        form(app).choose_profile(PASTE)
        await pilot.until(lambda: screen_name(app) == "PasteScreen")
        await pilot.press("ctrl+s")
        assert screen_name(app) == "PasteScreen"
        await pilot.press("escape")
        await pilot.until(lambda: screen_name(app) == "LaunchScreen")
        assert form(app).profile == "torch"


async def test_what_can_not_be_read_is_told():
    fleet = lab()
    fleet.fail["read_recipe"] = UsageError("line 1: an image is missing", "write it behind the flags")
    async with running(fleet) as (app, pilot):
        await opened(app, pilot, fleet)
        await paste(app, pilot, "docker run --rm")
        await pilot.until(lambda: "✗ line 1: an image is missing — write it behind the flags" in text(app))
        assert app.screen.query_one("#go").disabled


async def test_a_newcomer_launches_a_pasted_line():
    """On the demo, with keys only: paste, mend what the line does not tell, launch, and it runs."""
    fleet = DemoFleet(tick=0)
    async with running(fleet, (80, 24)) as (app, pilot):
        home(app).list.select(("bravo", ""))
        await opened(app, pilot)
        await pilot.until(lambda: "$ docker run" in text(app))
        await paste(app, pilot, LINE)
        await pilot.until(lambda: "ctrl+o opens what was pasted" in text(app))
        assert "PWD" in text(app)
        await pilot.press("ctrl+o")
        await pilot.until(lambda: screen_name(app) == "PasteScreen" and "${PWD}/data" in text(app))
        area = app.screen.query_one("TextArea")
        area.text = area.text.replace("${PWD}", "~")
        await pilot.press("ctrl+s")
        await pilot.until(lambda: screen_name(app) == "LaunchScreen" and "textgen on bravo" in text(app))
        await pilot.until(lambda: not app.screen.query_one("#go").disabled)
        assert "--num-shard 2" not in text(app).replace("\n", "")  # the line is folded
        await pilot.press("ctrl+l")
        if screen_name(app) == "ConfirmScreen":  # its GPUs 0 and 1 are carol's
            await say(pilot, "carol")
            await pilot.press("enter")
        await pilot.until(lambda: any(c.name == "textgen" for s in fleet.snapshots() for c in s.workspaces))
    fleet.close()


# waiting


async def test_what_is_held_is_waited_for_as_the_form_says():
    fleet = lab()
    fleet.inspected["checks"] = [Check("gpus", "fail", "2 wanted, 1 fit", "ask for fewer")]
    async with running(fleet) as (app, pilot):
        home(app).list.select(("alpha", "GPU-alpha-1"))
        await opened(app, pilot)
        await pilot.until(lambda: app.screen.query_one("#wait").display and not app.screen.query_one("#wait").disabled)
        field(app, "memory").focus()
        await say(pilot, "32g")
        await pilot.until(lambda: fleet.named("plan") and asked(fleet).overrides == ("mem_limit=32g",))
        await pilot.until(lambda: not app.screen.query_one("#wait").disabled)
        await pilot.click("#wait")
        await pilot.until(lambda: fleet.named("begin_wait"))
        order = fleet.named("begin_wait")[0][1]
        assert order == WaitOrder("device=1", ("alpha",), "torch", None, ("mem_limit=32g",))
        await pilot.until(lambda: any("torch: 1st in the queue: bravo has 1 of 2" in said for said in toasts(app)))
        assert screen_name(app) == "FleetScreen"


async def test_where_waiting_helps_nothing_it_is_not_offered():
    fleet = lab()
    fleet.inspected["checks"] = [Check("volume", "fail", "~/work is not writable", "chown it")]
    async with running(fleet) as (app, pilot):
        await opened(app, pilot)
        await pilot.until(lambda: "1 problem" in text(app))
        assert not app.screen.query_one("#wait").display


# again


async def test_it_opens_as_it_was_asked_before():
    fleet = lab()
    async with running(fleet) as (app, pilot):
        want = Want("mine", GpuWish(indices=(2,)), ("mem_limit=32g", "ports+=6006"))
        open_again(app, Asked("alpha", "base", want))
        await pilot.until(lambda: fleet.named("plan"))
        assert (form(app).profile, form(app).host) == ("base", "alpha")
        assert (asked(fleet).name, asked(fleet).gpus, asked(fleet).overrides) == (want.name, want.gpus, want.overrides)
        await pilot.until(lambda: "more: image" in text(app) and "☑ 2 free" in text(app))
        assert field(app, "ports").value == "6006"
