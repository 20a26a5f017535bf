"""What happened between two looks, as notices; when it is told; to whom it goes."""

from dataclasses import replace

import pytest

from gpuws.model.gpu.gpu import Availability, GpuProcess
from gpuws.model.gpu.memory_cap import LABEL
from gpuws.model.gpu.reading import Disk, Xid
from gpuws.model.host.host import HostState
from gpuws.model.notice import lasting
from gpuws.model.notice.background import task_ended
from gpuws.model.notice.changes import CALM, judged
from gpuws.model.notice.notice import Notice
from gpuws.model.notice.pace import PAUSES, pause, several, turn
from gpuws.model.notice.seen import Seen, session_key
from gpuws.model.notice.watch import Watch, looked, over
from gpuws.model.notice.wishes import Quiet, Rule, Wishes
from gpuws.model.session.state import SessionState
from gpuws.model.session.window import Client, Pane, Window
from gpuws.model.task import Task, Why
from gpuws.model.workspace.engine import EngineInfo
from gpuws.model.workspace.usage import Usage
from gpuws.model.workspace.workspace import Ref
from tests.factories import GIB, NOW, being, container, gpu, session, snapshot


class Eyes:
    """Looks again and again, as an observer does."""

    def __init__(self):
        self.seen, self.at = Seen(), NOW

    def look(self, shown, after=2.0):
        self.at += after
        self.seen, told = judged("salt", self.seen, replace(shown, updated_at=self.at), self.at)
        return [(one.kind, one.sentence) for one in told]

    def notices(self, shown, after=2.0):
        self.at += after
        self.seen, told = judged("salt", self.seen, replace(shown, updated_at=self.at), self.at)
        return told


@pytest.fixture
def eyes():
    return Eyes()


BOX = container()
DIED = replace(being(BOX, "exited"), failed=True, reason="exited 1")


def test_what_is_seen_for_the_first_time_is_no_news(eyes):
    full = Disk("/", 99, 100)
    first = snapshot(workspaces=(DIED,), sessions=(session(state=SessionState("waiting")),), disks=(full,))
    assert eyes.look(first) == []


@pytest.mark.parametrize(
    ("after", "told"),
    [
        (DIED, ("container", "alpha: torch-dev died: exited 1")),
        (replace(DIED, failed=False, reason="exited 0"), ("container", "alpha: torch-dev ended: exited 0")),
        (
            replace(DIED, reason="exited 137, out of memory", out_of_memory="killed"),
            ("oom", "alpha: torch-dev was killed: out of memory"),
        ),
        (
            replace(DIED, failed=False, reason="exited 0", out_of_memory="inside"),
            ("container", "alpha: torch-dev ended: exited 0"),
        ),
        (being(BOX, "restarting"), ("container", "alpha: torch-dev died, and is started again and again")),
        (None, ("container", "alpha: torch-dev ended, and was removed")),
    ],
)
def test_a_container_that_ends_is_told_once(eyes, after, told):
    eyes.look(snapshot(workspaces=(BOX,)))
    there = snapshot(workspaces=(after,) if after else ())
    assert eyes.look(there) == [told]
    assert eyes.look(there) == []


def test_memory_that_ran_out_inside_is_told_each_time(eyes):
    def eaten(kills):
        return snapshot(workspaces=(replace(BOX, failed=True, out_of_memory="inside", oom_kills=kills),))

    said = [("oom", "alpha: memory ran out in torch-dev, which goes on")]
    eyes.look(snapshot(workspaces=(BOX,)))
    assert [eyes.look(eaten(1)), eyes.look(eaten(1)), eyes.look(eaten(1))] == [[], said, []]
    assert [eyes.look(eaten(2)), eyes.look(eaten(2))] == [[], said]


def test_memory_that_ran_out_in_its_first_program_is_its_end_alone(eyes):
    eyes.look(snapshot(workspaces=(BOX,)))
    assert eyes.look(snapshot(workspaces=(replace(BOX, out_of_memory="inside", oom_kills=1),))) == []
    died = replace(DIED, reason="exited 137, out of memory", out_of_memory="killed", oom_kills=1)
    assert eyes.look(snapshot(workspaces=(died,))) == [("oom", "alpha: torch-dev was killed: out of memory")]


