"""The panels of notebooks and events, and what the journal writes down."""

from dataclasses import replace

from gpuws.fleet.events import TunnelsChanged
from gpuws.model.gpu.fault import Fault
from gpuws.model.gpu.reading import Xid
from gpuws.model.host.host import HostState
from gpuws.model.session.notebook import JupyterServer, Notebook
from gpuws.model.session.tunnel import Tunnel, TunnelTarget
from gpuws.model.workspace.workspace import PlaceRef
from gpuws.present.tables import processes
from gpuws.tui.journal import Journal, changes
from tests.factories import NOW, container, gpu, snapshot
from tests.tui.driving import running, say, text, toasts
from tests.tui.lab import StubFleet, lab
from tests.tui.test_launch import screen_name

BOOK = Notebook("k1", "work/exp7.ipynb", 8888, "torch-dev", "idle", NOW - 3600)


def with_books():
    alpha = lab().hosts["alpha"]
    mine = alpha.gpus[0]
    process = replace(mine.processes[0], notebook=BOOK.path, kernel=BOOK.kernel)
    gpus = (replace(mine, processes=(process,)), *alpha.gpus[1:])
    return StubFleet(replace(alpha, gpus=gpus, notebooks=(BOOK, Notebook("k2", "home.ipynb", 8889))))


async def test_notebooks_say_what_they_hold_and_open_their_server(monkeypatch):
    monkeypatch.setattr("webbrowser.open", lambda url: True)
    fleet = with_books()
    async with running(fleet, (120, 40)) as (app, pilot):
        await pilot.press("4")
        await pilot.until(lambda: "work/exp7.ipynb" in text(app))
        line = next(line for line in text(app).split("\n") if "exp7" in line and "idle" in line)
        assert "70G" in line
        assert "torch-dev" in line
        await pilot.press("enter")
        await pilot.until(
            lambda: fleet.named("open_jupyter") == [("open_jupyter", PlaceRef("alpha", "torch-dev-id"), 8888)]
        )
        await pilot.press("j", "o")
        await pilot.until(lambda: fleet.named("open_jupyter")[-1] == ("open_jupyter", PlaceRef("alpha"), 8889))
        await pilot.press("y")
        assert app.copied == "gpuws jupyter alpha:8889 --open"


async def chosen(app, pilot, command):
    """From the list of all actions."""
    await pilot.press("x")
    await pilot.until(lambda: screen_name(app) == "ActionScreen")
    app.screen.rows.select(command)
    await pilot.press("enter")


async def test_the_server_of_a_notebook_s_row_is_ended_once_that_is_agreed_to():
    fleet = with_books()
    fleet.servers = (JupyterServer(8888), JupyterServer(8890))
    async with running(fleet, (120, 40)) as (app, pilot):
        await pilot.press("4")
        await pilot.until(lambda: "work/exp7.ipynb" in text(app))
        await chosen(app, pilot, "jupyter-stop")
        await pilot.until(lambda: "Stop the Jupyter server on port 8888 in alpha/torch-dev?" in text(app))
        assert "work/exp7.ipynb: idle" in text(app)
        assert fleet.named("stop_jupyter") == []
        await pilot.press("y")
        await pilot.until(lambda: fleet.named("stop_jupyter"))
    assert fleet.named("stop_jupyter") == [("stop_jupyter", PlaceRef("alpha", "torch-dev-id"), 8888)]


async def test_of_a_container_of_somebody_else_no_server_is_ended():
    fleet = lab()
    jup = fleet.hosts["alpha"].workspaces[1]
    bobs = replace(BOOK, container=jup.name)
    fleet.put(replace(fleet.hosts["alpha"], notebooks=(bobs,)))
    async with running(fleet, (120, 40)) as (app, pilot):
        await pilot.press("4")
        await pilot.until(lambda: "work/exp7.ipynb" in text(app))
        await chosen(app, pilot, "jupyter-stop")
        await pilot.until(lambda: "jup is not yours" in toasts(app)[-1:])
    assert fleet.named("stop_jupyter") == []


async def test_the_log_of_a_server_that_was_started_is_shown():
    fleet = with_books()
    async with running(fleet, (120, 40)) as (app, pilot):
        await pilot.press("4")
        await pilot.until(lambda: "work/exp7.ipynb" in text(app))
        await chosen(app, pilot, "jupyter-log")
        await pilot.until(lambda: "token=***" in text(app))
        assert "gpuws jupyter alpha/torch-dev:8888 --log" in text(app)
        await pilot.press("ctrl+r")
        await pilot.until(lambda: len(fleet.named("jupyter_log")) == 2)


