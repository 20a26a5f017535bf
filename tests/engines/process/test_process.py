"""Programs of a host as a workspace, by its real bash, tmux and /proc: begun, found again, entered, ended, removed."""

import os
import shutil
import stat
import subprocess
import sys
import threading
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from gpuws.engines.base import Site
from gpuws.engines.process import kind, launch, listing, scripts
from gpuws.engines.process.engine import ProcessEngine
from gpuws.link.local.local import LocalLink
from gpuws.model.errors import GpuwsError, Refused, TargetError
from gpuws.model.gpu.reading import HostFacts
from gpuws.model.host.host import Host
from gpuws.model.placement.plan import Want
from gpuws.model.profile.profile import GpuWish, Profile, TmuxWish
from gpuws.model.workspace.logs import LogWindow
from tests.factories import gpu

NEVER = threading.Event()
SECRET = "s3cr3t value\nof two lines"
PROGRAM = 'echo "on $CUDA_VISIBLE_DEVICES in $PWD with ${#TOKEN}"; sleep 600'


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(launch, "WATCHED", 0.3)
    (tmp_path / "work").mkdir()
    yield tmp_path
    for one in tmp_path.glob(".local/state/gpuws/process/*/p-*"):
        subprocess.run(scripts.argv("end", scripts.END, [one.name, "0"]), check=False, timeout=30)
        shutil.rmtree(f"/tmp/gpuws-{one.name}", ignore_errors=True)


@pytest.fixture(params=["tmux", pytest.param("no tmux", marks=pytest.mark.soak)])
def tmux(request, tmp_path, monkeypatch):
    """Whether the host has one."""
    if request.param == "tmux":
        if not shutil.which("tmux"):
            pytest.skip("there is no tmux here")
        return True
    without = tmp_path / "bin"
    without.mkdir()
    for folder in os.environ["PATH"].split(":"):
        for program in Path(folder).glob("*") if Path(folder).is_dir() else ():
            if program.name != "tmux" and not (without / program.name).exists():
                (without / program.name).symlink_to(program)
    monkeypatch.setenv("PATH", str(without))
    return False


def engine():
    return ProcessEngine(LocalLink(), Host("alpha"), {"TOKEN": SECRET})


def site(home, *gpus):
    facts = HostFacts("alice", os.getuid(), os.getgid(), ("alice",), str(home), "alpha", interpreter=sys.executable)
    return Site(Host("alpha"), facts, gpus or (gpu(0), gpu(1)), "alice", "desk", "580", "13.0")


def train(home, **more):
    return Profile(
        "train", command=("sh", "-c", PROGRAM), gpus=GpuWish(count=1), working_dir=str(home / "work"),
        environment={"TOKEN": None, "EPOCHS": "3"}, **more,
    )  # fmt: skip


def begin(one, home, profile, name=None):
    return launched(one, home, profile, name).ref


def launched(one, home, profile, name=None):
    return one.launch(one.plan(profile, Want(name), site(home)), lambda _: None, NEVER)


def until(what, seconds=15.0):
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.05)
    return found


def log_of(one, ref):
    with closing(one.logs(ref.id, LogWindow())) as stream:
        return b"".join(iter(stream.recv, b"")).decode()


def of(ref):
    """As another gpuws finds it."""
    return next((one for one in engine().workspaces() if one.id == ref.id), None)


def marked(ref):
    mark = f"GPUWS_WORKSPACE={ref.id}".encode()
    return [one.name for one in Path("/proc").glob("[0-9]*") if mark in _read(one / "environ")]


