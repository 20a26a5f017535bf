"""Tasks in the keeper: seen by every client, on with the next keeper, written without a secret."""

import contextlib
import threading
from dataclasses import replace

import msgspec
import pytest

from gpuws.fleet.background.store import Call
from gpuws.keeper.client.fleet import KeeperFleet
from gpuws.keeper.server.task_files import TaskFiles
from gpuws.keeper.wire.messages import Inquire
from gpuws.keeper.wire.tasks import read
from gpuws.model.build.want import BuildWant
from gpuws.model.errors import Cancelled, GpuwsError, Refused
from gpuws.model.placement.follow import Launched
from gpuws.model.placement.plan import Asked, Progress, Want
from gpuws.model.task import LABEL, Task
from gpuws.model.workspace.logs import LogWindow
from gpuws.model.workspace.workspace import Ref
from tests.keeper.serving import SOON, QuietFleet, until


class Scripted(QuietFleet):
    """`script`: what tasks do in place of their verbs."""

    script = None

    def _work_of(self, call):
        return self.script or super()._work_of(call)

    def plan(self, host, profile, want):
        """As of a profile that takes TOKEN from the environment."""
        plan = super().plan(host, profile, replace(want, environ={}))
        given = {"TOKEN": want.environ["TOKEN"]} if "TOKEN" in want.environ else {}
        return replace(plan, spec=replace(plan.spec, environment=given, secret_names=frozenset(given)))


@pytest.fixture
def stuck():
    """Work that stays in the middle of `creating` until it is let go, or cancelled."""
    go = threading.Event()

    def doing(report, cancel):
        report(Progress("creating", "hush-hush is said"))
        while not go.wait(0.01):
            if cancel.is_set():
                raise Cancelled("cancelled: nothing was left behind")
        return Ref("alpha", "new")

    doing.go = go
    yield doing
    go.set()


@pytest.fixture
def serving(serve, stuck):
    fleet = Scripted()
    fleet.script = stuck
    return serve(fleet)


def begin(serving, name="new", environ=None):
    client = serving.client()
    want = Want(name=name, environ=environ or {"TOKEN": "hush-hush"})
    return client, client.begin_launch(client.plan("alpha", "base", want))


def files(serving):
    return {path.name: path for path in serving.home.tasks.glob("*")}


def test_every_client_sees_it_and_it_keeps_the_keeper(serving, stuck):
    one, task = begin(serving)
    other = serving.client()
    until(lambda: [t.title for t in other.tasks()] == ["launch new"], "the task in the other's view")
    one.close()
    condition = serving.dialer().ask(Inquire())
    assert [t.id for t in read(condition.tasks)] == [task.id]
    assert serving.backend.working()
    assert serving.server.others("somebody") >= 1
    stuck.go.set()
    assert other.follow_task(task.id, lambda _step: None, threading.Event()).state == "done"
    until(lambda: other.tasks()[0].state == "done", "its end in the view")
    assert not serving.backend.working()


def test_any_client_cancels_it(serving):
    one, task = begin(serving)
    serving.client().cancel_task(task.id)
    assert one.follow_task(task.id, lambda _step: None, threading.Event()).state == "cancelled"


def test_its_files_are_private_and_hold_no_secret(serving, stuck):
    assert not serving.home.tasks.exists()
    client, task = begin(serving)
    until(lambda: {"1.json", "1.log"} <= files(serving).keys(), "its files")
    stuck.go.set()
    client.follow_task(task.id, lambda _step: None, threading.Event())
    stream = client.task_log(task.id, LogWindow())
    assert "creating *** is said" in stream.recv().decode()
    for path in files(serving).values():
        assert path.stat().st_mode & 0o777 == 0o600
        assert b"hush" not in path.read_bytes()
    assert serving.home.tasks.stat().st_mode & 0o777 == 0o700
    client.forget_task(task.id)
    assert files(serving) == {}