def test_gpu_memory_that_ran_out_is_told_once_when_its_log_was_read(eyes):
    why = "GPU memory ran out: wanted 60G on GPU 2; on it were 90G of carol (train-bert)"
    eyes.look(snapshot(workspaces=(BOX,)))
    assert [kind for kind, _ in eyes.look(snapshot(workspaces=(DIED,)))] == ["container"]
    read = snapshot(workspaces=(replace(DIED, gpu_out_of_memory=why),))
    assert [eyes.look(read), eyes.look(read)] == [[("oom", f"alpha: torch-dev: {why}")], []]
    eyes.look(snapshot(workspaces=(BOX,)))
    assert [kind for kind, _ in eyes.look(read)] == ["container"]  # its end says it already


def test_each_end_has_an_id_of_its_own_that_whoever_looks_gives_it(eyes):
    eyes.look(snapshot(workspaces=(BOX,)))
    before = eyes.seen
    (first,) = eyes.notices(snapshot(workspaces=(DIED,)))
    _, (again,) = judged("salt", before, snapshot(workspaces=(DIED,)), NOW + 60)
    assert again.id == first.id
    eyes.look(snapshot(workspaces=(BOX,)))
    (second,) = eyes.notices(snapshot(workspaces=(DIED,)))
    assert second.id != first.id


def test_one_that_restarts_again_and_again_is_no_storm(eyes):
    again = being(BOX, "restarting")
    told = [eyes.look(snapshot(workspaces=(one,))) for one in (BOX, *(again, BOX) * 20)]
    assert sum(map(len, told)) == 1
    assert eyes.look(snapshot(workspaces=(again,)), CALM) != []


def test_what_an_engine_that_fails_does_not_list_has_not_ended(eyes):
    shown = snapshot(workspaces=(BOX,))
    eyes.look(shown)
    broken = replace(shown, workspaces=(), engine=replace(shown.engine, error="no answer"))
    assert eyes.look(broken) == []
    assert eyes.look(shown) == []


def test_a_workspace_beside_an_engine_that_is_not_there_is_told_of(eyes):
    none = EngineInfo("none", error="alpha has no Docker")
    train = replace(BOX, ref=Ref("alpha", "p-1"), name="train", on_host=True)
    eyes.look(replace(snapshot(workspaces=(BOX, train)), engine=none))
    ended = eyes.look(replace(snapshot(workspaces=(being(train, "exited"),)), engine=none))
    assert [kind for kind, *_ in ended] == ["container"]
    assert "train" in str(ended)
    assert BOX.name not in str(ended)


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (SessionState("ended", "", 3), ("command", "alpha: python in tmux main exited 3")),
        (SessionState("waiting", "Proceed? [y/n]"), ("waiting", "alpha: tmux main waits for you")),
        (SessionState("idle"), ("command", "alpha: python in tmux main ended after 30s")),
    ],
)
def test_a_command_that_ends_and_a_session_that_waits(eyes, state, told):
    busy = session(state=SessionState("progress", "40%"))
    eyes.look(snapshot(sessions=(busy,)))
    after = snapshot(sessions=(replace(busy, state=state, command="bash"),))
    assert eyes.look(after, 30) == [told]
    assert eyes.look(after) == []


def test_who_sits_in_a_session_is_told_nothing_of_it_until_they_stop_typing(eyes):
    def shown(kind, typed, **more):
        at = eyes.at + 2 - typed  # at the next look
        one = session(state=SessionState(kind), clients=(Client("/dev/pts/3", typed=at, **more),))
        return snapshot(sessions=(one,))

    eyes.look(shown("idle", 5))
    assert eyes.look(shown("waiting", 5)) == []  # an editor was opened
    assert eyes.look(shown("waiting", 60)) == []  # and is still looked at
    for _ in range(2):
        eyes.look(shown("running", 0))
        assert eyes.look(shown("waiting", 5)) == []  # a prompt after each line of a console
    assert eyes.look(shown("waiting", 60)) == [("waiting", "alpha: python in tmux main waits for you")]  # they went
    eyes.look(shown("running", 0))
    assert eyes.look(shown("waiting", 5, readonly=True)) != []  # who looks on can't answer
    eyes.look(shown("running", 0))
    assert eyes.look(shown("waiting", -3600)) != []  # a host whose clock is wrong


