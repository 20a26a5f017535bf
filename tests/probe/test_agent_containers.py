"""What control groups say of containers: which group is whose, both versions, what can't be read."""

from pathlib import Path
from threading import Event

import pytest

from gpuws.model.host.host import Host
from gpuws.model.workspace.usage import Counters
from gpuws.probe.agent.containers import figures, places
from gpuws.probe.agent.containers.places import Places, Trees, find
from gpuws.probe.agent.containers.watch import Containers
from gpuws.probe.client import Probe
from gpuws.probe.parse_containers import parse_containers
from tests.probe.local_place import LocalPlace

ONE, TWO, THREE, FOUR, FIVE = (letter * 64 for letter in "abcde")
EVERYWHERE = {
    ONE: f"/system.slice/docker-{ONE}.scope",
    TWO: f"/docker/{TWO}",
    THREE: f"/machine.slice/libpod-{THREE}.scope",
    FOUR: f"/user.slice/user-1000.slice/user@1000.service/user.slice/docker-{FOUR}.scope",
    FIVE: f"/docker/{TWO}/docker/{FIVE}",
}
SECOND = {
    "memory.current": "900\n",
    "memory.max": "2000\n",
    "memory.stat": "anon 500\ninactive_file 300\nactive_file 100\n",
    "memory.events": "low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\noom_group_kill 0\n",
    "cpu.stat": "usage_usec 2500000\nuser_usec 2000000\n",
    "io.stat": "8:0 rbytes=4096 wbytes=100 rios=1 wios=1 dbytes=0 dios=0\n8:16 rbytes=4 wbytes=0 rios=1 wios=0\n",
}
FIRST = {
    "memory/memory.usage_in_bytes": "900\n",
    "memory/memory.limit_in_bytes": "9223372036854771712\n",
    "memory/memory.stat": "cache 400\ninactive_file 7\ntotal_inactive_file 300\n",
    "memory/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n",
    "cpu,cpuacct/cpuacct.usage": "2500000000\n",
    "blkio/blkio.throttle.io_service_bytes_recursive": "8:0 Read 4096\n8:0 Write 100\n8:0 Total 4196\nTotal 4196\n",
}


def write(root: Path, files: dict[str, str], path: str) -> None:
    """`memory/NAME` stands in the tree of that controller, below `path`."""
    for name, text in files.items():
        tree, _, file = name.rpartition("/")
        place = root / tree / path.lstrip("/")
        place.mkdir(parents=True, exist_ok=True)
        (place / file).write_text(text)


@pytest.fixture
def second(tmp_path):
    (tmp_path / "cgroup.controllers").write_text("cpu io memory\n")
    return tmp_path


def test_whose_group_it_is_whatever_made_it(tmp_path):
    for path in EVERYWHERE.values():
        (tmp_path / path.lstrip("/")).mkdir(parents=True, exist_ok=True)
    other = "f" * 64
    (tmp_path / f"machine.slice/libpod-conmon-{other}.scope").mkdir()
    (tmp_path / "docker" / other).mkdir()
    (tmp_path / f"user.slice/docker-{other}.scope").mkdir()
    assert find(str(tmp_path)) == {**EVERYWHERE, other: f"/docker/{other}"}


def test_a_user_can_not_put_a_group_of_theirs_before_the_engines(second):
    """Where groups are delegated, anybody may make some of any name below theirs."""
    mine = f"/user.slice/docker-{ONE}.scope"
    (second / mine.lstrip("/")).mkdir(parents=True)
    assert find(str(second)) == {ONE: mine}  # rootless: there is no other
    (second / EVERYWHERE[ONE].lstrip("/")).mkdir(parents=True)
    assert find(str(second)) == {ONE: EVERYWHERE[ONE]}


def test_version_2(second):
    write(second, SECOND, EVERYWHERE[ONE])
    assert figures.figures(Trees(str(second)), EVERYWHERE[ONE]) == {
        "memory": 600, "limit": 2000, "cpu": 2.5, "read": 4100, "written": 100, "oom_kills": 2,
    }  # fmt: skip


def test_version_1(tmp_path):
    write(tmp_path, FIRST, EVERYWHERE[TWO])
    (tmp_path / "unified").mkdir()
    trees = Trees(str(tmp_path))
    assert trees.version == 1
    assert figures.figures(trees, EVERYWHERE[TWO]) == {
        "memory": 600, "limit": None, "cpu": 2.5, "read": 4096, "written": 100, "oom_kills": 1,
    }  # fmt: skip


@pytest.mark.parametrize("files", [{}, {"memory.max": "max\n", "memory.current": "nonsense", "cpu.stat": ""}])
def test_what_can_not_be_read_is_not_zero(second, files):
    write(second, files, EVERYWHERE[ONE])
    assert set(figures.figures(Trees(str(second)), EVERYWHERE[ONE]).values()) == {None}
    assert Containers(Trees(str(second / "nowhere"))).read() == []


