"""The agent's readings of /proc, on texts as real machines write them."""

import json
import os
import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import pytest

from gpuws.probe.agent import cgroup, machine, main, processes, programs, threads, tmux
from gpuws.probe.agent.gpu import Turn
from gpuws.probe.agent.programs import Programs
from gpuws.probe.agent.threads import Background

NET = """Inter-|   Receive                  |  Transmit
 face |bytes    packets errs drop |bytes    packets
    lo: 9000 1 0 0 0 0 0 0 9000 1 0 0 0 0 0 0
  eth0:{0} 1 0 0 0 0 0 0 {1} 1 0 0 0 0 0 0
docker0: 7000 1 0 0 0 0 0 0 7000 1 0 0 0 0 0 0
"""


def test_bytes_over_network_cards_are_told_and_none_twice(tmp_path):
    table, card = tmp_path / "dev", tmp_path / "eth0"
    network = machine.Network(str(table), str(tmp_path / "%s"))
    table.write_text(NET.format(1000, 500))
    assert network.rates(10.0) == (None, None)
    assert network.rates(12.0) == (None, None)  # no card: a container's are its host's
    card.touch()
    assert network.rates(14.0) == (None, None)
    table.write_text(NET.format(5000, 700))
    assert network.rates(16.0) == (2000, 100)
    table.write_text(NET.format(0, 900))  # the driver was loaded anew
    assert network.rates(18.0) == (0, 100)


A, B = "a" * 64, "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("text", "file"),
    [
        ("0::/user.slice/session-3.scope\n", "/cg/user.slice/session-3.scope/io.pressure"),
        ("0::/\n", None),
        ("0::/../other.scope\n", None),
        ("4:memory:/docker/a\n1:name=systemd:/x\n", None),
        ("", None),
    ],
)
def test_the_file_of_a_group_s_waiting(text, file):
    assert cgroup.pressure_file(text, "/cg") == file


@pytest.mark.parametrize(
    ("text", "percent"),
    [
        ("some avg10=45.31 avg60=1.00 avg300=0.10 total=1\nfull avg10=9.00 avg60=0.00 avg300=0.00 total=0\n", 45),
        ("some avg10=0.00 avg60=0", 0),
        ("", None),
        ("some avg10=x", None),
    ],
)
def test_how_long_somebody_waited_for_disks(text, percent):
    assert cgroup.waiting(text) == percent


def test_a_process_tells_how_its_group_waits_for_disks(tmp_path):
    file = tmp_path / "io.pressure"
    file.write_text("some avg10=33.00 avg60=0")
    known = processes.Known(1, {}, str(file))
    assert known.io_wait() == 33
    file.unlink()
    assert (known.io_wait(), known.pressure) == (None, None)  # it is not asked again


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("0::/", []),
        ("", []),
        (f"0::/system.slice/docker-{A}.scope", [A]),
        (f"0::/system.slice/docker-{A}.scope/init.scope", [A]),
        (f"0::/docker/{A}", [A]),
        (f"12:cpuset:/docker/{A}\n11:pids:/docker/{A}\n1:name=systemd:/docker/{A}\n0::/", [A]),
        (f"0::/user.slice/user-1000.slice/user@1000.service/user.slice/docker-{A}.scope", [A]),
        (f"0::/machine.slice/libpod-{A}.scope/container", [A]),
        (f"0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-{A}.scope", [A]),
        (f"0::/machine.slice/libpod-conmon-{A}.scope", []),
        (f"0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1.slice/cri-containerd-{A}.scope", [A]),
        (f"0::/kubepods.slice/kubepods-pod1.slice/crio-{A}.scope", [A]),
        (f"11:pids:/kubepods/burstable/pod8e1c2d3f-1111-2222-3333-444455556666/{A}", [A]),
        (f"0::/kubepods-besteffort-pod1.slice:cri-containerd:{A}", [A]),
        (f"0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-{A}.scope/container", [A]),
        (f"0::/libpod_parent/libpod-{A}", [A]),
        (f"0::/kubepods.slice/kubepods-pod1.slice/crio-conmon-{A}.scope", []),
        (f"0::/kubepods.slice/kubepods-pod1.slice/docker-{A}.scope", [A]),
        ("0::/lxc.monitor.train", []),
        ("0::/user.slice/user-1000.slice/user@1000.service/app.slice/tmux-spawn-1.scope", []),
        ("0::/lxc.payload.train/init.scope", ["train"]),
        ("0::/lxc/train/x", ["train"]),
        (f"0::/docker/{A}/docker/{B}", [A, B]),
        (f"0::/lxc.payload.box/system.slice/docker-{A}.scope", ["box", A]),
        ("0::/system.slice/docker.service", []),
        ("0::/system.slice/slurmstepd.scope/job_42/step_0/user/task_0", []),
        ("0::/user.slice/user-1000.slice/session-7.scope", []),
    ],
)
def test_containers_in_a_cgroup(text, ids):
    assert cgroup.container_ids(text) == ids


