"""Long verbs as tasks: begun, followed, cancelled, tried again, kept with their log and without a secret."""

import threading
from dataclasses import replace

import pytest

from gpuws.fleet.background.book import TaskBook
from gpuws.fleet.background.store import Call, NoStore
from gpuws.fleet.demo.fleet import DemoFleet
from gpuws.fleet.events import TasksChanged
from gpuws.model.errors import Cancelled, GpuwsError, Refused, TargetError
from gpuws.model.placement.plan import Progress, Want
from gpuws.model.workspace.logs import LogWindow
from gpuws.model.workspace.workspace import Ref
from tests.keeper.serving import until


class Scripted(DemoFleet):
    """`script`: what tasks do in place of their verbs."""

    script = None

    def _work_of(self, call):
        return self.script or super()._work_of(call)

    def _remember(self):
        """Nothing was done before."""


@pytest.fixture
def fleet():
    made = Scripted(tick=0)
    made.start()
    yield made
    made.close()


def quiet(_step):
    pass


def log_of(fleet, task_id="1", **window):
    stream = fleet.task_log(task_id, LogWindow(**window))
    return b"".join(iter(stream.recv, b"")).decode().splitlines()


def work(fleet, *steps, then=None):
    """Tasks do this from now on."""

    def doing(report, cancel):
        for step in steps:
            report(step)
        if then is not None:
            return then(report, cancel)
        return Ref("alpha", "new")

    fleet.script = doing


def test_a_launch_is_a_task_with_what_it_made(fleet):
    told = []
    fleet.subscribe(lambda event: told.append(event) if isinstance(event, TasksChanged) else None)
    ref = fleet.launch(fleet.plan("alpha", "base", Want(name="new")), quiet, threading.Event()).ref
    (task,) = fleet.tasks()
    assert (task.id, task.verb, task.title, task.host) == ("1", "launch", "launch new", "alpha")
    assert (task.state, task.made, task.result) == ("done", ref, "alpha/new")
    assert task.progress.stage == "done"
    assert not task.progress.layers
    assert told[0].tasks[0].running
    assert told[-1].tasks == (task,)
    assert log_of(fleet)[0] == "launch new on alpha"
    assert log_of(fleet)[-1] == "done: alpha/new"


def test_a_failure_stays_until_it_is_seen(fleet):
    work(fleet, Progress("building", "Step 1/2"), then=lambda *_: broken())
    with pytest.raises(GpuwsError, match="no compiler"):
        fleet.pull_image("alpha", "torch:1", quiet, threading.Event())
    (task,) = fleet.tasks()
    assert (task.state, task.error.message, task.error.remedy) == ("failed", "no compiler", "take another base")
    assert task.troubles
    assert log_of(fleet)[1:] == ["Step 1/2", "failed: no compiler", "→ take another base"]
    fleet.see_task("1")
    assert not fleet.tasks()[0].troubles
    fleet.forget_task("1")
    assert fleet.tasks() == ()
    with pytest.raises(TargetError):
        fleet.see_task("1")


def broken():
    raise GpuwsError("no compiler", "take another base")


def test_what_is_refused_before_its_first_step_was_no_task(fleet):
    with pytest.raises(TargetError):
        fleet.pull_image("nowhere", "torch:1", quiet, threading.Event())
    assert fleet.tasks() == ()


def test_a_task_inside_a_task_is_a_part_of_it(fleet):
    plan = fleet.plan("alpha", "base", Want(name="new"))
    work(fleet, then=lambda report, cancel: fleet.launch(plan, report, cancel))
    fleet.pull_image("alpha", "torch:1", quiet, threading.Event())
    assert [task.verb for task in fleet.tasks()] == ["pull_image"]


def test_one_begun_apart_is_followed_and_cancelled(fleet):
    go_on = threading.Event()

    def until_cancelled(report, cancel):
        go_on.wait(20)
        report(Progress("starting"))
        assert cancel.wait(20)
        raise Cancelled("cancelled: nothing was left behind")

    work(fleet, Progress("creating"), then=until_cancelled)
    task = fleet.begin_launch(fleet.plan("alpha", "base", Want(name="new")))
    assert task.running
    seen = []

    def report(step):
        seen.append(step.stage)
        go_on.set()
        if step.stage == "starting":
            fleet.cancel_task("1")

    ended = fleet.follow_task("1", report, threading.Event())
    assert seen == ["creating", "starting"]
    assert (ended.state, ended.seen) == ("cancelled", True)
    with pytest.raises(Refused, match="read-only"):
        DemoFleet(tick=0, readonly=True).begin_launch(fleet.plan("alpha", "base", Want()))


def test_who_follows_may_leave(fleet):
    stay = threading.Event()
    work(fleet, Progress("creating"), then=lambda *_: stay.wait(20) and Ref("alpha", "new"))
    fleet.begin_launch(fleet.plan("alpha", "base", Want(name="new")))
    leave = threading.Event()
    with pytest.raises(Cancelled, match="goes on"):
        fleet.follow_task("1", lambda _step: leave.set(), leave)
    with pytest.raises(Refused, match="still runs"):
        fleet.retry_task("1", {})
    stay.set()
    assert fleet.follow_task("1", quiet, threading.Event()).state == "done"


