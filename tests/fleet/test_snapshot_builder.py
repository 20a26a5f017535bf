from dataclasses import replace

import pytest

from gpuws.fleet.local.host.backoff import delay
from gpuws.fleet.local.host.parts import Parts, assemble, with_reading
from gpuws.fleet.local.host.snapshot_builder import SnapshotBuilder
from gpuws.model.gpu.fault import Fault
from gpuws.model.gpu.reading import FaultSources, GpuReading, HostFacts, HostReading, ProcessReading, Xid
from gpuws.model.host.host import Host, HostState
from gpuws.model.session.notebook import Notebook
from gpuws.model.session.session import Session
from gpuws.model.session.state import SessionState
from gpuws.model.settings import Settings
from gpuws.model.workspace.engine import EngineInfo
from tests import factories

HOST = Host("alpha", telemetry_interval=2.0)
SETTINGS = Settings(me=("alice",))
FACTS = HostFacts("as1204", 1204, 1204, ("users",), "/home/as1204", "alpha")


def make_builder():
    published = []
    return SnapshotBuilder(HOST, SETTINGS, published.append), published


def test_what_the_driver_told_one_agent_is_kept_when_another_listens():
    heard, next_ = Xid(31, "0000:3b:00.0", "", 90.0), Xid(13, "0000:3b:00.0", "", 110.0)
    listens = FaultSources(since=80.0)
    parts = with_reading(Parts(), reading(100.0, xids=(heard,), faults=listens))
    parts = with_reading(parts, reading(104.0))  # it has just come and knows nothing yet
    parts = with_reading(parts, reading(112.0, xids=(next_,), faults=listens))
    assert parts.reading.xids == (heard, next_)
    parts = with_reading(parts, reading(114.0, xids=(next_,), faults=listens))
    assert parts.reading.xids == (heard, next_)
    assert with_reading(parts, reading(116.0, xids=(), faults=FaultSources(log=True))).reading.xids == ()


def reading(at, **changes):
    return HostReading(at, "nvml", **changes)


def test_every_change_publishes_a_new_snapshot():
    builder, published = make_builder()
    generation = builder.next_generation()
    builder.set_status(state=HostState.UP)
    builder.change(generation, lambda parts: with_reading(parts, reading(100.0, cpu_percent=12.0)))
    assert [s.state for s in published] == [HostState.UP, HostState.UP]
    assert builder.snapshot.cpu_percent == 12.0
    assert builder.snapshot.age(103.0) == 3.0


def test_what_an_older_connection_says_is_dropped():
    builder, published = make_builder()
    old = builder.next_generation()
    builder.next_generation()
    builder.change(old, lambda parts: with_reading(parts, reading(100.0)))
    assert published == []


def test_a_session_whose_screen_was_not_told_again_is_as_it_was():
    asking, new = SessionState("waiting", "Overwrite? [y/N]"), SessionState("idle")
    one, two = Session("one", created=5.0, id="$1"), Session("two", created=6.0, id="$2")
    parts = with_reading(Parts(), reading(100.0, sessions=(replace(one, state=asking), two)))
    parts = with_reading(parts, reading(102.0, sessions=(one, replace(two, state=new), replace(one, socket="/x"))))
    assert parts.sessions is not None
    assert [session.state for session in parts.sessions] == [asking, new, None]
    reborn = with_reading(parts, reading(104.0, sessions=(replace(one, created=103.0),)))
    assert reborn.sessions == (replace(one, created=103.0),)


def test_stale_is_older_than_two_intervals_and_a_second_and_a_reading_ends_it():
    builder, _ = make_builder()
    generation = builder.next_generation()
    builder.set_status(state=HostState.UP)
    builder.change(generation, lambda parts: with_reading(parts, reading(100.0)))
    builder.check_age(105.0)
    assert builder.snapshot.state is HostState.UP
    builder.check_age(105.1)
    assert builder.snapshot.state is HostState.STALE
    builder.change(generation, lambda parts: replace(parts, sessions=()))
    assert builder.snapshot.state is HostState.STALE
    builder.change(generation, lambda parts: with_reading(parts, reading(106.0)))
    assert (builder.snapshot.state, builder.snapshot.error) == (HostState.UP, None)


def test_who_is_read_more_often_is_stale_sooner_and_it_is_told_when():
    builder, _ = make_builder()
    generation = builder.next_generation()
    builder.set_status(state=HostState.UP)
    assert builder.check_age(100.0) is None  # nothing was read
    builder.change(generation, lambda parts: with_reading(parts, reading(100.0, interval=1.0)))
    assert builder.check_age(101.0) == 2.0
    assert builder.check_age(103.1) is None
    assert builder.snapshot.state is HostState.STALE
    builder.change(generation, lambda parts: with_reading(parts, reading(104.0)))
    assert builder.check_age(107.5) == 1.5