def test_nothing_of_what_a_screen_shows_is_in_a_notice(eyes):
    def shown(kind):
        return snapshot(sessions=(session(state=SessionState(kind, "the words of the pane", 3)),))

    watch = Watch("1", "session", "alpha", session_key(shown("idle").sessions[0]), "tmux main", NOW)
    for kind in ("waiting", "ended", "idle"):
        eyes.look(shown("running"), 30)
        told = eyes.look(shown(kind), 30)
        assert told
        assert "words" not in str(told)
        assert "words" not in repr(over(watch, looked(watch, shown(kind))[1], NOW))


def test_the_status_of_what_ended_may_come_a_moment_later(eyes):
    def ended(status):
        return snapshot(sessions=(session(state=SessionState("ended", "", status)),))

    for late, how in ((0, "exited 0"), (None, "ended")):
        eyes.look(snapshot(sessions=(session(state=SessionState("running")),)))
        assert eyes.look(ended(None)) == eyes.look(ended(None), 0.1) == []
        assert eyes.look(ended(late), 4) == [("command", f"alpha: python in tmux main {how}")]
        assert eyes.look(ended(late)) == []


def test_a_list_without_screens_between_two_with_them_is_no_news(eyes):
    waits = snapshot(sessions=(session(state=SessionState("waiting", "y/n")),))
    unread = snapshot(sessions=(session(state=None),))
    told = [eyes.look(one) for one in (unread, waits, unread, waits, unread)]
    assert list(map(len, told)) == [0, 1, 0, 0, 0]
    running = snapshot(sessions=(session(state=SessionState("running")),))
    assert [len(eyes.look(one)) for one in (running, waits)] == [0, 1]


def test_a_script_of_a_shell_runs_although_a_list_shows_the_shell_alone(eyes):
    def shown(state):
        return snapshot(sessions=(session(command="bash", state=state),))

    looks = [SessionState("running"), None, SessionState("progress", "40%"), None]
    assert [eyes.look(shown(state), 30) for state in looks] == [[], [], [], []]
    assert eyes.look(shown(SessionState("idle"))) == [("command", "alpha: bash in tmux main ended after 1m")]


def test_each_pane_counts(eyes):
    def shown(*panes):
        window = Window("@1", 1, "train", True, panes=(Pane("%1", 10, "bash", True), *panes))
        return snapshot(sessions=(session(layout=(window,)),))

    eyes.look(shown(Pane("%2", 11, "python"), Pane("%3", 12, "python")))
    after = shown(Pane("%2", None, "python", ended=True, status=137), Pane("%3", 12, "python"))
    assert eyes.look(after) == [("command", "alpha: python in tmux main 1:train exited 137")]
    assert eyes.look(shown()) == [("command", "alpha: tmux main 1:train is gone, and python with it")]


def test_a_prompt_that_comes_back_at_once_is_no_news(eyes):
    eyes.look(snapshot(sessions=(session(command="bash"),)))
    eyes.look(snapshot(sessions=(session(command="ls"),)))
    assert eyes.look(snapshot(sessions=(session(command="bash"),))) == []


def test_a_session_that_goes_with_its_program(eyes):
    eyes.look(snapshot(sessions=(session(command="python"),)))
    assert eyes.look(snapshot()) == [("command", "alpha: tmux main is gone, and python with it")]


def test_gpus_that_come_free_are_told_together_once_they_stay_free(eyes):
    held = snapshot(gpus=(gpu(0, user="bob", used=40), gpu(1, user="bob", used=40)))
    free = snapshot(gpus=(gpu(0), gpu(1)))
    eyes.look(held)
    eyes.look(held, 60)
    assert eyes.look(free) == []
    assert eyes.look(free, 4) == [("free", "alpha: 2 GPUs (0, 1) came free: NVIDIA A100-SXM4-80GB")]
    assert eyes.look(free) == []


