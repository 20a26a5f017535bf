"""Profiles from the screen: the file in an editor, and a form that writes a new one."""

import pytest

from gpuws.fleet.demo.fleet import DemoFleet
from gpuws.model.consent.trust import Proposal
from gpuws.model.errors import GpuwsError, Refused, UsageError
from gpuws.model.profile.profile import ProfileSummary
from gpuws.tui.profiles.editor import editor
from tests.tui.driving import running, say, text, toasts
from tests.tui.lab import lab
from tests.tui.test_launch import opened, screen_name


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "torch.yaml"
    path.write_text("extends: base\n")
    return path


@pytest.fixture
def writes(tmp_path, monkeypatch):
    """An editor that appends a line."""

    def install(line, status=0):
        script = tmp_path / "an editor"
        script.write_text(f"#!/bin/sh\necho '{line}' >> \"$1\"\nexit {status}\n")
        script.chmod(0o700)
        monkeypatch.setenv("VISUAL", f"'{script}'")

    return install


async def test_the_editor_opens_the_file_and_the_plan_follows(file, writes):
    writes("mem_limit: 1g")
    fleet = lab()
    fleet.inspected["file"] = str(file)
    async with running(fleet) as (app, pilot):
        await opened(app, pilot, fleet)
        plans = len(fleet.named("plan"))
        await pilot.press("ctrl+o")
        await pilot.until(lambda: len(fleet.named("plan")) > plans)
        assert fleet.named("profile_file") == [("profile_file", "torch")]
        assert file.read_text() == "extends: base\nmem_limit: 1g\n"
        assert len(fleet.named("profiles")) == 2
        assert app.screen.form.profile == "torch"
        await pilot.until(lambda: not app.screen.query_one("#go").disabled)


async def test_what_is_wrong_with_the_file_is_shown_and_the_editor_is_a_key_away(file, writes):
    writes("memm: 1g")
    fleet = lab()
    fleet.inspected["file"] = str(file)
    async with running(fleet) as (app, pilot):
        await opened(app, pilot, fleet)
        wrong = f"{file}:2:1: memm: unknown key"
        fleet.inspected["profiles"] = (ProfileSummary("torch", error=wrong),)
        fleet.fail["plan"] = UsageError(f"{wrong}\n{file}:1:1: extends: loops")
        await pilot.press("ctrl+o")
        await pilot.until(lambda: "1:1: extends: loops" in text(app))
        assert "2:1: memm: unknown key" in text(app).replace("\n", "")
        assert "ctrl+o opens the profile" in text(app)
        assert app.screen.query_one("#go").disabled
        await pilot.press("ctrl+o")
        await pilot.until(lambda: len(fleet.named("profile_file")) == 2)


async def test_an_overlay_that_is_wrong_for_another_host_is_a_warning_here(file):
    fleet = lab()
    async with running(fleet) as (app, pilot):
        await opened(app, pilot, fleet)
        fleet.inspected["profiles"] = (ProfileSummary("torch", error="torch.yaml:9:3: hosts.bravo.imge: unknown key"),)
        app.screen.read_profiles("torch")
        await pilot.until(lambda: "⚠ torch.yaml:9:3: hosts.bravo.imge" in text(app))
        assert not app.screen.query_one("#go").disabled


@pytest.mark.parametrize(
    ("command", "said"),
    [("/no/such/editor", "No such file"), ("false", "ended with status 1"), ("vi '", "can't be read")],
)
async def test_an_editor_that_fails_says_so(file, monkeypatch, command, said):
    monkeypatch.setenv("VISUAL", command)
    fleet = lab()
    fleet.inspected["file"] = str(file)
    async with running(fleet) as (app, pilot):
        await opened(app, pilot, fleet)
        await pilot.press("ctrl+o")
        await pilot.until(lambda: any(said in toast for toast in toasts(app)))
        assert screen_name(app) == "LaunchScreen"


def test_which_editor():
    assert editor({"VISUAL": "code --wait", "EDITOR": "nano"}) == ["code", "--wait"]
    assert editor({"VISUAL": "", "EDITOR": "nano"}) == ["nano"]
    assert editor({}) == ["vi"]
    with pytest.raises(GpuwsError, match="can't be read"):
        editor({"EDITOR": "'"})


