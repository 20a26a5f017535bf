"""A new engine is a folder and a line: what shell, keeper and screen do with one that they have never heard of."""

import json
import threading

import pytest

from gpuws.cli import root
from gpuws.cli.inside import attach as shell_attach
from gpuws.model.errors import Refused
from gpuws.model.host.host import HostState
from gpuws.model.placement.plan import Want
from gpuws.model.session.terminal import Size
from gpuws.model.workspace.logs import LogWindow
from gpuws.tui.context import Context
from gpuws.tui.fleet.actions import ACTIONS
from gpuws.tui.selection import Selection
from tests.keeper.serving import until
from tests.tui.driving import do, running, text, toasts

REFUSED = Refused.exit_code


def read(stream):
    """All of it, until it ends."""
    return b"".join(iter(stream.recv, b""))


@pytest.fixture
def gpuws(home, capsys):
    """`gpuws(words…)` is what the shell's command says; the exit status is looked at."""

    def gpuws(*words, status=0):
        assert root.run(list(words)) == status, capsys.readouterr()
        told = capsys.readouterr()
        return told.out if status == 0 else told.err

    return gpuws


def listed(gpuws):
    return [(one["name"], one["state"]) for one in json.loads(gpuws("ps", "-a", "--json"))["containers"]]


def test_the_shell_works_with_it(gpuws, memory, monkeypatch):
    assert gpuws("launch", "job", "--name", "box", "--dry-run").splitlines()[-1] == "$ mem run box"
    assert gpuws("launch", "job", "--name", "box") == "local/box\n"
    assert listed(gpuws) == [("box", "in line")]  # a queue: it has not begun, and nobody minds
    assert "box is in line" in gpuws("exec", "box", "true", status=REFUSED)
    memory.begin("box")
    assert listed(gpuws) == [("box", "busy")]
    assert gpuws("exec", "box", "date") == "date in box\n"
    seen = []
    monkeypatch.setattr(shell_attach, "pump", lambda opener, _back: seen.append(opener(Size()).recv()) or 0)
    gpuws("attach", "box")
    assert seen == [b"inside box\r\n"]
    assert gpuws("logs", "box") == "begun\n"
    assert gpuws("stop", "box", "--dry-run") == "mem stop box\n"
    assert (
        gpuws("restart", "box", "--time", "3", "--dry-run") == "gpuws restart --time 3 local/box\n"
    )  # it has no words
    assert gpuws("stop", "box", "--yes") == "local/box\n"
    assert listed(gpuws) == [("box", "over")]
    assert gpuws("rm", "box", "--yes") == "local/box\n"
    assert listed(gpuws) == []


def test_what_it_has_not_the_shell_refuses_in_a_sentence(gpuws, memory):
    gpuws("launch", "job", "--name", "box")
    assert "an engine in memory has no images" in gpuws("images", "ls", status=REFUSED)
    for words in (("drift", "box"), ("profiles", "capture", "box"), ("recreate", "box", "--yes")):
        assert "forgets what a workspace was made from" in gpuws(*words, status=REFUSED), words
    assert "an engine in memory has no API" in gpuws("with", "local", "--", "true", status=REFUSED)


def test_the_keeper_works_with_it(fleet, memory, serve):
    client = serve(fleet).client(start=False)
    client.start()
    until(lambda: all("containers" in one.complete for one in client.snapshots()) and client.snapshots(), "the list")
    ref = client.launch(client.plan("local", "job", Want(name="box")), lambda progress: None, threading.Event()).ref

    def box():
        return next((one for one in client.snapshots()[0].workspaces if one.ref == ref), None)

    until(lambda: box() and box().state == "queued" and box().host is None and box().mine, "in line")
    memory.begin("box")
    until(lambda: box().enterable, "its turn")
    terminal = client.attach(box().place, None, Size())
    assert terminal.recv() == b"inside box\r\n"
    terminal.sendall(b"exit\n")
    assert read(terminal) == b"exit\n"
    assert read(client.logs(ref, LogWindow())) == b"begun\n"
    assert client.inspect(ref) == {"name": "box", "status": "busy"}
    with pytest.raises(Refused, match="has no images"):
        client.images("local")
    client.act(ref, "stop")
    until(lambda: box().state == "exited", "its end")


async def test_the_screen_works_with_it(fleet, memory, serve):
    client, seen = serve(fleet).client(start=False), []

    def pump(opener, _back):
        seen.append(opener(Size()).recv())
        return 0

    async with running(client, pump=pump) as (app, pilot):
        await pilot.until(lambda: "containers" in app.state.hosts["local"].complete)
        await pilot.press("n")
        await pilot.until(lambda: "mem run" in text(app) and not app.screen.query_one("#go").disabled)
        await pilot.press("ctrl+l")
        (one,) = await pilot.until(lambda: app.state.hosts["local"].workspaces)
        memory.begin(one.name)
        await pilot.until(lambda: app.state.hosts["local"].workspaces[0].enterable)
        there = app.state.hosts["local"]
        assert there.state is HostState.UP
        chosen = Selection(there, container=there.workspaces[0])
        said = " ".join(one.shell(Context(app, chosen)) for one in ACTIONS)
        assert "mem stop" in said
        assert "docker" not in said
        do(app, "attach", chosen)
        await pilot.until(lambda: seen)
        assert seen == [f"inside {one.name}\r\n".encode()]
        do(app, "logs", chosen)
        await pilot.until(lambda: "begun" in text(app) and "mem log" in text(app))
        await pilot.press("escape")
        do(app, "images", chosen)
        await pilot.until(lambda: any("has no images" in toast for toast in toasts(app)))
        do(app, "drift", chosen)
        await pilot.until(lambda: any("forgets what a workspace was made from" in toast for toast in toasts(app)))
        do(app, "stop", chosen)
        await pilot.until(lambda: f"mem stop {one.name}" in text(app))
        await pilot.press("tab", "enter")
        await pilot.until(lambda: app.state.hosts["local"].workspaces[0].state == "exited")