def test_a_gpu_between_two_programs_is_not_free(eyes):
    held, free = snapshot(gpus=(gpu(0, user="bob", used=40),)), snapshot(gpus=(gpu(0),))
    eyes.look(held)
    assert [eyes.look(one, 12) for one in (held, free)] == [[], []]
    assert [eyes.look(one, 1) for one in (held, free, held)] == [[], [], []]
    assert gpu(0).availability == Availability("free")


def test_a_fault_of_a_gpu_is_told_once_and_to_whom_it_concerns(eyes):
    def fault(number, ago, **more):
        one = gpu(0, bus_id="00000000:3B:00.0", **more)
        return snapshot(
            gpus=(one,), xids=(Xid(79, "0000:3b:00.0", "old", NOW - 9), Xid(number, "0000:3b:00.0", "", ago))
        )

    bobs = {"user": "bob", "name": "eval.py", "used": 9}
    eyes.look(fault(79, NOW - 9, **bobs))  # it was there before
    assert eyes.look(fault(79, NOW - 5, **bobs)) == []  # what the first brought
    (told,) = eyes.notices(fault(31, NOW + 60, **bobs))
    assert (told.kind, told.mine, told.level) == ("gpu", False, "bad")
    assert told.sentence.endswith("memory of the GPU that is not its own; bob (eval.py) was on it")
    assert eyes.look(fault(31, NOW + 61)) == []
    (told,) = eyes.notices(fault(95, NOW + 90, **bobs))
    assert told.mine is None  # the GPU's own is everybody's
    (told,) = eyes.notices(fault(13, NOW + 120, **bobs, mine=True))
    assert told.mine is True
    assert eyes.notices(fault(13, NOW - 7200, **bobs)) == ()


def test_a_gpu_lost_and_back(eyes):
    eyes.look(snapshot(gpus=(gpu(0),)))
    lost = snapshot(gpus=(gpu(0, health="lost", error="GPU is lost"),))
    assert eyes.look(lost) == [("gpu", "alpha: GPU 0 lost: GPU is lost")]
    assert eyes.look(snapshot(gpus=(gpu(0),))) == [("gpu", "alpha: GPU 0 is back")]
    assert eyes.look(snapshot(gpus=(), coverage="none")) == []
    assert eyes.look(snapshot(gpus=())) == [("gpu", "alpha: GPU 0 is not there any more")]
    assert eyes.look(snapshot(gpus=())) == []
    assert eyes.look(snapshot(gpus=(gpu(0),))) == [("gpu", "alpha: GPU 0 is back")]


def test_a_disk_that_fills_up_is_told_until_there_is_room_again(eyes):
    def disk(part):
        return eyes.look(snapshot(disks=(Disk("/data", part, 100),)))

    assert disk(50) == []
    assert disk(91) == [("limit", "alpha: the disk of /data is 91% full")]
    assert disk(89) == disk(92) == []
    assert disk(98) == [("limit", "alpha: the disk of /data is 98% full")]
    assert disk(70) == []
    assert disk(90) == [("limit", "alpha: the disk of /data is 90% full")]


def boxed(part, **more):
    box = container(memory_limit=100 * GIB, usage=None if part is None else Usage(memory=part * GIB), **more)
    return snapshot(workspaces=(box,))


def test_a_container_near_its_cap_of_memory_is_told_once_until_it_has_room_again(eyes):
    assert eyes.look(boxed(50)) == []
    assert eyes.look(boxed(90)) == [("limit", "alpha: the memory of torch-dev is 90% full")]
    assert [eyes.look(boxed(part)) for part in (88, 91, None, 100, 87)] == [[], [], [], [], []]
    assert eyes.look(boxed(86)) == []
    assert eyes.look(boxed(97)) == [("limit", "alpha: the memory of torch-dev is 97% full")]
    eyes.look(snapshot())
    assert not eyes.seen.limits


def test_a_full_container_is_told_to_those_whose_it_is(eyes):
    for mine in (True, False):
        eyes.look(boxed(50, id=str(mine), mine=mine))
        (told,) = eyes.notices(boxed(95, id=str(mine), mine=mine))
        assert (told.subject, told.mine) == ("torch-dev", mine)