def test_a_disk_that_was_never_used_is_zero(second):
    write(second, {"io.stat": ""}, EVERYWHERE[ONE])
    told = figures.figures(Trees(str(second)), EVERYWHERE[ONE])
    assert (told["read"], told["written"]) == (0, 0)


def test_a_new_container_is_seen_at_once_and_an_ended_one_no_more(second, monkeypatch):
    write(second, SECOND, EVERYWHERE[ONE])
    looks = []
    monkeypatch.setattr(places, "links", lambda path: len(places.names(path)))  # as the kernel's groups are counted
    monkeypatch.setattr(Places, "look", lambda self, look=Places.look: (looks.append(1), look(self)))
    containers = Containers(Trees(str(second)))
    assert [row["id"] for row in containers.read()] == [ONE]
    assert [row["id"] for row in containers.read()] == [ONE]
    assert len(looks) == 1
    beside = second / f"system.slice/docker-{TWO}.scope"
    beside.mkdir()
    assert [row["id"] for row in containers.read()] == [ONE, TWO]
    beside.rmdir()
    assert [row["id"] for row in containers.read()] == [ONE]
    assert len(looks) == 3


HEAD = "Inter-|   Receive                                                |  Transmit\n face |bytes    packets\n"
CARD = "%7s: %d 5 0 0 0 0 0 0 %d 7 0 0 0 0 0 0\n"


def proc(tmp_path, who, **cards):
    (tmp_path / who / "net").mkdir(parents=True, exist_ok=True)
    text = HEAD + "".join(CARD % (name, *amounts) for name, amounts in cards.items())
    (tmp_path / who / "net/dev").write_text(text)


def test_the_network_of_one_that_has_its_own_and_of_one_that_has_the_hosts(tmp_path):
    proc(tmp_path, "self", lo=(9, 9), eth0=(5000, 600), docker0=(1, 1))
    proc(tmp_path, "7", lo=(3, 3), eth0=(1000, 200), eth1=(1, 2))
    proc(tmp_path, "8", lo=(9, 9), eth0=(5000, 600), docker0=(1, 1))
    proc(tmp_path, "9", lo=(3, 3), eth0=(4000, 200), docker0=(1, 1))  # the same names, other cards
    assert figures.network("7", str(tmp_path)) == (1001, 202)
    assert figures.network("8", str(tmp_path)) == (None, None)
    assert figures.network("9", str(tmp_path)) == (4001, 201)
    assert figures.network("10", str(tmp_path)) == (None, None)


def test_its_first_process_may_live_in_a_group_of_its_own(tmp_path):
    (tmp_path / "init.scope").mkdir()
    (tmp_path / "cgroup.procs").write_text("")
    assert figures.first_process(str(tmp_path)) is None
    (tmp_path / "init.scope/cgroup.procs").write_text("77\n78\n")
    assert figures.first_process(str(tmp_path)) == "77"
    (tmp_path / "cgroup.procs").write_text("0\n")  # of another namespace: it has no number here
    assert figures.first_process(str(tmp_path)) == "77"


@pytest.mark.parametrize(
    ("row", "counters"),
    [
        (b'{"id":"a","at":5,"memory":7,"cpu":1.5}', (Counters("a", 5.0, 1.5, 7),)),
        (b'{"id":"a","at":5,"memory":-7,"cpu":-1,"limit":true,"read":"4"}', (Counters("a", 5.0),)),
        (b'{"id":"\\u001b[31m","at":5}', ()),
        (b'{"id":"a"}', ()),
        (b"7", ()),
    ],
)
def test_whatever_a_host_tells_nothing_raises(row, counters):
    told = parse_containers(b'{"v":1,"type":"containers","containers":[' + row + b"]}")
    assert told is not None
    assert [one for one in told if one.id == "a"] == list(counters)


def test_other_lines_are_no_answer():
    assert parse_containers(b'{"type":"sample"}') is None
    assert parse_containers(b'["type":"containers"') is None
    assert parse_containers(b'[{"a":0,"type":"containers"}]'.replace(b'"a":0,', b"")) is None


def test_the_agent_tells_by_itself_and_when_asked():
    """Of this machine, whatever runs on it."""
    told, ended = [], Event()
    came = Event()
    probe = Probe(
        LocalPlace(), Host("here"), lambda _: None, lambda _: came.set(), lambda _: ended.set(),
        on_containers=told.append,
    )  # fmt: skip
    probe.start()
    try:
        assert came.wait(30)
        assert told  # before the first sample
        assert isinstance(probe.containers(), tuple)
        assert len(told) >= 2
    finally:
        probe.close()
    assert not ended.is_set()