@pytest.mark.parametrize(
    ("text", "job"),
    [
        ("0::/system.slice/slurmstepd.scope/job_42/step_0/user/task_0", "slurm 42"),
        ("0::/system.slice/node1_slurmstepd.scope/job_42/step_batch", "slurm 42"),
        ("11:memory:/slurm/uid_1000/job_7/step_0\n0::/", "slurm 7"),
        ("8:pids:/\n6:freezer:/slurm_gpu1/uid_0/job_1/step_batch\n0::/", "slurm 1"),
        ("4:memory:/slurm_gpu1/uid_0/job_12/step_0/task_0\n0::/", "slurm 12"),
        ("0::/system.slice/slurmd.service", None),
        ("0::/user.slice/job_42", None),
    ],
)
def test_the_job_in_a_cgroup(text, job):
    assert cgroup.job(text) == job


@pytest.mark.parametrize(
    ("status", "pid"),
    [
        ("Name:\tx\nNSpid:\t4711\nNSpgid:\t4711\n", 4711),
        ("NSpid:\t4711\t12\t1\nNSpgid:\t1\n", 1),
        ("Name:\tx\n", None),
    ],
)
def test_the_pid_in_the_innermost_namespace(status, pid):
    assert processes.inner_pid(status) == pid


MOUNTS = r"""
/dev/nvme0n1p2 / ext4 rw 0 0
proc /proc proc rw 0 0
/dev/nvme0n1p1 /boot/efi vfat rw 0 0
/dev/nvme0n1p2 /var/lib/docker/bind ext4 rw 0 0
/dev/md0 /data xfs rw 0 0
/dev/sdb1 /with\040space ext4 rw 0 0
nas:/home /home nfs4 rw 0 0
/dev/sdc1 /home/scratch ext4 rw 0 0
nas:/x /mnt/nas nfs rw 0 0
/dev/fuse /mnt/s3 fuse.s3fs rw 0 0
/dev/loop3 /snap/core squashfs ro 0 0
tank/data /tank/data zfs rw 0 0
tank/home /tank/home zfs rw 0 0
lustre@tcp:/x /lustre lustre rw 0 0
"""


def test_only_mounts_that_can_not_hang_are_asked():
    assert machine.safe_mounts(MOUNTS, lambda path: path != "/etc/hostname") == [
        "/",
        "/data",
        "/with space",
        "/tank/data",
    ]


def test_a_root_on_a_network_is_not_asked():
    assert machine.safe_mounts("nas:/root / nfs rw 0 0\n/dev/sda1 /data ext4 rw 0 0\n") == []


def test_a_container_root_is_asked():
    assert machine.safe_mounts("overlay / overlay rw 0 0\n/dev/sda1 /etc/hosts ext4 rw 0 0\n")[0] == "/"


