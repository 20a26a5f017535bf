"""What ends soon after its start: its last lines and the reason are the result, and what stays costs no waiting."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from types import SimpleNamespace

import pytest

from gpuws.engines.docker.launch import ending, started
from gpuws.engines.docker.launch.ending import Ending, failure
from gpuws.engines.docker.launch.started import GLANCE, SETTLE, worth
from gpuws.engines.docker.launch.watch import status_of
from gpuws.engines.docker.launch.wrapper import command_of
from gpuws.model.errors import Cancelled, GpuwsError
from gpuws.model.placement.follow import Follow
from gpuws.model.placement.plan import Want
from gpuws.model.profile.profile import Healthcheck, Profile, TmuxWish
from tests.engines.docker.conftest import IMAGE, following
from tests.engines.docker.inside import until

WAIT = Profile("waits", image=IMAGE, command=("sleep", "infinity"), environment={"WANDB_API_KEY": None})
SECRET = "very-secret"
LONG = pytest.mark.soak
"""One instance more of a kind that another case stands for."""


def launched(bench, profile, follow=Follow(), name=None, report=lambda progress: None, cancel=None):  # noqa: B008
    plan = following(bench.engine.plan(profile, Want(name=name), bench.site), follow)
    return bench.engine.launch(plan, report, cancel or threading.Event())


def running(script, **more):
    return replace(WAIT, command=("sh", "-c", script), **more)


@pytest.mark.lab
@pytest.mark.parametrize(
    ("profile", "reason", "lines", "remedy"),
    [
        (
            running('exec >&2; echo start; echo "Traceback: no module $WANDB_API_KEY"; exit 3'),
            "exited 3",
            ["  start", "  Traceback: no module ***"],
            "gpuws logs here/ends has all it wrote",
        ),
        (
            replace(WAIT, command=("no-such-program",)),
            "exited 127, its command is not there",
            None,
            "choose an image that has it",
        ),
        pytest.param(replace(WAIT, command=("/etc/passwd",)), "exited 126", None, "chmod +x", marks=LONG),
        pytest.param(
            *(running("kill -SEGV $$"), "exited 139, SIGSEGV", ["it wrote nothing"], "gpuws logs here/ends"), marks=LONG
        ),
        (running("exit 4", restart="always"), "again and again .restart: always.", None, "gpuws stop here/ends ends"),
        pytest.param(
            running("printf 'one\\rtwo\\n'; exit 5", tty=True),
            "exited 5",
            ["  two"],
            "gpuws logs here/ends has all it wrote",
            marks=LONG,
        ),
        pytest.param(
            *(replace(WAIT, command=("no-such",), tmux=TmuxWish()), "exited 127", None, "choose an image"), marks=LONG
        ),
        pytest.param(
            replace(WAIT, command=("bash", "-c", "x=a; while :; do x=$x$x; done"), mem_limit=32 << 20),
            "exited 137, out of memory",
            None,
            "raise mem_limit",
            marks=LONG,
        ),
    ],
)
def test_a_program_that_ends_at_once_is_no_success(clean, profile, reason, lines, remedy):
    with pytest.raises(GpuwsError, match=reason) as told:
        launched(clean, profile, name="ends")
    sentence, *under = told.value.message.splitlines()
    assert sentence.startswith("here/ends ended ")
    assert SECRET not in told.value.message
    if lines == ["it wrote nothing"]:
        assert sentence.endswith(lines[0])
    elif lines is not None:
        assert under == lines
    assert remedy in told.value.remedy
    assert clean.engine.inspect("ends")["State"]["StartedAt"]  # it is there to be read


@pytest.mark.lab
def test_a_short_job_that_ends_well_is_told_as_ended(clean):
    made = launched(clean, running("echo done"))
    assert made.lines == ("done",)
    assert made.ended is not None
    assert 0 < made.ended < SETTLE
    assert clean.engine.inspect(made.ref.id)["State"]["ExitCode"] == 0


@pytest.mark.lab
def test_what_is_removed_with_its_end_is_heard_before(clean):
    before = clean.ids()
    with pytest.raises(GpuwsError, match="exited 3 — it is gone, as --rm says") as told:
        launched(clean, running("echo last words; exit 3", auto_remove=True), name="ends")
    assert told.value.message.endswith("\n  last words")
    made = launched(clean, running("echo $WANDB_API_KEY; seq 50", auto_remove=True))
    assert made.lines == tuple(map(str, range(11, 51)))
    until(lambda: clean.ids() == before, "it is still there")


@pytest.mark.lab
def test_what_only_waits_is_followed_for_a_moment(clean):
    at = 0.0

    def report(progress):
        nonlocal at
        if progress.stage == "watching":
            at = time.monotonic()

    assert launched(clean, WAIT, report=report).ended is None
    assert GLANCE - 0.1 < time.monotonic() - at < GLANCE + 1.0


@pytest.mark.lab
def test_cancelled_while_it_is_followed_nothing_is_left(clean):
    cancel, before = threading.Event(), clean.ids()

    def report(progress):
        if progress.stage == "watching":
            cancel.set()

    with pytest.raises(Cancelled, match="nothing was left behind"):
        launched(clean, running("sleep 9; :"), report=report, cancel=cancel)
    assert clean.ids() == before


@pytest.mark.lab
def test_healthy_is_waited_for(clean):
    check = Healthcheck(("CMD-SHELL", "test -e /tmp/up"), interval=1.0, retries=30)
    said = []
    follow = Follow(watch=0.0, ready="healthy", within=30.0)
    made = launched(clean, running("touch /tmp/up; sleep 99", healthcheck=check), follow, report=said.append)
    assert clean.engine.inspect(made.ref.id)["State"]["Health"]["Status"] == "healthy"
    assert "for health · starting" in next(one.text for one in said if one.stage == "waiting")


@pytest.mark.lab
@pytest.mark.parametrize(
    ("profile", "ready", "sentence"),
    [
        (running("echo loading; sleep 99"), "8123", r"not so that port 8123 answers: .*8123.*\n  loading"),
        (running("echo alone; sleep 0.2; exit 0"), "8123", "ended with status 0 before port 8123 answers .*\n  alone"),
        pytest.param(running("sleep 0.2; echo oops; exit 9"), "8123", "exited 9 .*\n  oops", marks=LONG),
        (WAIT, "healthy", "not so that it is healthy: it has no health check"),
        (
            running("sleep 99", healthcheck=Healthcheck(("CMD-SHELL", "echo cold; exit 1"), interval=0.2, retries=1)),
            "healthy",
            "unhealthy: cold",
        ),
    ],
)
def test_what_does_not_get_ready_says_what_was_seen_last(clean, profile, ready, sentence):
    with pytest.raises(GpuwsError, match=sentence):
        launched(clean, profile, Follow(watch=0.0, ready=ready, within=1.2))


@pytest.mark.lab
def test_nobody_waits_any_more_but_it_runs(clean):
    cancel = threading.Event()

    def report(progress):
        if progress.stage == "waiting":
            cancel.set()

    with pytest.raises(Cancelled, match="here/kept runs; nobody waits any more until port 8123 answers"):
        launched(clean, WAIT, Follow(watch=0.0, ready="8123"), "kept", report, cancel)
    assert clean.engine.inspect("kept")["State"]["Running"]


# pure


def test_a_program_that_only_waits_is_looked_at_for_a_moment():
    assert worth(["/bin/sleep", "infinity"]) == GLANCE
    assert worth(command_of(replace(WAIT, command=None, tmux=TmuxWish()))) == GLANCE
    assert worth(["/bin/sleep", "infinity"], ["/run.sh"]) == SETTLE
    assert worth(command_of(replace(WAIT, command=("python", "train.py"), tmux=TmuxWish()))) == SETTLE
    assert worth([]) == worth(["sh", "-c", "sleep 9"]) == SETTLE


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (Ending(1, 0.42, "exited 1"), "a/b ended 0.4 s after its start: exited 1; it wrote nothing"),
        (Ending(1, 1.0, "exited 1", lines=None), "; what it wrote can't be read"),
        (Ending(137, 1.0, "exited 137, out of memory", no_memory=True), "raise mem_limit"),
        (Ending(0, 1.0, "exited 0", again=True, policy="always"), "again and again (restart: always)"),
    ],
)
def test_the_reason_is_said(found, words):
    assert words in str(failure(found, "a/b"))


def test_words_of_the_engine_may_be_missing():
    assert status_of({}) == status_of({"Actor": {"Attributes": {"exitCode": "x"}}}) == -1
    assert ending._reason(0, {}) == "exited 0"
    assert started.WAITING


def test_an_engine_that_is_lost_leaves_what_it_started_to_be_looked_at():
    class Broken:
        def end(self, until):
            raise GpuwsError("Docker on here ended its event stream")

    spec = SimpleNamespace(name="train", command=("sleep", "1"), profile=WAIT)
    plan = SimpleNamespace(spec=spec, want=Want())
    there = started.Started(SimpleNamespace(host="here"), plan, Broken(), time.monotonic(), {})
    with pytest.raises(started.Lost, match="here/train was started; whether it stays up can't be told") as told:
        there.settled(lambda progress: None)
    assert told.value.remedy == "look before you repeat it: gpuws ps -a here"