def test_where_nothing_can_be_written_the_task_is_done_all_the_same(serving, stuck):
    serving.home.paths.state_dir.parent.mkdir(parents=True, exist_ok=True)
    serving.home.paths.state_dir.write_text("a file in the way")
    client, task = begin(serving)
    stuck.go.set()
    assert client.follow_task(task.id, lambda _step: None, threading.Event()).state == "done"
    stream = client.task_log(task.id, LogWindow(tail=1))
    assert stream.recv().decode().startswith("done")


def test_who_watches_learns_from_the_next_keeper_what_became_of_it(serve, serving):
    """The first one's end comes in the middle; what it made bears the mark, and runs."""
    client = KeeperFleet(serving.dialer())
    plan, steps, made = client.plan("alpha", "base", Want(name="new")), [], []
    watcher = threading.Thread(target=lambda: made.append(client.launch(plan, steps.append, threading.Event())))
    watcher.start()
    until(lambda: any(step.stage == "creating" for step in steps), "the middle")
    mark = serving.fleet.tasks()[0].mark
    serving.end()
    following = serve(marked(mark), home=serving.home)
    watcher.join(SOON)
    there = next(c.ref for c in following.fleet.snapshots()[0].workspaces if c.labels.get(LABEL) == mark)
    assert made == [Launched(there)]
    assert "the keeper ended" in "".join(step.text for step in steps)
    (task,) = following.fleet.tasks()
    assert (task.state, task.mark, task.attempt) == ("done", mark, 2)


def marked(mark, **changes):
    """A lab where something bears the mark of a task."""
    fleet = Scripted()
    host = fleet._hosts.get("alpha")
    box = next(one for one in host.containers.values() if one.enterable)
    host.containers[box.id] = replace(box, labels={**box.labels, LABEL: mark}, **changes)
    return fleet


@pytest.mark.parametrize(
    ("fleet", "words"),
    [
        (lambda mark: Scripted(), "nothing of it is on alpha"),
        (lambda mark: marked(mark, status="created", state="exited"), "was made and not started"),
        (lambda mark: marked(mark, status="exited", state="exited", reason="exited 3"), "has ended since: exited 3"),
    ],
)
def test_the_next_keeper_tells_the_truth_and_makes_nothing_twice(serve, serving, fleet, words):
    _, task = begin(serving)
    before = serving.fleet.tasks()[0]
    serving.end()
    lab = fleet(before.mark)
    lab.script = lambda report, cancel: pytest.fail("it was done again")
    client = serve(lab, home=serving.home).client()
    ended = client.follow_task(task.id, lambda _step: None, threading.Event())
    assert ended.state == "interrupted"
    assert words in ended.error.message
    assert ended.troubles


def test_a_pull_is_begun_again_once(serve, serving):
    client = serving.client()
    threading.Thread(target=lambda: quietly(client), daemon=True).start()
    until(lambda: serving.fleet.tasks(), "the pull")
    until(lambda: serving.fleet.tasks()[0].progress, "its first step")
    serving.end()
    second = Scripted()
    second.script = serving.fleet.script
    following = serve(second, home=serving.home)
    following.client()
    until(lambda: second.tasks()[0].attempt == 2, "the second attempt")
    until(lambda: "begun again" in b"".join(iter(second.task_log("1", LogWindow()).recv, b"")).decode(), "the word")
    following.end()
    third = serve(Scripted(), home=serving.home).client()
    ended = third.follow_task("1", lambda _step: None, threading.Event())
    assert (ended.state, ended.error.message) == ("interrupted", "its keeper ended in the middle")


def quietly(client):
    with contextlib.suppress(GpuwsError):  # its keeper goes
        client.pull_image("alpha", "torch:9", lambda _step: None, threading.Event())


