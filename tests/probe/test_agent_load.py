"""What loads a host: /proc as it is here, a process that really waits, and NFS as kernels write it down."""

import os
import subprocess
import sys
import textwrap
import time

import pytest

from gpuws.probe.agent.load.mounts import Stalled, blame, mounts, sentence
from gpuws.probe.agent.load.table import Row, parsed, stuck, table, waits_in
from gpuws.probe.agent.load.top import Top, choose, share

PAGE = os.sysconf("SC_PAGE_SIZE")
STAT = "4242 (py) thon) D 17 4242 17 0 -1 4194304 9 0 0 0 150 50 0 0 20 0 2 0 99999 1000000 2500 18446744073709551615"
NFS = """\
device overlay mounted on / with fstype overlay
device nas:/export/data mounted on /data\\040sets with fstype nfs4 statvers=1.1
\topts:\trw,vers=4.2,hard,proto=tcp,timeo=600
\tage:\t4711
\tbytes:\t1 2 3 4 5 6 7 8
\tRPC iostats version: 1.1  p/v: 100003/4 (nfs)
\txprt:\ttcp 0 0 2 0 12 {sent} {received} 0 40000 0 2 0 0
\tper-op statistics
\t        READ: 1 1 0 44 24 0 0 0 0
device proc mounted on /proc with fstype proc
device old:/home mounted on /home with fstype nfs statvers=1.1
\txprt:\tudp 812 1 70 70 0 0 0
\tper-op statistics
"""  # in the format of /proc/self/mountstats, statvers=1.1


def test_a_line_of_stat_whatever_the_name():
    row = parsed(STAT)
    assert (row.name, row.state, row.parent, row.ticks, row.start, row.pages) == ("py) thon", "D", 17, 200, 99999, 2500)
    assert parsed("") is None
    assert parsed("1 (x) Z") is None
    assert parsed(STAT.replace(" D ", " Z ")).name == "py) thon"  # its other thread lives
    assert parsed(STAT.replace(" D ", " Z ").replace(" 20 0 2 ", " 20 0 1 ")) is None


def test_the_table_has_this_process():
    row = table()[os.getpid()]
    assert (row.parent, row.state) == (os.getppid(), "R")
    assert row.pages * PAGE > 10 << 20


def test_a_share_of_a_core():
    before, now = parsed(STAT), parsed(STAT.replace(" 150 50 ", " 250 50 "))
    assert share(now, before, 2.0, tick=100) == 50.0
    assert share(now, None, 2.0, tick=100) == 150.0  # it began since
    assert share(now, parsed(STAT.replace("99999", "11111")), 2.0, tick=100) == 150.0  # another had its pid
    assert share(now, before, 0.0) is None


def test_the_largest_are_told_by_cpu_and_by_memory():
    rows = {pid: parsed(STAT) for pid in (1, 2, 3)}
    rows[2].pages = (1 << 30) // PAGE
    for pid in (1, 3):
        rows[pid].pages = 1
    assert choose(rows, {1: 80.0, 2: 0.0, 3: 0.0}, {}, PAGE) == [1, 2]
    assert choose(rows, {1: 80.0, 2: 0.0, 3: None}, {3: 9.0}, PAGE) == [1, 2, 3]