@pytest.mark.parametrize(
    ("options", "hidden"),
    [("rw", False), ("rw,hidepid=2", True), ("rw,gid=5,hidepid=invisible", True), ("rw,hidepid=1", False)],
)
def test_a_proc_that_hides_processes(options, hidden):
    assert processes.hides_processes(f"proc /proc proc {options} 0 0\n") is hidden


@pytest.fixture
def family():
    """A shell with a child of its own."""
    program = "import os, time; print(os.getpid(), flush=True); time.sleep(1000)"
    child = subprocess.Popen(["sh", "-c", '"$0" -c "$1" & wait', sys.executable, program], stdout=subprocess.PIPE)
    grandchild = int(child.stdout.readline())
    yield child.pid, grandchild
    os.kill(grandchild, 9)
    child.kill()
    child.wait()
    child.stdout.close()


def test_the_session_is_that_of_the_pane_among_the_parents(family):
    shell, program = family
    known = processes.Processes()
    facts = known.describe({shell, program, 4194304}, {shell: "train"})
    assert {pid: row["session"] for pid, row in facts.items()} == {shell: "train", program: "train"}
    assert facts[program]["command"].endswith("time.sleep(1000)")
    assert known.describe({program}, {})[program]["session"] is None


def test_a_pid_that_became_another_process_is_described_anew(family):
    shell, _ = family
    known = processes.Processes()
    known.known[shell] = processes.Known((-1, 1), {"command": "what had this pid before"})
    assert known.describe({shell}, {})[shell]["command"].startswith("sh -c")


KERNEL = "0f7ab5c2-1111-2222-3333-444455556666"


@pytest.mark.parametrize(
    "words",
    [
        ["-f", f"/home/ann/.local/share/jupyter/runtime/kernel-{KERNEL}.json"],
        [f"--f=kernel-{KERNEL}.json"],
        ["x" * 5000, f"/kernel-{KERNEL}.json"],
    ],
)
def test_a_kernel_and_what_it_starts_know_their_notebook(words):
    program = "import subprocess as s, sys; c = s.Popen(['sleep', '1000']); print(c.pid, flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", program, *words]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as kernel:
        worker = int(kernel.stdout.readline())
        facts = processes.Processes().describe({kernel.pid, worker, os.getpid()}, {})
        os.kill(worker, 9)
        kernel.stdin.close()
    assert [facts[pid]["kernel"] for pid in (kernel.pid, worker, os.getpid())] == [KERNEL, KERNEL, None]


def test_what_is_not_a_connection_file_is_no_kernel():
    odd = f"python\0notes-kernel-{KERNEL}.json\0kernel-1.json\0kernel-{KERNEL}.json.bak\0"
    assert processes.kernel_in(odd) is None
    assert processes.kernel_in(f"{odd}--f=/x=y/kernel-{KERNEL}.json") == KERNEL