def container(**changes):
    return replace(factories.workspace("alpha", "a" * 64, "torch", "image", "running", gpus=("GPU-0",)), **changes)


@pytest.mark.parametrize(
    ("owner", "label", "mine"),
    [
        ("alice", True, True),
        ("as1204", True, True),
        ("as1204", False, False),
        ("bob", True, False),
        (None, False, False),
    ],
)
def test_a_container_is_mine_by_its_label_only_my_login_there_included(owner, label, mine):
    parts = Parts(facts=FACTS, workspaces=(container(owner=owner, owner_is_label=label),))
    assert assemble(HOST, SETTINGS, replace_status(), parts).workspaces[0].mine is mine


def replace_status():
    builder, _ = make_builder()
    return builder._status


def test_a_process_of_my_login_there_is_mine():
    gpu = GpuReading(0, "GPU-0", "A100")
    process = ProcessReading(1, "GPU-0", user="as1204", command="python x.py")
    parts = Parts(facts=FACTS, reading=reading(1.0, gpus=(gpu,), processes=(process,)))
    assert assemble(HOST, SETTINGS, replace_status(), parts).gpus[0].mine


def test_complete_tells_what_is_known_not_what_is_there():
    snapshot = assemble(HOST, SETTINGS, replace_status(), Parts())
    assert snapshot.complete == frozenset()
    parts = Parts(reading=reading(1.0), engine=EngineInfo("docker", error="no engine"), sessions=(Session("x"),))
    told = {"telemetry", "containers", "sessions", "notebooks"}
    assert assemble(HOST, SETTINGS, replace_status(), parts).complete == told


def test_a_kernel_of_mine_on_a_gpu_is_owed_its_notebook_until_that_was_looked_for():
    process = ProcessReading(7, "GPU-0", user=FACTS.login, kernel="k")
    parts = Parts(facts=FACTS, reading=reading(1.0, gpus=(GpuReading(0, "GPU-0", "A100"),), processes=(process,)))

    def told(host=HOST, **changes):
        return "notebooks" in assemble(host, SETTINGS, replace_status(), replace(parts, **changes)).complete

    assert not told()
    assert told(sought=frozenset({"k"}))
    assert told(notebooks=(Notebook("k", "a.ipynb", 8888),))
    assert told(replace(HOST, readonly=True))  # nothing is looked for there
    bobs = replace(process, user="bob")
    assert told(reading=replace(parts.reading, processes=(bobs,)))


SILENT = Fault("other", "the probe fell silent")


@pytest.mark.parametrize(
    ("parts", "covered", "told"),
    [
        (Parts(), "waiting", False),
        (
            Parts(reading=HostReading(1.0, error=Fault("starting", "waiting for NVML"), coverage="waiting")),
            "waiting",
            False,
        ),
        (Parts(reading=HostReading(1.0, "nvml", coverage="read")), "read", True),
        (Parts(reading=HostReading(1.0, error=Fault("no-driver", "no NVIDIA driver"), coverage="none")), "none", True),
        (
            Parts(reading=HostReading(1.0, error=Fault("reboot-pending", "reboot pending"), coverage="failed")),
            "failed",
            False,
        ),
        (Parts(telemetry_error=Fault("other", "the probe did not answer for 20 s")), "failed", False),
        (
            Parts(reading=HostReading(1.0, "nvml"), telemetry_error=SILENT),
            "read",
            True,
        ),
    ],
)
def test_gpus_are_told_once_they_were_read_or_are_known_not_to_be_there(parts, covered, told):
    snapshot = assemble(HOST, SETTINGS, replace_status(), parts)
    assert (snapshot.coverage, "telemetry" in snapshot.complete) == (covered, told)


def test_a_driver_that_begins_anew_is_not_told_of_as_before():
    read = with_reading(Parts(), HostReading(1.0, "nvml"))
    anew = with_reading(read, HostReading(2.0, error=Fault("starting", "NVML starts anew"), coverage="waiting"))
    assert "telemetry" not in assemble(HOST, SETTINGS, replace_status(), anew).complete


def test_sessions_stay_when_a_sample_did_not_ask():
    parts = with_reading(Parts(sessions=(Session("x"),)), reading(1.0))
    assert parts.sessions == (Session("x"),)
    assert with_reading(parts, reading(2.0, sessions=())).sessions == ()


def test_backoff_grows_to_its_cap_with_jitter():
    assert [delay(n, jitter=lambda: 1.0) for n in range(1, 9)] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert delay(3, jitter=lambda: 0.0) == 2.0
    assert delay(10**6) <= 60.0