async def test_jump_goes_to_notebooks(monkeypatch):
    monkeypatch.setattr("webbrowser.open", lambda url: True)
    fleet = with_books()
    async with running(fleet) as (app, pilot):
        await pilot.press("t")
        await say(pilot, "exp7")
        await pilot.until(lambda: "alpha/torch-dev work/exp7.ipynb" in text(app))
        await pilot.press("enter")
        await pilot.until(lambda: fleet.named("open_jupyter"))


async def test_events_are_told_and_lead_to_their_host():
    fleet = lab()
    async with running(fleet) as (app, pilot):
        await pilot.press("6")
        await pilot.until(lambda: "Nothing has happened" in text(app))
        fleet.put(replace(fleet.hosts["bravo"], state=HostState.STALE, error="link lost"))
        await pilot.until(lambda: "stale: link lost" in text(app))
        await pilot.press("enter")
        assert app.screen.list.current.key == ("bravo", "")
        assert app.focused is app.screen.list
        fleet.emit(TunnelsChanged((Tunnel("t", TunnelTarget("alpha", None, 80), 20001, "refuses", error="refused"),)))
        await pilot.until(lambda: "tunnel 20001 → alpha:80 refuses: refused" in text(app))


def told(before, after, now=NOW):
    return [what for _, what, _ in changes(before, after, now)]


def test_what_the_journal_writes():
    alpha = snapshot(gpus=(replace(gpu(0), bus_id="00000000:3B:00.0"),), workspaces=(container(),))
    assert told(None, alpha) == told(alpha, alpha) == []
    broken = replace(
        alpha,
        gpus=(replace(alpha.gpus[0], health="lost", error="Xid 79"),),
        warnings=(Fault("reboot-pending", "reboot pending"),),
    )
    assert told(alpha, broken) == ["GPU 0 lost: Xid 79", "reboot pending"]
    ended = replace(alpha, workspaces=(container(state="exited", reason="exited 137, out of memory"),))
    assert told(alpha, ended) == ["torch-dev: exited 137, out of memory · alice"]
    more = replace(alpha, workspaces=(*alpha.workspaces, container("b", gpus=("x", "y"))))
    assert told(alpha, more) == ["b: running · alice · 2 GPUs"]
    assert told(more, alpha) == ["b: removed"]
    early = replace(alpha, complete=frozenset(), workspaces=())
    assert told(early, alpha) == []  # they were there before


def test_states_are_told_once_however_often_a_host_is_tried():
    def put(**more):
        nonlocal before
        after = snapshot(**more)
        journal.snapshot(before, after, NOW)
        before = after

    journal, before = Journal(), None
    put(state=HostState.CONNECTING)
    put()
    for _ in range(3):
        put(state=HostState.DOWN, error="no route")
        put(state=HostState.CONNECTING, error="no route")
    put()
    put(state=HostState.ASKING)
    assert [event.text for event in journal.events] == ["down: no route", "up", "asking"]
    assert [event.role for event in journal.events] == ["error", "muted", "warn"]


def test_faults_are_told_once_and_old_ones_not_at_all():
    alpha = snapshot(gpus=(replace(gpu(3), bus_id="00000000:3B:00.0"),))
    fresh, old = Xid(79, "0000:3b:00", "off the bus", NOW - 10), Xid(13, "0000:3b:00", "exception", NOW - 7200)
    faulty = replace(alpha, xids=(old, fresh))
    assert told(None, faulty) == told(alpha, faulty) == ["Xid 79 on GPU 3: off the bus"]
    assert told(faulty, faulty) == []
    again = replace(faulty, xids=(old, replace(fresh, text="pid=7, off the bus", at=NOW - 13)))
    assert told(faulty, again) == []  # the same, as the kernel's log has it


def test_a_fault_names_who_was_on_its_gpu():
    at = {"bus_id": "00000000:3B:00.0"}
    before = snapshot(gpus=(replace(gpu(3, user="alice", name="train.py"), **at),))
    after = replace(before, gpus=(replace(gpu(3), **at),), xids=(Xid(31, "0000:3b:00", "", NOW),))
    words = "Xid 31 on GPU 3: a program touched memory of the GPU that is not its own; alice (train.py) was on it"
    assert told(before, after) == [words]
    assert told(before, replace(after, gpus=())) == [words]


def test_the_journal_is_bounded_and_harmless():
    journal = Journal(limit=3)
    for number in range(5):
        journal.add(NOW, "alpha", f"\x1b[31m{number}\x00")
    assert [event.text for event in journal.events] == ["[31m2", "[31m3", "[31m4"]
    assert [event.number for event in journal.events] == [3, 4, 5]


def test_a_host_without_gpus_is_not_told_that_its_gpus_are_unused():
    assert "shows no GPU" in processes.of_place(snapshot("local", gpus=()), None, None, 0.0).empty