def test_a_cap_of_gpu_memory_is_told_again_once_it_was_kept(eyes):
    def shown(used):
        box = container("train", labels={LABEL: f"{40 * GIB} warn"})
        process = GpuProcess(1, "me", "python", used * GIB, None, "train", container_id=box.id)
        return snapshot(workspaces=(box,), gpus=(replace(gpu(3, user="me", used=used), processes=(process,)),))

    said = ("limit", "alpha: the cap of train on GPU 3 is 125% full")
    assert [eyes.look(shown(used)) for used in (10, 50, 50, 39, 50, 10, 50)] == [[], [said], [], [], [], [], [said]]


def test_a_host_is_lost_once_that_lasted_and_back_at_once(eyes):
    down = snapshot(state=HostState.DOWN, error="no route to host")
    eyes.look(snapshot())
    assert eyes.look(down) == eyes.look(down, lasting.LASTS - 4) == []
    assert eyes.look(down, 4) == [("host", "alpha is lost: no route to host")]
    assert eyes.look(snapshot()) == []
    assert eyes.look(snapshot()) == [("host", "alpha is back")]


def test_a_host_that_comes_and_goes_is_no_storm(eyes):
    down = snapshot(state=HostState.DOWN)
    eyes.look(snapshot())
    short = [eyes.look(one, 5) for one in (down, snapshot()) * 200]
    assert sum(map(len, short)) == 0
    long = [eyes.look(one, 10) for one in ((down,) * 4 + (snapshot(),) * 4) * 45]  # an hour, 40 s each
    assert 2 <= sum(map(len, long)) <= 6


def test_when_a_host_is_to_be_looked_at_again_is_known():
    up = lasting.host_change("", None, snapshot(), NOW)[0]
    assert lasting.due(up, NOW) is None
    gone = lasting.host_change("", up, snapshot(state=HostState.DOWN), NOW + 1)[0]
    assert lasting.due(gone, NOW + 1) == lasting.LASTS


def test_a_name_is_data_and_a_secret_stays_one(eyes):
    evil = container("x\x1b]0;y\x07", reason="token=hf_abcdefghijklmnopqrst")
    eyes.look(snapshot(workspaces=(evil,)))
    ended = replace(being(evil, "exited"), failed=True)
    ((_, said),) = eyes.look(snapshot(workspaces=(ended,)))
    assert "\x1b" not in said
    assert "hf_abc" not in said


# watches


def watched(thing, key, label="it", host="alpha"):
    return Watch("1", thing, host, key, label, NOW)


def ending(watch, *shown):
    said = ""
    for number, one in enumerate(shown):
        watch, said = looked(watch, replace(one, updated_at=NOW + 2 * number))
    return said


def test_told_when_it_ends():
    busy, box = session(command="python"), BOX
    key = session_key(busy)
    assert ending(watched("container", box.id), snapshot(workspaces=(box,))) == ""
    assert ending(watched("container", box.id), snapshot(workspaces=(DIED,))) == "exited 1"
    assert ending(watched("container", box.id), snapshot()) == ""
    assert ending(watched("container", box.id), snapshot(), snapshot()) == "is gone"
    assert ending(watched("session", key), snapshot(sessions=(busy,))) == ""
    assert ending(watched("session", key), snapshot(sessions=(session(command="bash"),))) != ""
    assert ending(watched("process", "100"), snapshot(gpus=(gpu(0, user="me", used=1),))) == ""
    assert ending(watched("process", "100"), snapshot(gpus=(gpu(0),)), snapshot(gpus=(gpu(0),))) == "has ended"
    free = snapshot(gpus=(gpu(0),))
    assert ending(watched("gpu", "GPU-alpha-0"), free, free) == "is free"
    assert ending(watched("host", "away"), snapshot(state=HostState.DOWN)) == ""
    assert ending(watched("host", "away"), snapshot()) == "is back"
    assert ending(watched("host", "busy"), free) == "has GPU 0 free"


def test_nothing_ends_because_its_host_can_not_be_seen():
    gone = snapshot(state=HostState.DOWN)
    assert ending(watched("container", "c"), gone, gone, gone) == ""
    owed = snapshot(complete=frozenset())
    assert ending(watched("process", "7"), owed, owed, owed) == ""