async def test_a_form_writes_a_profile_and_goes_on_with_it():
    fleet = lab()
    async with running(fleet) as (app, pilot):
        await opened(app, pilot, fleet)
        await pilot.press("ctrl+n")
        await pilot.until(lambda: screen_name(app) == "NewProfileScreen")
        fields = {"name": "mine", "gpus": "count=2", "volumes": "/a:/a '/b c:/b'", "environment": "A=1=2 TOKEN"}
        for field, typed in fields.items():
            app.screen.query_one(f"#{field}").focus()
            await say(pilot, typed)
        known = fleet.profiles()
        fleet.inspected["profiles"] = (*known, ProfileSummary("mine", gpus="2"))
        await pilot.press("ctrl+s")
        await pilot.until(lambda: screen_name(app) == "LaunchScreen" and app.screen.form.profile == "mine")
        draft = fleet.named("save_profile")[0][1]
        assert (draft.name, draft.base, draft.gpus) == ("mine", "torch", "count=2")
        assert draft.volumes == ("/a:/a", "/b c:/b")
        assert draft.environment == {"A": "1=2", "TOKEN": None}
        await pilot.until(lambda: fleet.named("plan")[-1][2] == "mine")
        assert any("profiles/mine.yaml" in toast for toast in toasts(app))


async def test_the_form_stays_with_every_reason():
    fleet = lab()
    fleet.fail["save_profile"] = UsageError(
        "x.yaml:3:1: mem_limit: expected a size\nx.yaml:4:1: cpus: expected a number"
    )
    async with running(fleet, (80, 24)) as (app, pilot):
        await opened(app, pilot, fleet)
        await pilot.press("ctrl+n")
        await pilot.until(lambda: screen_name(app) == "NewProfileScreen")
        await pilot.press("tab", "tab")
        assert app.screen.focused.id == "description"
        await pilot.press("ctrl+s")
        await pilot.until(lambda: "cpus: expected a number" in text(app))
        assert "mem_limit: expected a size" in text(app)
        app.screen.query_one("#volumes").focus()
        await say(pilot, "'open")
        await pilot.press("enter")
        await pilot.until(lambda: "volumes: No closing quotation" in text(app))
        await pilot.press("escape")
        assert screen_name(app) == "LaunchScreen"


async def test_the_demo_keeps_a_new_profile_and_has_no_files():
    fleet = DemoFleet(tick=0)
    async with running(fleet) as (app, pilot):
        await opened(app, pilot)
        await pilot.until(lambda: app.screen.form.profile)
        await pilot.press("ctrl+o")
        await pilot.until(lambda: any("not in files" in toast for toast in toasts(app)))
        await pilot.press("ctrl+n")
        await pilot.until(lambda: screen_name(app) == "NewProfileScreen")
        await say(pilot, "tiny")
        app.screen.query_one("#mem_limit").focus()
        await say(pilot, "3g")
        await pilot.press("ctrl+s")
        await pilot.until(lambda: screen_name(app) == "LaunchScreen" and app.screen.form.profile == "tiny")
        await pilot.until(lambda: "--name tiny" in text(app))
        assert "--memory 3" in text(app)
    fleet.close()


def test_environment_is_not_shown_by_a_draft():
    from gpuws.model.profile.draft import ProfileDraft

    assert "s3cret" not in repr(ProfileDraft("a", "b", environment={"T": "s3cret"}))


async def test_a_shared_profile_is_accepted_as_it_was_shown():
    fleet = lab()
    wrong = Refused("/lab/torch.yaml is shared, and you have not accepted what it does", "gpuws trust /lab/torch.yaml")
    fleet.inspected["profiles"] = (ProfileSummary("torch", error=str(wrong), owner="shared", accepted=False),)
    fleet.inspected["proposal"] = Proposal("mark", "/lab/torch.yaml", ("/lab/torch.yaml", '+ image: "[red]x"'), False)
    fleet.fail["plan"] = wrong
    async with running(fleet) as (app, pilot):
        await pilot.press("n")
        await pilot.until(lambda: screen_name(app) == "LaunchScreen" and app.screen.form is not None)
        app.screen.form.query_one("#profile").value = "torch"
        await pilot.until(lambda: "ctrl+t shows what the profile does" in text(app))
        for keys, accepted in ((("enter",), []), (("y", "right", "enter"), [("accept", "mark")])):
            await pilot.press("ctrl+t")
            await pilot.until(lambda: screen_name(app) == "TrustScreen")
            assert '+ image: "[red]x"' in text(app)
            fleet.inspected["profiles"] = (ProfileSummary("torch"),)
            fleet.fail.pop("plan", None) if accepted else None
            await pilot.press(*keys)
            await pilot.until(lambda: screen_name(app) == "LaunchScreen")
            if accepted:
                await pilot.until(lambda: fleet.named("accept"))
            assert fleet.named("accept") == accepted
        await pilot.until(lambda: not app.screen.query_one("#go").disabled)
