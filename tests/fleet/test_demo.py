"""The demo lab: it looks like a lab, it moves by its seed alone, and every verb changes what is seen."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from gpuws.fleet.base import Fleet
from gpuws.fleet.demo.fleet import DemoFleet
from gpuws.fleet.events import HostsChanged, HostUpdated, QuestionsChanged
from gpuws.model.errors import Cancelled, EngineMissing, GpuwsError, Refused, TargetError, Unreachable, UsageError
from gpuws.model.gpu.fault import Fault
from gpuws.model.gpu.gpu import processes_of
from gpuws.model.host.host import Host, HostState
from gpuws.model.host.question import Answer
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.placement.plan import Progress, Want
from gpuws.model.profile.draft import ProfileDraft
from gpuws.model.profile.profile import GpuWish
from gpuws.model.session.terminal import Size
from gpuws.model.workspace.logs import LogWindow
from gpuws.model.workspace.workspace import PlaceRef, Workspace


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def still(**options: object) -> DemoFleet:
    """A lab that moves only by `step()`."""
    return DemoFleet(tick=0, clock=options.pop("clock", Clock()), **options)  # type: ignore[arg-type]


def host(fleet: Fleet, name: str) -> HostSnapshot:
    return next(s for s in fleet.snapshots() if s.name == name)


def box(fleet: Fleet, where: str, name: str) -> Workspace:
    return next(c for c in host(fleet, where).workspaces if c.name == name)


def read_all(terminal) -> str:
    parts = []
    while data := terminal.recv():
        parts.append(data)
    return b"".join(parts).decode()


def test_it_looks_like_a_lab():
    fleet: Fleet = still()
    states = {s.name: s.state for s in fleet.snapshots()}
    assert list(states) == ["alpha", "bravo", "delta", "echo", "foxtrot", "golf", "local"]
    assert states["delta"] is HostState.STALE
    assert states["echo"] is HostState.HOST_KEY_CHANGED
    assert states["golf"] is HostState.DOWN
    assert [len(host(fleet, name).gpus) for name in ("alpha", "bravo", "delta", "foxtrot", "local")] == [4, 8, 8, 2, 0]
    assert host(fleet, "local").telemetry_error == Fault("no-driver", "no NVIDIA driver")
    alpha = host(fleet, "alpha").gpus
    assert [g.held_by[0].user if g.held_by else None for g in alpha] == ["alice", "alice", "bob", None]
    assert alpha[0].mine
    assert not alpha[2].mine
    assert alpha[3].free
    assert alpha[2].held_by[0].idle_seconds == pytest.approx(9 * 3600)
    assert alpha[2].processes[0].notebook == "exp7.ipynb"
    bravo = host(fleet, "bravo").gpus
    assert bravo[2].held_by[0].kind == "reservation"
    assert bravo[3].held_by[0].kind == "process"
    assert bravo[7].health == "reset-required"
    assert sum(g.free for g in bravo) == 2


def test_hosts_that_fail_show_no_values_and_say_why():
    fleet = still()
    for name in ("echo", "golf"):
        snapshot = host(fleet, name)
        assert snapshot.gpus == ()
        assert snapshot.updated_at is None
        assert snapshot.error
        assert snapshot.remedy


def test_a_stale_host_keeps_its_last_values_and_its_age_grows():
    clock = Clock()
    fleet = still(clock=clock)
    before = host(fleet, "delta")
    clock.now += 5
    fleet.step()
    after = host(fleet, "delta")
    assert after.gpus == before.gpus
    assert after.age(clock.now) == pytest.approx(17)
    assert after.retry_at is not None
    assert after.retry_at > clock.now
    assert host(fleet, "alpha").age(clock.now) == 0


def test_the_seed_alone_decides():
    def run(seed: int) -> list[float | None]:
        fleet = still(seed=seed)
        for _ in range(5):
            fleet.step()
        return [g.utilization for s in fleet.snapshots() for g in s.gpus]

    assert run(3) == run(3)
    assert run(3) != run(4)


def test_every_tick_moves_something_and_a_program_comes_and_goes():
    fleet = still()
    seen = set()
    freed = False
    for _ in range(60):
        fleet.step()
        bravo = host(fleet, "bravo")
        seen.add(bravo.gpus[0].utilization)
        freed = freed or bravo.gpus[3].free
        assert all(0 <= (g.utilization or 0) <= 100 for g in bravo.gpus)
    assert len(seen) > 2
    assert freed


def test_the_thread_tells_listeners_and_close_stops_it():
    fleet = DemoFleet(tick=0.005)
    moved = threading.Event()
    stop = fleet.subscribe(lambda event: moved.set() if isinstance(event, HostUpdated) else None)
    fleet.start()
    moved.clear()
    assert moved.wait(5)
    stop()
    fleet.close()
    moved.clear()
    fleet.step()
    assert not moved.is_set()


def test_launch_shows_its_stages_then_the_container_holds_its_gpus():
    fleet = still()
    plan = fleet.plan("alpha", "pytorch-2.7-cu118", Want(name="new", gpus=GpuWish(indices=(3,))))
    assert not plan.problems
    assert "--gpus '\"device=GPU-" in plan.command
    stages: list[Progress] = []
    ref = fleet.launch(plan, stages.append, threading.Event()).ref
    names = list(dict.fromkeys(stage.stage for stage in stages))
    assert names == ["checking", "pulling", "creating", "starting", "done"]
    made = box(fleet, "alpha", "new")
    assert made.ref == ref
    assert made.mine
    gpu = host(fleet, "alpha").gpus[3]
    assert [(h.kind, h.name) for h in gpu.held_by] == [("reservation", "new")]
    assert any(s.container == "new" and s.name == "main" for s in host(fleet, "alpha").sessions)


def test_a_present_image_is_not_pulled():
    fleet = still()
    plan = fleet.plan("alpha", "pytorch-2.8-cu128", Want())
    stages: list[Progress] = []
    fleet.launch(plan, stages.append, threading.Event())
    assert "pulling" not in {stage.stage for stage in stages}


def test_a_profile_that_lies_in_no_file_is_launched_as_any_other():
    plan = still().plan("bravo", "", Want(recipe="image: lab/torch:2.8\ngpus: 1\n"))
    assert (plan.spec.name, plan.spec.image, len(plan.devices)) == ("torch", "lab/torch:2.8", 1)
    assert "gpuws.profile" not in plan.spec.labels


def test_whatever_set_can_say_is_said_for_one_launch():
    asked = ("volumes+=~/data:/data:ro", "ports+=6006", "environment.DEBUG=1", "tmux=false", "image=x", "build=null")
    plan = still().plan("bravo", "flash-attn", Want(overrides=asked))
    profile = plan.spec.profile
    assert [volume.target for volume in profile.volumes] == ["/workspace", "/data"]
    assert (profile.ports[0].target, profile.environment, profile.tmux, profile.build) == (
        6006, {"DEBUG": "1"}, None, None,
    )  # fmt: skip
    assert (plan.spec.name, plan.spec.image, plan.asked.want.overrides) == ("flash-attn", "x", asked)
    assert "-e DEBUG=1" in plan.command


def test_a_cancelled_launch_leaves_nothing():
    fleet = still()
    cancel = threading.Event()
    plan = fleet.plan("alpha", "base", Want(name="never"))
    with pytest.raises(Cancelled):
        fleet.launch(plan, lambda _: cancel.set(), cancel)
    assert not any(c.name == "never" for c in host(fleet, "alpha").workspaces)


def test_a_new_profile_lives_as_long_as_the_demo():
    fleet = still()
    fleet.save_profile(ProfileDraft("tiny", "pytorch-2.8-cu128", "small", gpus="2", mem_limit="3g"))
    made = next(profile for profile in fleet.profiles() if profile.name == "tiny")
    assert (made.description, made.gpus) == ("small", "2")
    plan = fleet.plan("bravo", "tiny", Want())
    assert (len(plan.devices), plan.spec.profile.mem_limit) == (2, 3 << 30)
    with pytest.raises(UsageError, match="already"):
        fleet.save_profile(ProfileDraft("tiny", "base"))
    with pytest.raises(UsageError, match="expected all, none, a count"):
        fleet.save_profile(ProfileDraft("other", "base", gpus="many"))
    fleet.save_recipe("pasted", "image: lab/torch:2.8\ngpus: 2\n")
    assert fleet.plan("bravo", "pasted", Want()).spec.image == "lab/torch:2.8"
    with pytest.raises(UsageError, match="already"):
        fleet.save_recipe("pasted", "image: other\n")
    with pytest.raises(Refused, match="not in files"):
        fleet.profile_file("base")
    assert "tiny" not in {profile.name for profile in still().profiles()}


def test_plans_say_what_is_wrong():
    fleet = still()
    too_many = fleet.plan("alpha", "base", Want(gpus=GpuWish(count=3)))
    assert "3 wanted, 1 fit" in too_many.problems[0].detail
    taken = fleet.plan("alpha", "base", Want(name="torch-dev"))
    assert [c.name for c in taken.problems] == ["name"]
    with pytest.raises(EngineMissing, match="no Docker engine"):
        fleet.plan("local", "base", Want())
    with pytest.raises(UsageError, match="known profiles"):
        fleet.plan("alpha", "nope", Want())
    with pytest.raises(UsageError, match="colour: unknown key"):
        fleet.plan("alpha", "base", Want(overrides=("colour=red",)))
    with pytest.raises(Unreachable):
        fleet.plan("golf", "base", Want())


def test_stop_start_and_remove_change_what_is_held():
    fleet = still()
    train = box(fleet, "alpha", "torch-dev")
    with pytest.raises(GpuwsError, match="is running"):
        fleet.act(train.ref, "remove")
    fleet.act(train.ref, "stop")
    assert box(fleet, "alpha", "torch-dev").state == "exited"
    assert host(fleet, "alpha").gpus[0].free
    fleet.act(train.ref, "start")
    assert [h.kind for h in host(fleet, "alpha").gpus[0].held_by] == ["reservation"]
    fleet.act(train.ref, "remove", force=True)
    with pytest.raises(TargetError):
        fleet.act(train.ref, "start")


def test_kill_says_so_and_needs_a_running_container():
    fleet = still()
    jup = box(fleet, "alpha", "jup")
    fleet.act(jup.ref, "kill")
    assert box(fleet, "alpha", "jup").reason == "stopped, exited 137"
    assert not box(fleet, "alpha", "jup").failed  # somebody asked for it
    old = box(fleet, "alpha", "old-exp")
    assert old.failed
    fleet.act(old.ref, "start")
    assert not box(fleet, "alpha", "old-exp").failed
    with pytest.raises(GpuwsError, match="not running"):
        fleet.act(jup.ref, "kill")


def test_a_read_only_lab_shows_and_refuses():
    fleet = still(readonly=True)
    train = box(fleet, "alpha", "torch-dev")
    with pytest.raises(Refused):
        fleet.act(train.ref, "stop")
    with pytest.raises(Refused):
        fleet.run(train.place, ["true"])
    assert fleet.logs(train.ref, LogWindow(tail=1)).recv()
    fleet.attach(PlaceRef("alpha"), "notes", Size()).close()
    assert fleet.preview(PlaceRef("alpha"), "notes", lines=1).lines == ("notes.md",)
    for place, session in ((train.place, "main"), (PlaceRef("alpha"), None)):
        with pytest.raises(Refused, match="alpha is read-only"):
            fleet.attach(place, session, Size())


def test_logs_honour_the_window_and_follow_until_closed():
    fleet = DemoFleet(tick=0.1)
    ref = box(fleet, "alpha", "torch-dev").ref
    assert fleet.logs(ref, LogWindow(tail=3)).recv().count(b"\n") == 3
    assert fleet.logs(ref, LogWindow(tail=0)).recv() == b""
    assert fleet.logs(ref, LogWindow(tail=1, timestamps=True)).recv().startswith(b"20")
    following = fleet.logs(ref, LogWindow(follow=True, tail=0))
    assert b"loss" in following.recv()
    following.close()
    assert following.recv() == b""


def test_run_and_popen_answer():
    fleet = still()
    place = box(fleet, "alpha", "torch-dev").place
    assert fleet.run(place, ["echo", "hi"]).stdout == b"hi\n"
    assert fleet.run(place, ["sh", "-c", "exit 7"]).status == 7
    assert fleet.run(place, ["nonsense"]).status == 127
    process = fleet.popen(place, ["cat"])
    process.write(b"through")
    assert process.read() == b"through"
    process.close_stdin()
    assert process.read() == b""
    assert process.wait(1) == 0
    with pytest.raises(GpuwsError, match="not running"):
        fleet.run(box(fleet, "alpha", "old-exp").place, ["true"])


def test_a_shell_echoes_and_ends_on_exit():
    fleet = still()
    terminal = fleet.interactive(PlaceRef("alpha"), (), Size())
    terminal.sendall(b"whoamx\x7fi\r")
    terminal.sendall(b"exit 3\r")
    text = read_all(terminal)
    assert "alice@alpha:/home/alice$ " in text
    assert "\r\nalice\r\n" in text
    assert terminal.exit_status() == 3


def test_a_tmux_pane_trains_until_it_is_left():
    fleet = still()
    terminal = fleet.attach(box(fleet, "alpha", "torch-dev").place, None, Size(60, 20))
    assert "[main] 0:python*" in terminal.recv().decode()
    assert "loss" in terminal.recv().decode()
    terminal.sendall(b"\x03")
    terminal.sendall(b"hostname\r\x02d")
    text = read_all(terminal)
    assert "KeyboardInterrupt" in text
    assert "torch-dev\r\n" in text
    assert "[detached (from session main)]" in text
    assert terminal.exit_status() == 0


def test_a_closed_terminal_frees_its_reader_without_a_status():
    terminal = still().attach(PlaceRef("alpha"), None, Size())
    terminal.recv()
    terminal.close()
    assert read_all(terminal) == ""
    assert terminal.exit_status() is None


def test_sessions_are_made_on_attach_and_ended():
    fleet = still()
    place = PlaceRef("local")
    fleet.attach(place, "fresh", Size())
    assert any(s.name == "fresh" for s in host(fleet, "local").sessions)
    with pytest.raises(GpuwsError, match="has a session"):
        fleet.new_session(place, "fresh")
    fleet.kill_session(place, "fresh")
    with pytest.raises(TargetError):
        fleet.kill_session(place, "fresh")


def test_a_host_key_is_asked_and_the_answer_decides():
    fleet = still(question=True)
    told: list[QuestionsChanged] = []
    fleet.subscribe(lambda event: told.append(event) if isinstance(event, QuestionsChanged) else None)
    fleet.start()
    question = fleet.questions()[0]
    assert (question.kind, question.host) == ("host-key", "hotel")
    assert host(fleet, "hotel").state is HostState.ASKING
    fleet.answer(question.id, None)
    assert host(fleet, "hotel").error == "its host key was not confirmed"
    fleet.reconnect("hotel")
    fleet.answer(fleet.questions()[0].id, Answer(True))
    assert host(fleet, "hotel").state is HostState.UP
    assert len(host(fleet, "hotel").gpus) == 2
    fleet.answer(question.id, None)
    assert host(fleet, "hotel").state is HostState.UP
    assert told[0].questions == (question,)
    assert told[-1].questions == ()


def test_reconnect_mends_what_can_be_mended():
    fleet = still()
    fleet.reconnect("delta")
    assert host(fleet, "delta").state is HostState.UP
    fleet.reconnect("golf")
    assert host(fleet, "golf").state is HostState.CONNECTING
    fleet.step()
    assert host(fleet, "golf").state is HostState.DOWN
    fleet.reconnect("echo")
    assert host(fleet, "echo").state is HostState.HOST_KEY_CHANGED


def test_hosts_are_chosen_and_added():
    fleet = still(hosts=("local",))
    assert [s.name for s in fleet.snapshots()] == ["local"]
    assert "alpha" in [alias.name for alias in fleet.configured().aliases]
    fleet.add_hosts(["alpha", "hotel"])
    assert [s.name for s in fleet.snapshots()] == ["local", "alpha", "hotel"]
    with pytest.raises(TargetError):
        fleet.add_hosts(["nobody"])


def test_no_session_of_mine_runs_what_somebody_else_began():
    for snapshot in still().snapshots():
        working = {(p.container, p.session): p.user for gpu in snapshot.gpus for p in processes_of(gpu) if p.session}
        for session in snapshot.sessions:
            user = working.get((session.container, session.name))
            assert user is None or session.mine is (user == "alice"), (snapshot.name, session)


def test_hosts_are_tried_saved_renamed_and_removed_in_memory():
    fleet, told, seen = still(hosts=("local", "alpha")), [], []
    fleet.subscribe(told.append)
    new = Host("new", hostname="10.0.0.9", user="bob")
    found = fleet.try_host(new, None, seen.append, threading.Event())
    assert (found.name, found.state, seen[-1]) == ("new", HostState.UP, found)
    assert [s.name for s in fleet.snapshots()] == ["alpha", "local"]
    fleet.save_host(new, None)
    assert HostsChanged(("alpha", "local", "new")) in told
    assert fleet.addresses(["new", "alpha"]) == ("bob@10.0.0.9", "alice@alpha.lab.example")
    fleet.save_host(replace(new, name="newer"), "new")
    assert [one.host.name for one in fleet.configured().hosts] == ["alpha", "newer"]
    with pytest.raises(UsageError, match="alpha is configured already"):
        fleet.save_host(Host("alpha"), None)
    fleet.remove_host("newer")
    assert [s.name for s in fleet.snapshots()] == ["alpha", "local"]
    assert told[-1] == HostsChanged(("alpha", "local"))


def test_a_cancelled_trial_of_a_host_ends():
    stopped = threading.Event()
    stopped.set()
    with pytest.raises(Cancelled):
        still(hosts=("local",)).try_host(Host("new"), None, lambda _: None, stopped)