def test_what_was_asked_for_is_told_as_asked():
    one = over(watched("container", "c", "train"), "exited 1", NOW)
    assert (one.kind, one.sentence, one.level) == ("asked", "alpha: train exited 1", "bad")
    assert over(watched("host", "away", "alpha"), "is back", NOW).sentence == "alpha is back"


# the background


def task(**more):
    return Task("1", "mark", "launch", "launch train", "bravo", NOW, **more)


def test_the_end_of_a_task_is_the_same_whoever_sees_it():
    done = task_ended(task(state="done", ended_at=NOW + 5))
    assert (done.id, done.sentence) == (
        task_ended(task(state="done", ended_at=NOW + 9)).id,
        "bravo: launch train is done",
    )
    failed = task_ended(task(state="failed", ended_at=NOW, error=Why("bravo: no space left")))
    assert failed.sentence == "bravo: launch train failed: no space left"
    assert task_ended(task()) is None
    assert task_ended(task(state="cancelled", ended_at=NOW)) is None


# where it goes, and when


def notice(number=1, kind="container", host="alpha", mine=True, when=NOW):
    return Notice(f"n{number}", kind, host, "x", f"{host}: x", when, mine)


@pytest.mark.parametrize(
    ("rule", "fits"),
    [
        (Rule(("a",)), True),
        (Rule(("a",), kinds=("oom",)), False),
        (Rule(("a",), kinds=("container", "oom")), True),
        (Rule(("a",), hosts=("bravo", "al*")), True),
        (Rule(("a",), hosts=("bravo",)), False),
    ],
)
def test_rules_by_kind_and_host(rule, fits):
    assert rule.fits(notice()) is fits


def test_what_is_somebody_elses_goes_where_that_is_wanted():
    wishes = Wishes((Rule(("mine",)), Rule(("all",), mine=False)))
    assert wishes.goes_to(notice(mine=False)) == ("all",)
    assert wishes.goes_to(notice(mine=None)) == ("mine", "all")


def test_what_was_asked_for_goes_everywhere():
    wishes = Wishes((Rule(("phone",), kinds=("oom",)),), receivers={"phone": None, "desk": None})
    assert wishes.goes_to(notice(kind="asked")) == ("toast", "phone", "desk")


def test_quiet_hours_go_over_midnight():
    night = Wishes(quiet=(Quiet(22 * 3600, 7 * 3600),))
    assert night.quiet_for(23 * 3600) == 8 * 3600
    assert night.quiet_for(6 * 3600) == 3600
    assert night.quiet_for(12 * 3600) == 0


def test_hosts_that_are_watched_are_those_of_rules_that_watch():
    wishes = Wishes((Rule(("toast",)), Rule(("phone",), hosts=("a*",), watch=True)))
    assert wishes.watched(["alpha", "bravo"]) == {"alpha"}


def test_many_at_once_go_as_one_within_the_limit():
    many = [notice(number) for number in range(30)]
    first = turn(many, [], NOW, most=10, held=(), quiet=0.0)
    assert len(first.each) == 9
    rest = turn(many[9:], [NOW] * 9, NOW, most=10, held=(), quiet=0.0)
    assert len(rest.together) == 21
    assert turn(many, [NOW] * 10, NOW + 20, most=10, held=(), quiet=0.0).wait == 40.0
    whole = several(rest.together, NOW)
    assert whole.of == tuple(one.id for one in many[9:])
    assert whole.sentence == "gpuws: 21 notices on alpha (21 container): gpuws notify ls"


def test_quiet_hours_hold_back_what_then_goes_together():
    three = [notice(number) for number in range(3)]
    ids = [one.id for one in three]
    assert turn(three, [], NOW, most=10, held=ids, quiet=600.0) == replace(
        turn([], [], NOW, most=1, held=(), quiet=0), wait=600.0
    )
    assert turn(three, [], NOW, most=10, held=ids[1:], quiet=600.0).each == (three[0],)
    assert turn(three, [], NOW, most=10, held=ids, quiet=0.0).together == tuple(three)


def test_pauses_grow():
    assert [pause(number) for number in (1, 2, 100)] == [PAUSES[0], PAUSES[1], PAUSES[-1]]
