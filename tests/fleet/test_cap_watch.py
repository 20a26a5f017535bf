"""A cap on GPU memory: told as a warning, and held where the profile asks for it."""

import queue
import threading
from dataclasses import replace

import pytest

from gpuws.fleet.local.host.cap_watch import LOOKS, CapWatch
from gpuws.fleet.local.host.parts import Parts, Status, assemble
from gpuws.fleet.local.shared.stops import Stops
from gpuws.model.errors import Unreachable
from gpuws.model.gpu.memory_cap import LABEL, cap_of, kept
from gpuws.model.gpu.reading import GpuReading, HostFacts, HostReading, ProcessReading
from gpuws.model.host.host import Host, HostState
from gpuws.model.settings import Settings
from tests import factories

GIB = 1 << 30
ID = "c" * 64


def snapshot(taken_at, used=50 * GIB, action="stop", owner="ada", readonly=False):
    labels = {LABEL: f"{40 * GIB} {action}", "gpuws.owner": owner}
    container = factories.workspace(
        "alpha", ID, "torch", "img", "running", owner=owner, owner_is_label=True, gpus=("GPU-1",), labels=labels
    )
    processes = tuple(ProcessReading(pid, "GPU-1", used // 2, container_ids=(ID,)) for pid in (1, 2))
    reading = HostReading(taken_at, "nvml", gpus=(GpuReading(0, "GPU-1", "A100"),), processes=processes)
    facts = HostFacts("ada", 1000, 1000, (), "/home/ada", "alpha")
    parts = Parts(facts=facts, reading=reading, workspaces=(container,), sessions=())
    return assemble(Host("alpha", readonly=readonly), Settings(("ada",)), Status(HostState.UP), parts)


@pytest.fixture
def stopped():
    return queue.SimpleQueue()


def looked_at(stopped, *snapshots):
    watch = CapWatch(stopped.put, Stops())
    for one in snapshots:
        watch.look(one)
    for thread in threading.enumerate():
        if thread.name.startswith("cap "):
            thread.join()
    return None if stopped.empty() else stopped.get()


def test_who_is_above_is_told():
    assert [str(one) for one in snapshot(1.0).warnings] == [
        "torch holds 50G of GPU 0, its cap is 40G; it is being stopped"
    ]
    assert [str(one) for one in snapshot(1.0, action="warn").warnings] == ["torch holds 50G of GPU 0, its cap is 40G"]
    assert snapshot(1.0, used=40 * GIB).warnings == ()


def test_mine_is_stopped_once_when_it_stays_above(stopped):
    watch = CapWatch(stopped.put, Stops())
    for taken_at in range(0, 4 * LOOKS, 2):
        watch.look(snapshot(float(taken_at)))
    assert stopped.get(timeout=5) == ID
    with pytest.raises(queue.Empty):
        stopped.get(timeout=0.05)


@pytest.mark.parametrize(
    "but",
    [{"action": "warn"}, {"owner": "bob"}, {"readonly": True}, {"used": 39 * GIB}],
    ids=["only a warning", "not mine", "read-only", "below"],
)
def test_nothing_else_is_stopped(stopped, but):
    assert looked_at(stopped, *(snapshot(2.0 * n, **but) for n in range(2 * LOOKS))) is None


def test_a_peak_is_no_reason(stopped):
    peak = [snapshot(2.0 * n) for n in range(LOOKS - 1)]
    assert (
        looked_at(
            stopped, *peak, snapshot(9.0, used=GIB), *(replace(p, updated_at=11 + 2 * n) for n, p in enumerate(peak))
        )
        is None
    )


def test_a_host_that_is_read_more_often_stops_none_sooner(stopped):
    assert looked_at(stopped, *(snapshot(float(n)) for n in range(LOOKS + 1))) is None


def test_the_same_reading_counts_once(stopped):
    assert looked_at(stopped, *[snapshot(1.0)] * (2 * LOOKS)) is None


@pytest.mark.parametrize("label", ["", "40", "x stop", "0 stop", "40 explode", "-1 warn", "4 stop now"])
def test_a_label_that_makes_no_sense_is_no_cap(label):
    assert cap_of({LABEL: label}) is None


WHY = "it held 50G of GPU 0, its cap is 40G"


def held(path, stop=lambda container: None):
    """What is kept once a container was above its cap for long enough."""
    stops = Stops(path)
    watch = CapWatch(stop, stops)
    for taken_at in range(0, 2 * LOOKS, 2):
        watch.look(snapshot(float(taken_at)))
    for thread in threading.enumerate():
        if thread.name.startswith("cap "):
            thread.join()
    return stops


def ended(state="exited", started=None):
    shown = snapshot(9.0)
    one = replace(factories.being(shown.workspaces[0], state), reason="stopped, exited 143", started=started)
    return replace(shown, workspaces=(one,))


def test_why_it_was_stopped_stays_with_it(tmp_path):
    """Also for whoever lists it later, by another program."""
    path = tmp_path / "stopped.json"
    for stops in (held(path), Stops(path)):
        assert stops.told(ended()).workspaces[0].reason == f"stopped, exited 143: {WHY}"
        assert stops.told(snapshot(9.0)) == snapshot(9.0)
    assert path.stat().st_mode & 0o777 == 0o600


def test_one_that_was_started_again_has_no_such_reason(tmp_path):
    path = tmp_path / "stopped.json"
    stops = held(path)
    stops.begun_again(ended("running", started=1.0))
    assert WHY in stops.told(ended()).workspaces[0].reason
    stops.begun_again(ended("running", started=4e9))
    assert Stops(path).told(ended()).workspaces[0].reason == "stopped, exited 143"


def test_one_that_could_not_be_stopped_has_none_either(tmp_path):
    def refuse(container):
        raise Unreachable("alpha: gone")

    stops = held(tmp_path / "stopped.json", refuse)
    assert stops.told(ended()).workspaces[0].reason == "stopped, exited 143"


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"x": 1}', '{"x": ["a", "b"]}', "{" * 5000, '{"' + ID + '": [1, "\\u001b[2J"]}']
)
def test_a_file_that_is_no_such_file_is_no_fault(tmp_path, text):
    path = tmp_path / "stopped.json"
    path.write_text(text)
    assert "\x1b" not in Stops(path).told(ended()).workspaces[0].reason


def test_only_mine_that_live_with_a_cap_are_watched():
    mine, others = snapshot(1.0).workspaces[0], snapshot(1.0, owner="bob").workspaces[0]
    bare = replace(mine, labels={})
    assert list(kept([mine, others, bare, factories.being(mine, "exited")])) == [mine]
