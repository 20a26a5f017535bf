"""Files copied from the screen: what is typed, refused on the form, and told at the end, on the demo."""

from textual.widgets import Input, Static

from gpuws.fleet.demo.fleet import DemoFleet
from gpuws.tui.dialogs.confirm import ConfirmScreen
from gpuws.tui.files.copy import CopyFilesScreen
from gpuws.tui.selection import Selection
from tests.tui.driving import do, home, running, toasts


def selected(app, host, name=None):
    snapshot = app.state.hosts[host]
    return Selection(snapshot, container=next((one for one in snapshot.workspaces if one.name == name), None))


def begun(fleet):
    return [task for task in fleet.tasks() if task.verb == "copy_files"]


async def copied(app, pilot, source, target):
    """The form as it is after enter."""
    app.screen.query_one("#from", Input).value = source
    app.screen.query_one("#to", Input).value = target
    await pilot.press("enter")


async def test_a_copy_is_typed_and_goes_on_as_a_task(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    fleet = DemoFleet(tick=0)
    async with running(fleet) as (app, pilot):

        def why():
            return str(app.screen.query_one("#why", Static).content)

        do(app, "files", selected(app, "alpha", "torch-dev"))
        await pilot.until(lambda: isinstance(app.screen, CopyFilesScreen) and app.screen.query("#from"))
        assert app.screen.query_one("#from", Input).value == "alpha/torch-dev:"
        await pilot.press(*"/no")
        await pilot.until(lambda: "$ gpuws cp alpha/torch-dev:/no ./" in str(app.screen.query_one("#command").content))
        for source, target, said in (
            ("alpha/torch-dev:/no", "./", "there is no alpha/torch-dev:/no"),
            ("./a", "b", "both are on this machine"),
            ("alpha/torch-dev:", "./", "names no path in the container"),
            ("alhpa:x", "./", "did you mean alpha"),
            ("", "./", "an empty word names no file"),
        ):
            await copied(app, pilot, source, target)
            await pilot.until(lambda said=said: said in why())
        assert begun(fleet) == []
        await pilot.press("ctrl+r")
        assert app.screen.query_one("#from", Input).value == "./"
        await copied(app, pilot, "alpha/torch-dev:/workspace/checkpoints/*.pt", "./")
        await pilot.until(lambda: app.screen is home(app) and any("2 files" in one for one in toasts(app)))
        assert sorted(path.stat().st_size for path in tmp_path.glob("*.pt")) == [200_000, 200_000]
        (task,) = begun(fleet)
        assert (task.title, task.host, task.state) == (f"copy *.pt to {tmp_path}/", "alpha", "done")


async def test_what_is_not_mine_is_written_into_by_its_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a").write_text("x")
    async with running(DemoFleet(tick=0)) as (app, pilot):
        theirs = next(one for one in app.state.hosts["bravo"].workspaces if not one.mine)
        do(app, "files", selected(app, "bravo", theirs.name))
        await pilot.until(lambda: isinstance(app.screen, CopyFilesScreen) and app.screen.query("#from"))
        await copied(app, pilot, "./a", f"bravo/{theirs.name}:/tmp")
        await pilot.until(lambda: isinstance(app.screen, ConfirmScreen))
        await pilot.press("escape")
        await pilot.until(lambda: isinstance(app.screen, CopyFilesScreen))
        assert begun(app.fleet) == []