@pytest.fixture
def waiting(tmp_path):
    """A process that the kernel really keeps waiting: it has started another, which opens a pipe that nobody writes
    to before it becomes a program, and until then whoever vforks can't go on."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    program = f"""
        import os
        print("begun", flush=True)
        opened = [(os.POSIX_SPAWN_OPEN, 0, {str(pipe)!r}, os.O_RDONLY, 0)]
        os.wait() if os.posix_spawn("/bin/true", ["true"], {{}}, file_actions=opened) else None
    """
    child = subprocess.Popen([sys.executable, "-c", textwrap.dedent(program)], stdout=subprocess.PIPE)
    assert child.stdout.readline() == b"begun\n"
    deadline = time.monotonic() + 10
    while (row := table().get(child.pid)) is None or row.state != "D":
        assert time.monotonic() < deadline, "it does not wait"
        time.sleep(0.005)
    yield child.pid
    os.close(os.open(pipe, os.O_WRONLY))
    child.stdout.close()
    assert child.wait(10) == 0


def test_a_process_that_waits_is_told_with_its_time(waiting):
    top = Top(PAGE)
    first = next(row for row in top.read()["processes"] if row["pid"] == waiting)
    assert first["state"] == "D"
    assert first["command"] == f"[{first['name']}]"  # nothing else of it is read
    assert first["waits"] >= 0.5
    top.at -= 3  # as if asked a minute later, and now and then in between
    top.since = {key: at - 60 for key, at in top.since.items()}
    later = next(row for row in top.read()["processes"] if row["pid"] == waiting)
    assert later["waits"] > 60
    assert waits_in(waiting) in (None, first["waits_in"])


def test_one_that_runs_in_between_is_not_stuck():
    at, later = parsed(STAT), parsed(STAT)
    assert stuck({1: at}, {1: later}) == [1]
    later.ticks += 1
    assert stuck({1: at}, {1: later}) == []
    assert stuck({}, {1: later}) == []


def test_mounts_of_nfs():
    data, home = mounts(NFS.format(sent=120, received=117))
    assert (data.at, data.source, data.server, data.sent, data.received) == (
        "/data sets", "nas:/export/data", "nas", 120, 117,
    )  # fmt: skip
    assert (home.at, home.server, home.sent, home.received) == ("/home", "old", 70, 70)
    assert mounts("device nas:/x mounted on /x with fstype nfs4\n\txprt:\ttcp 1\n\txprt:\tlocal\n")[0].sent == 0


class Machine:
    """A /proc with what was recorded, and what the rule makes of it from look to look."""

    def __init__(self, folder):
        self.folder = folder
        (folder / "self").mkdir()
        self.rule = Stalled(str(folder))
        self.now = 1000.0

    def runs(self, pid, wchan="0", state="D"):
        (self.folder / str(pid)).mkdir(exist_ok=True)
        (self.folder / str(pid) / "stat").write_text(STAT.replace("4242", str(pid), 1).replace(" D ", f" {state} "))
        (self.folder / str(pid) / "wchan").write_text(wchan)

    def looks(self, sent, received, after=10.0):
        self.now += after
        (self.folder / "self" / "mountstats").write_text(NFS.format(sent=sent, received=received))
        return self.rule.look(self.now)


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def test_a_server_that_does_not_answer_is_told_with_who_waits(machine):
    machine.looks(100, 100)
    machine.looks(200, 200)
    machine.runs(51, "rpc_wait_bit_killable")
    machine.runs(52)  # somebody else's: where it waits is not told
    machine.runs(53, "ep_poll", "S")
    assert machine.looks(203, 200) == []  # seen waiting once
    told = machine.looks(203, 200)
    assert told == [{"places": ["/data sets"], "server": "nas", "waiting": [(51, "py) thon"), (52, "py) thon")]}]
    assert sentence(told[0]) == ("NFS does not answer: /data sets from nas; py) thon (51), py) thon (52) wait for it")
    assert machine.looks(205, 204) == []  # it answers


def test_a_server_from_which_nobody_wants_anything_is_not_told(machine):
    machine.runs(52)  # waits for something else
    machine.runs(53, "io_schedule")
    for _ in range(8):
        assert machine.looks(100, 97) == []  # three answers were lost long ago


def test_one_whose_connection_is_gone_is_told_by_who_waits_in_nfs(machine):
    """Nothing can be sent: the counts stand still, as they do where nobody asks."""
    machine.runs(51, "nfs4_handle_exception")
    found = [machine.looks(100, 100) for _ in range(8)]
    assert found[-1] == []  # of two servers, and nothing says which
    machine.runs(51, "nfs4_handle_exception")
    one = NFS.partition("device proc")[0]
    for _ in range(8):
        machine.now += 10
        (machine.folder / "self" / "mountstats").write_text(one.format(sent=100, received=100))
        told = machine.rule.look(machine.now)
    assert [each["waiting"] for each in told] == [[(51, "py) thon")]]


def test_a_machine_without_nfs_is_not_looked_at(machine, monkeypatch):
    monkeypatch.setattr("gpuws.probe.agent.load.mounts.table", lambda _: pytest.fail("looked at all processes"))
    (machine.folder / "self" / "mountstats").write_text("device overlay mounted on / with fstype overlay\n")
    assert machine.rule.look(1.0) == []


def test_many_who_wait_are_counted():
    waiting = [(pid, "cat") for pid in range(10, 17)]
    said = sentence({"places": ["/data"], "server": "nas", "waiting": waiting})
    assert said.endswith("cat (10), cat (11), cat (12), cat (13) and 3 more wait for it")
    assert blame([], {}, set()) == []
    assert isinstance(parsed(STAT), Row)