def test_a_retry_after_a_restart_asks_for_the_environment(serve, serving):
    _, task = begin(serving)
    serving.end()
    fleet = Scripted()
    client = serve(fleet, home=serving.home).client()
    client.follow_task(task.id, lambda _step: None, threading.Event())
    with pytest.raises(Refused, match="the environment it was begun with is gone: TOKEN"):
        client.retry_task(task.id, {})
    again = client.retry_task(task.id, {"TOKEN": "another"})
    assert client.follow_task(again.id, lambda _step: None, threading.Event()).result == "alpha/new"
    assert again.title == "launch new"


def test_seen_is_seen_by_the_next_keeper(serve, serving, stuck):
    def breaking(report, _cancel):
        report(Progress("building", "Step 1/2"))
        raise GpuwsError("it broke")

    serving.fleet.script = breaking
    client, task = begin(serving)
    client.follow_task(task.id, lambda _step: None, threading.Event())
    client.see_task(task.id)
    serving.end()
    following = serve(Scripted(), home=serving.home).client()
    until(lambda: following.tasks(), "the task")
    assert [(t.state, t.troubles) for t in following.tasks()] == [("failed", False)]


TASK = Task("7", "mark", "launch", "launch x", "alpha", 1.0)


def kept(folder, call, task):
    """As a next keeper reads it."""
    TaskFiles(folder).save(task, call)
    (pair,) = TaskFiles(folder).all()
    assert replace(pair[0], asked=None) == TASK
    return pair[1]


def test_arguments_are_kept_where_they_hold_no_secret(tmp_path):
    for want, well in (
        (Want(name="x"), True),
        (Want(recipe="image: x\nenvironment: {HF_TOKEN: null}\n"), True),
        (Want(recipe="image: x\nenvironment:\n  HF_TOKEN: hf_abcdefghijklmnop\n"), False),
        (Want(overrides=("mem_limit=8g",)), True),
        (Want(overrides=("environment.API_KEY=abc",)), False),
    ):
        asked = Asked("alpha", "base", want)
        found = kept(tmp_path, Call("launch", {"plan": asked}, ("A",)), replace(TASK, asked=asked))
        assert b"hf_" not in (tmp_path / "7.json").read_bytes()
        assert found.names == ("A",)
        assert found.arguments == ({"plan": asked} if well else None)


@pytest.mark.parametrize(
    ("want", "well"),
    [
        (BuildWant("pytorch", environ={"HF_TOKEN": "hf_abcdefghijklmnop", "PLAIN": "plain-value"}), True),
        (BuildWant(context="/x", tag="x", args={"HF_TOKEN": None, "N": "1"}), True),
        (BuildWant(context="/x", tag="x", args={"HF_TOKEN": "abcdefghijkl"}), False),
        (BuildWant("pytorch", overrides=("build.args.API_KEY=abcdefghijkl",)), False),
    ],
)
def test_a_build_is_kept_without_its_environment(tmp_path, want, well):
    call = Call("build_image", {"host": "alpha", "want": want}, ("HF_TOKEN",))
    task = replace(TASK, verb="build_image")
    TaskFiles(tmp_path).save(task, call)
    text = (tmp_path / "7.json").read_text()
    assert not any(secret in text for secret in ("hf_abc", "plain-value", "abcdefghijkl"))
    ((_, found),) = TaskFiles(tmp_path).all()
    kept = {"host": "alpha", "want": replace(want, environ={})}
    assert found.arguments == (kept if well else None)


def test_what_makes_no_sense_is_passed_over(tmp_path):
    assert TaskFiles(tmp_path / "none").all() == []
    for name, text in {"1.json": "{", "2.json": "[]", "x.json": "{}", "3.json": '{"task": 1}'}.items():
        (tmp_path / name).write_text(text)
    TaskFiles(tmp_path).save(replace(TASK, verb="gone"), Call("gone", {"a": 1}))
    assert TaskFiles(tmp_path).all() == []
    assert msgspec.json.decode((tmp_path / "7.json").read_bytes())["task"]["verb"] == "gone"