def test_its_whole_life(home, tmux):
    one = engine()
    plan = one.plan(train(home), Want(), site(home))
    assert plan.problems == ()
    assert ("tmux new-session" in plan.command) is tmux
    assert "TOKEN" in plan.command
    assert SECRET not in plan.command
    ref = one.launch(plan, lambda _: None, NEVER).ref
    until(lambda: f"on GPU-alpha-0 in {home}/work with {len(SECRET)}" in log_of(one, ref))
    found = of(ref)
    assert (found.name, found.state, found.owner, found.profile) == ("train-alice", "running", "alice", "train")
    assert (found.gpus, found.on_host, found.reason) == (("GPU-alpha-0",), True, None)
    (folder,) = home.glob(".local/state/gpuws/process/*/p-*")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not [file for file in folder.iterdir() if b"s3cr3t" in file.read_bytes()]
    assert not [words for words in Path("/proc").glob("[0-9]*/cmdline") if b"s3cr3t" in _read(words)]
    inside = one.place(ref.id).run(["sh", "-c", 'printf %s "$TOKEN $EPOCHS $PWD"'])
    assert inside.stdout.decode() == f"{SECRET} 3 {home}/work"
    with_more = one.place(ref.id, cwd="/", env=("MORE=1 2",)).run(["sh", "-c", 'printf %s "$MORE $EPOCHS $PWD"'])
    assert with_more.stdout == b"1 2 3 /"
    if tmux:
        listed = one.place(ref.id).run(["tmux", "list-sessions", "-F", "#{session_name}"]).stdout
        assert listed == b"main\n"
    with pytest.raises(GpuwsError, match="programs of it run"):
        one.act(ref.id, "remove")
    one.act(ref.id, "stop", grace=5)
    assert (of(ref).state, marked(ref), of(ref).gpus) == ("exited", [], ("GPU-alpha-0",))
    assert of(ref).actions == {"remove"}
    assert of(ref).reason == "exited 143"
    assert "on GPU-alpha-0" in log_of(one, ref)
    one.act(ref.id, "remove")
    assert (of(ref), [*home.glob(".local/state/gpuws/process/*")]) == (None, [])
    assert not Path(f"/tmp/gpuws-{ref.id}").exists()
    with pytest.raises(TargetError, match="gone"):
        one.act(ref.id, "stop")


def _read(file):
    try:
        return file.read_bytes()
    except OSError:
        return b""


def test_how_it_ended_is_known(home, tmux, monkeypatch):
    one = engine()
    ref = begin(one, home, replace(train(home), command=("sh", "-c", "echo done; sleep 1.2; exit 7")))
    ended = until(lambda: (now := of(ref)).state == "exited" and now)
    assert (ended.reason, ended.failed) == ("exited 7", True)
    until(lambda: not marked(ref))
    monkeypatch.setattr(launch, "WATCHED", 20.0)
    with pytest.raises(GpuwsError, match=r"exited 3: .*no such dataset"):
        begin(one, home, replace(train(home), command=("sh", "-c", "echo no such dataset; exit 3")), "again")
    assert launched(one, home, replace(train(home), command=("true",)), "short").ended is not None


def test_a_kill_leaves_nothing_however_it_hides(home, tmux):
    one = engine()
    hidden = "trap '' TERM HUP; setsid sh -c \"trap '' TERM HUP; sleep 600\" & sleep 600"
    ref = begin(one, home, replace(train(home), command=("sh", "-c", hidden)))
    until(lambda: len(marked(ref)) >= 3)
    one.act(ref.id, "kill")
    assert (marked(ref), of(ref).state) == ([], "exited")
    assert of(ref).reason in ("exited 137", "exited 129")