def test_a_retry_plans_anew_as_it_was_asked(fleet):
    work(fleet, Progress("creating"), then=lambda *_: broken())
    plan = fleet.plan("alpha", "base", Want(name="new", overrides=("mem_limit=8g",)))
    with pytest.raises(GpuwsError):
        fleet.launch(plan, quiet, threading.Event())
    fleet.script = None
    again = fleet.retry_task("1", {})
    assert fleet.follow_task(again.id, quiet, threading.Event()).result == "alpha/new"
    assert again.asked == plan.asked
    assert again.asked.want.overrides == ("mem_limit=8g",)


def test_a_log_is_read_while_it_grows(fleet):
    more = threading.Event()

    def going(report, _cancel):
        assert more.wait(20)
        report(Progress("building", "Step 2/2"))
        return Ref("alpha", "new")

    work(fleet, Progress("building", "Step 1/2"), then=going)
    fleet.begin_launch(fleet.plan("alpha", "base", Want(name="new")))
    until(lambda: len(log_of(fleet)) == 2)
    stream = fleet.task_log("1", LogWindow(follow=True, tail=1))
    assert stream.recv() == b"Step 1/2\n"
    stream.settimeout(0.01)
    with pytest.raises(TimeoutError):
        stream.recv()
    stream.settimeout(20)
    more.set()
    rest = b"".join(iter(stream.recv, b""))
    assert rest.decode().splitlines() == ["Step 2/2", "done: alpha/new"]
    assert all(line[:4].isdecimal() for line in log_of(fleet, timestamps=True))


def test_no_secret_reaches_a_log_or_a_task(fleet):
    plan = fleet.plan("alpha", "base", Want(name="new"))
    spec = replace(plan.spec, environment={"WANDB": "verysecretvalue"}, secret_names=frozenset({"WANDB"}))

    def leak(report, _cancel):
        report(Progress("building", "export WANDB=verysecretvalue HF_TOKEN=hf_abcdefghijklmnop"))
        raise GpuwsError("it said verysecretvalue", "unset verysecretvalue")

    work(fleet, then=leak)
    with pytest.raises(GpuwsError):
        fleet.launch(replace(plan, spec=spec), quiet, threading.Event())
    told = "\n".join(log_of(fleet)) + repr(fleet.tasks())
    assert "verysecret" not in told
    assert "hf_abc" not in told
    assert "***" in told


def test_a_broken_work_is_told_as_a_fault(fleet):
    work(fleet, Progress("creating"), then=lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        fleet.launch(fleet.plan("alpha", "base", Want(name="new")), quiet, threading.Event())
    assert "a bug in gpuws: ZeroDivisionError" in fleet.tasks()[0].error.message


def test_a_day_later_nothing_is_listed():
    now = [1000.0]

    book = TaskBook(lambda call: lambda report, cancel: None, lambda: None, lambda ref: ref.id, clock=lambda: now[0])
    book.do("pull_image", {"host": "alpha", "reference": "torch"}, quiet, threading.Event())
    assert [task.title for task in book.list()] == ["pull torch"]
    now[0] += 86401
    assert book.list() == ()
    assert book.begin("pull_image", {"host": "alpha", "reference": "torch"}).id == "2"


class Slow(NoStore):
    """Writes the end of a task only once it may."""

    def __init__(self):
        self.kept, self.ending, self.may, self.done = set(), threading.Event(), threading.Event(), threading.Event()

    def save(self, task, call):
        if not task.running:
            self.ending.set()
            self.may.wait(10)
        self.kept.add(task.id)
        if not task.running:
            self.done.set()

    def forget(self, task_id):
        self.kept.discard(task_id)


def test_what_is_forgotten_while_its_end_is_written_is_not_kept():
    book = TaskBook(lambda call: lambda report, cancel: None, lambda: None, lambda ref: ref.id)
    store = Slow()
    book.use(store)
    task = book.begin("pull_image", {"host": "alpha", "reference": "torch"})
    assert store.ending.wait(10)
    forgetting = threading.Thread(target=book.forget, args=(task.id,))
    forgetting.start()
    until(lambda: not book.list(), "the task gone from the list")
    store.may.set()
    assert store.done.wait(10)
    forgetting.join(10)
    assert (store.kept, forgetting.is_alive()) == (set(), False)


def test_only_what_makes_nothing_is_begun_again(fleet):
    again = fleet._work_after(pulling("pull_image"), Call("pull_image", {"host": "alpha", "reference": "torch:9"}))
    steps = []
    again(steps.append, threading.Event())
    assert "begun again" in steps[0].text
    for task, words in (
        (pulling("pull_image", attempt=2), "its keeper ended in the middle"),
        (pulling("launch"), "nothing of it is on alpha"),
        (pulling("recreate"), "NAME.old"),
    ):
        with pytest.raises(GpuwsError, match=words):
            fleet._work_after(task, Call(task.verb, {}))(quiet, threading.Event())


def pulling(verb, attempt=1):
    from gpuws.model.task import Task

    return Task("1", "mark", verb, "it", "alpha", 1.0, progress=Progress("pulling"), attempt=attempt)


def test_a_log_of_what_ended_before_ends_although_it_is_followed():
    made = DemoFleet(tick=0)
    made.start()
    assert log_of(made, "2", follow=True)[-1].startswith("→ ")
    made.close()