def test_cpu_percent_is_that_since_the_sample_before(monkeypatch):
    known = processes.Known(1, {})
    clock = iter([10.0, 12.0, 12.0, 14.0])
    monkeypatch.setattr(processes, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    assert known.cpu_percent(100) is None
    assert known.cpu_percent(100 + 3 * processes.TICK) == 150.0
    assert known.cpu_percent(200) is None  # no time went by
    assert known.cpu_percent(200) == 0.0


STATUS = "Name:\tx\nNSpid:\t%s\nUid:\t0\t0\t0\t0\n"


@pytest.mark.parametrize(
    ("numbers", "lineage"),
    [
        (("900 30", "800 20", "700 1", "600", "500"), [30, 20, 1]),  # a container; the engine's shim started it
        (("900 30 2", "800 20 1", "700 10", "600"), [30, 20, 10]),  # a sandbox inside it
        (("900", "800", "700"), [900, 800, 700]),  # a container that shares the host's numbers
        (("900 30", None), [30]),  # hidden from us
        ((None,), []),  # a kernel before 4.1
    ],
)
def test_a_process_and_its_parents_as_the_container_numbers_them(numbers, lineage, monkeypatch):
    pids = range(900, 900 - 100 * len(numbers), -100)
    texts = {
        f"/proc/{pid}/status": "" if told is None else STATUS % told for pid, told in zip(pids, numbers, strict=True)
    }
    monkeypatch.setattr(processes, "read", texts.get)
    parents = {pid: pid - 100 for pid in pids} | {pids[-1]: 1}
    assert processes.lineage(900, texts["/proc/900/status"], parents) == lineage


def test_a_process_whose_parent_ended_is_described_anew(family):
    shell, program = family
    known = processes.Processes()
    known.describe({program}, {})
    before = known.known[program]
    assert known.describe({program}, {})
    assert known.known[program] is before
    os.kill(shell, 9)
    os.waitpid(shell, 0)
    known.describe({program}, {})
    assert known.known[program] is not before


def test_a_busy_process_is_seen_busy():
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as child:
        known = processes.Processes()
        known.describe({child.pid}, {})
        time.sleep(0.5)  # what is measured is how much is done in this time
        busy = known.describe({child.pid}, {})[child.pid]["cpu_percent"]
        child.kill()
    assert busy > 5


def test_hidden_processes_keep_their_place():
    known = processes.Processes()
    known.hidden = True
    assert known.describe({4194304}, {}) == {4194304: {"user": None}}


def test_names_of_a_directory_that_hangs_come_later(monkeypatch):
    answer = threading.Event()
    monkeypatch.setattr(processes, "NAMES_WAIT", 0.05)
    monkeypatch.setattr(processes.pwd, "getpwuid", lambda uid: answer.wait(20) and SimpleNamespace(pw_name="ann"))
    names = processes.Names()
    assert names.of({7}) == {}
    answer.set()
    names.lookup.wait(5)
    assert names.of({7}) == {7: "ann"}


def test_odd_commands():
    words = [sys.executable, "-c", "print(flush=True); input()", "\udcff\x1b[31m", "x" * 5000]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        child.stdout.readline()
        command = processes.command(child.pid)
        child.stdin.close()
        child.wait()
    assert len(command) == processes.LONGEST_COMMAND
    assert "\ufffd\x1b[31m" in command  # the workstation's side cleans it
    assert processes.command(2) in ("[kthreadd]", None)


def test_a_name_with_a_bracket_does_not_shift_the_fields(tmp_path):
    program = tmp_path / "a) b ("
    program.symlink_to("/bin/sleep")
    with subprocess.Popen([str(program), "1000"]) as child:
        parent, _, start = processes.stat_fields(child.pid)
        child.kill()
    assert parent == os.getpid()
    assert 0 < start / processes.TICK <= time.clock_gettime(time.CLOCK_BOOTTIME)


def test_the_panes_of_tmux_lead_to_their_sessions():
    panes = (
        "pane:$0:@0:%0:10:1:0:::a name:vim\nsession:$0:1:0:::a:\npane:$1:@1:%1:12:1:0:::%5:x:y\n"
        "pane:$1:@1:%1:x:1:0:::%5:x\nnoise\n"
    )
    assert tmux.panes_of(panes, "work") == {10: "work:$0:a name", 12: "work:$1:%5"}


def test_a_listing_that_is_too_long_ends_with_a_whole_line():
    told = tmux.cut("pane:1\n" * 100_000)
    assert tmux.LONGEST_LISTING - 8 < len(told) <= tmux.LONGEST_LISTING
    assert told.endswith("pane:1\n")


def test_programs_below_home_are_looked_for_last(tmp_path):
    for folder in ("home/bin", "usr"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "tmux").write_text("")
        (tmp_path / folder / "tmux").chmod(0o755)
    home = str(tmp_path / "home")
    path = f"relative:{home}/bin:{tmp_path}/usr"
    assert Programs(path, home).find("tmux") == f"{tmp_path}/usr/tmux"
    (tmp_path / "usr/tmux").unlink()
    assert Programs(path, home).find("tmux") == f"{home}/bin/tmux"
    assert Programs(path, home).find("nothing") is None


def test_work_that_fails_has_no_result(capfd):
    work = Background(lambda: 1 / 0)
    work.ask()
    assert work.wait(5) is None
    assert work.busy_for() == 0
    assert "ZeroDivisionError" in capfd.readouterr().err


@pytest.mark.parametrize("spawns", [True, False])  # before Python 3.8 there is no posix_spawn
def test_what_a_program_prints(spawns, monkeypatch):
    if not spawns:
        monkeypatch.delattr(programs.os, "posix_spawn")
    known = Programs(os.environ["PATH"], "/root")
    shell = known.find("sh")
    assert known.output([shell, "-c", "cat; echo $X; echo error >&2; exit 3"], {"X": "\u00fc"}) == "\u00fc\n"
    assert known.output(["/nonexistent"]) == ""


@pytest.mark.parametrize("guarded", [True, False])
def test_a_program_that_hangs_is_ended(guarded, monkeypatch):
    monkeypatch.setattr(programs, "PATIENCE", 0.3)
    known = Programs(os.environ["PATH"], "/root")
    known.timeout = known.timeout if guarded else None
    quick = SimpleNamespace(monotonic=lambda: 4 * time.monotonic(), sleep=time.sleep)
    monkeypatch.setattr(programs, "time", quick)  # a second less to wait
    begun, spawn = [], programs.spawn
    monkeypatch.setattr(programs, "spawn", lambda *about: begun.append(spawn(*about)) or begun[-1])
    assert known.output([known.find("sh"), "-c", "echo began; exec >&-; exec sleep 1000"]) is None
    with pytest.raises(ChildProcessError):  # and was waited for
        os.waitpid(begun[0], os.WNOHANG)


def test_an_event_wakes_all_who_wait_and_nobody_later():
    event, woken = threads.Event(), []
    waiting = [threading.Thread(target=lambda: woken.append(event.wait(20))) for _ in range(3)]
    for thread in waiting:
        thread.start()
    event.set()
    for thread in waiting:
        thread.join(20)
    assert woken == [True] * 3
    assert event.wait(0)
    event.clear()
    assert not event.wait(0.01)
    assert not event._waiting


def test_a_line_is_json_in_ascii():
    said = {"a": [1, None, True, 2.5, "\u00fc\n\udcff"], "b": {}}
    assert json.loads(main.line(said)) == said
    assert main.line(said).isascii()
    assert main.line(said).count(b"\n") == 1


@pytest.mark.parametrize(
    ("given", "found"), [({"GPUWS_WORKSPACE": "p-0a1b"}, "p-0a1b"), ({"GPUWS_WORKSPACE": "../x"}, None), ({}, None)]
)
def test_a_program_of_a_workspace_without_a_container_is_known_by_its_mark(given, found):
    with subprocess.Popen(["sleep", "60"], env={"A": "1", **given, "B": "2"}) as program:
        try:
            assert processes.workspace_of(program.pid) == found
        finally:
            program.kill()


@pytest.mark.parametrize(
    ("before", "now", "due"),
    [
        (-1, 0, (2, 3, 8, 30)), (0, 1, ()), (1, 2, (2,)), (2, 3, (3,)), (5, 6, (2, 3)), (7, 8, (2, 8)),
        (5, 5, ()), (8, 8, ()), (0, 15, (2, 3, 8)), (15, 30, (2, 3, 8, 30)), (16, 20, (2, 3)),
    ],
)  # fmt: skip
def test_dear_values_are_due_by_time_at_whatever_pace(before, now, due):
    assert tuple(step for step in (2, 3, 8, 30) if Turn(before, now).due(step)) == due


def test_each_gpu_has_its_own_turn_for_what_must_not_be_read_of_all_at_once():
    at = {index: [now for now in range(60) if Turn(now - 1, now).due(30, 29 - index)] for index in range(3)}
    assert at == {0: [29, 59], 1: [28, 58], 2: [27, 57]}