def test_of_two_who_want_one_gpu_one_gets_it(home, tmux):
    """Two workstations of mine that planned at the same moment."""
    both = [(each := engine(), each.plan(train(home), Want(name), site(home, gpu(0)))) for name in ("one", "two")]
    outcomes = []

    def work(each, plan):
        try:
            outcomes.append(each.launch(plan, lambda _: None, NEVER).ref)
        except Refused as error:
            outcomes.append(error.message)

    threads = [threading.Thread(target=work, args=pair) for pair in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    said = [one for one in outcomes if isinstance(one, str)]
    assert len(outcomes) == 2
    assert len(said) == 1
    assert "taken since it was planned: GPU 0: alice's" in said[0]


def test_nobody_is_signalled_by_a_number_that_is_another_s_now(home):
    one = engine()
    ref = begin(one, home, train(home))
    (folder,) = home.glob(".local/state/gpuws/process/*/p-*")
    bystander = subprocess.Popen(["sleep", "600"])
    try:
        (folder / "pid").write_text(f"{bystander.pid} 1\n")
        assert of(ref).state == "exited"  # neither start nor mark agree
        one.act(ref.id, "kill")
        assert bystander.poll() is None
        (folder / "node").write_text("another-host\n")
        assert of(ref) is None  # a home that hosts share: it is another's
    finally:
        bystander.kill()
        bystander.wait()


def test_what_still_runs_is_not_removed_although_nothing_says_which_its_first_process_is(home, tmux):
    """As where the link was cut while it began, or a program went on behind its end."""
    one = engine()
    ref = begin(one, home, train(home))
    (directory,) = home.glob(".local/state/gpuws/process/*/p-*")
    (directory / "pid").unlink()
    with pytest.raises(GpuwsError, match="programs of it run"):
        one.act(ref.id, "remove")
    assert directory.exists()
    one.act(ref.id, "remove", force=True)
    assert not directory.exists()


def test_after_the_host_began_anew_it_is_told_as_ended(home):
    one = engine()
    ref = begin(one, home, train(home))
    one.act(ref.id, "kill")
    (boot,) = home.glob(".local/state/gpuws/process/*")
    (boot / ref.id / "exit").unlink()
    boot.rename(boot.with_name("00000000-0000-0000-0000-000000000000"))
    assert (of(ref).state, of(ref).reason) == ("exited", "the host was started anew")
    one.act(ref.id, "remove")
    assert of(ref) is None


def test_where_its_directory_can_t_be_made_nothing_is_begun(home):
    (home / ".local").write_text("in the way")
    with pytest.raises(GpuwsError, match=r"began nothing: .*can't make"):
        begin(engine(), home, train(home))


def test_an_environment_is_activated_for_it_and_for_who_enters(home, tmux, monkeypatch):
    venv = home / "torch" / "bin"
    venv.mkdir(parents=True)
    (venv / "activate").write_text(f'export VIRTUAL_ENV="{venv.parent}" PATH="{venv}:$PATH"\n')
    one = engine()
    ref = begin(one, home, replace(train(home), command=("sh", "-c", 'echo "in $VIRTUAL_ENV"; sleep 600'),
                                   activate=("~/torch", "export LINE=1")))  # fmt: skip
    until(lambda: f"in {venv.parent}" in log_of(one, ref))
    assert one.place(ref.id).run(["sh", "-c", 'echo "$VIRTUAL_ENV $LINE"']).stdout.decode() == f"{venv.parent} 1\n"
    monkeypatch.setattr(launch, "WATCHED", 20.0)
    with pytest.raises(GpuwsError, match="exited 78"):
        begin(one, home, replace(train(home), activate=("~/none",)), "wrong")


def test_without_a_command_a_shell_waits_in_its_tmux(home):
    if not shutil.which("tmux"):
        pytest.skip("there is no tmux here")
    one = engine()
    ref = begin(one, home, replace(train(home), command=None, tmux=TmuxWish("shell")))
    place = one.place(ref.id)
    assert place.run(["tmux", "list-sessions", "-F", "#{session_name}"]).stdout == b"shell\n"
    place.run(["tmux", "send-keys", "-t", "shell", "echo said $((40+2))", "Enter"])
    until(lambda: "said 42" in log_of(one, ref))
    began = time.monotonic()
    one.act(ref.id, "stop")
    assert time.monotonic() - began < 5  # a shell ignores TERM: it is hung up
    assert of(ref).state == "exited"


@pytest.mark.parametrize(
    ("profile", "why"),
    [
        (Profile("p", command=("x",)), ""),
        (Profile("p", image="torch"), "it says image, which only containers have"),
        (Profile("p", user="root"), "it says user, which only containers have"),
    ],
)
def test_which_profiles_are_for_it(profile, why):
    assert kind.unfit(profile) == why


def test_a_plan_says_what_is_not_held(home):
    profile = Profile("train", engine="process", image="torch", shm_size=1 << 30, mem_limit=1 << 30, cpus=2.0)
    checks = {check.name: check for check in engine().plan(profile, Want(), site(home)).checks}
    assert checks["profile"].detail == "a process of the host does not hold image, shm_size"
    assert (checks["mem_limit"].status, checks["cpus"].status) == ("warn", "warn")


def test_lines_that_make_no_sense_are_nobody_s():
    assert listing.read("alpha", "Welcome!\n") is None
    assert listing.read("alpha", f"Welcome!\n{listing.HEAD}\np-1 lives\np-{'0' * 20} lives 1 [] {{}}\n") == []
