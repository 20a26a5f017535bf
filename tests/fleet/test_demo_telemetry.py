"""What the demo shows of GPUs: an hour of history, idle holders with evidence, instances, faults, notebooks."""

import pytest

from gpuws.fleet.demo.fleet import DemoFleet
from gpuws.fleet.history import STEPS, TREND
from gpuws.model.errors import Refused, TargetError
from gpuws.model.ownership.usage import by_person, totals
from gpuws.model.timeline import SECONDS, Subject

HOUR, MINUTES = round(SECONDS["1h"] / STEPS["1h"]), round(SECONDS["5m"] / STEPS["5m"])


@pytest.fixture
def fleet():
    return DemoFleet(tick=0)


def gpus(fleet, name):
    return next(s for s in fleet.snapshots() if s.name == name).gpus


def test_graphs_have_an_hour_from_the_start(fleet):
    *well, broken = gpus(fleet, "bravo")
    for one in well:
        found = fleet.history("bravo", Subject(one.uuid), "1h").of("power")
        assert len(found.means) == HOUR
        assert None not in found.means
        assert len(fleet.history("bravo", Subject(one.uuid), "5m").of("temperature").means) == MINUTES
    assert broken.trend == ()
    assert fleet.history("bravo", Subject(broken.uuid), "1h").of("power").peak is None
    assert len(fleet.history("bravo", Subject(), "1h").of("cpu").means) == HOUR
    process = gpus(fleet, "alpha")[0].processes[0]
    past = fleet.history("alpha", Subject(gpus(fleet, "alpha")[0].uuid, process.pid, process.started_at), "1h")
    assert past.of("memory").mean
    assert fleet.history("golf", Subject(), "1h").of("cpu").peak is None
    with pytest.raises(TargetError):
        fleet.history("nowhere", Subject(), "1h")


def test_trends_fit_what_runs(fleet):
    busy, idle = gpus(fleet, "alpha")[0], gpus(fleet, "alpha")[3]
    assert len(busy.trend) == TREND
    assert max(busy.trend) > 90
    assert set(idle.trend) == {0}


def test_whoever_is_idle_is_so_with_evidence(fleet):
    holders = [holder for s in fleet.snapshots() for gpu in s.gpus for holder in gpu.held_by]
    assert all((h.idle_seconds is None) == (h.idle_evidence is None) for h in holders)
    said = {h.name: h.idle_evidence.rpartition(" ")[0] for h in holders if h.idle_evidence}
    assert said["jup"].startswith("kernel's last activity")
    assert said["vllm"].startswith("worked until")
    assert said["eval"].startswith("no process since")


def test_a_divided_gpu_has_its_people(fleet):
    divided = gpus(fleet, "bravo")[6]
    assert [one.profile for one in divided.mig_instances] == ["3g.40gb", "2g.20gb", "2g.20gb"]
    assert [[h.name for h in one.held_by] for one in divided.mig_instances] == [["rag"], ["probe_layers.py"], []]
    assert {h.name for h in divided.held_by} == {"rag", "probe_layers.py"}
    assert divided.utilization is None


def test_faults_are_told(fleet):
    assert gpus(fleet, "delta")[7].health == "lost"
    assert [xid.number for s in fleet.snapshots() for xid in s.xids or ()] == [95, 79]
    assert any(warning.kind == "persistence" for s in fleet.snapshots() for warning in s.warnings)


def test_only_the_host_looked_at_tells_its_clocks(fleet):
    assert gpus(fleet, "bravo")[0].detail is None
    fleet.watch("bravo")
    assert gpus(fleet, "bravo")[0].detail.clock_sm
    assert gpus(fleet, "alpha")[0].detail is None
    fleet.watch(None)
    assert gpus(fleet, "bravo")[0].detail is None


def test_a_container_that_stops_takes_its_notebooks_along(fleet):
    def books():
        return {book.path for s in fleet.snapshots() for book in s.notebooks}

    alpha = next(s for s in fleet.snapshots() if s.name == "alpha")
    assert books() == {"exp7.ipynb", "notebooks/attention-maps.ipynb"}
    for name in ("jup", "torch-dev"):
        fleet.act(next(c for c in alpha.workspaces if c.name == name).ref, "stop")
    assert books() == set()


def test_a_signal_ends_a_program_with_all_its_ranks(fleet):
    before = gpus(fleet, "alpha")
    fleet.signal("alpha", before[1].processes[0].pid, "INT")
    after = gpus(fleet, "alpha")
    assert [gpu.processes for gpu in after[:2]] == [(), ()]
    assert after[2].processes == before[2].processes
    with pytest.raises(TargetError, match="no process"):
        fleet.signal("alpha", before[1].processes[0].pid, "KILL")


def test_a_strangers_process_on_a_host_is_not_mine_to_end(fleet):
    sweep = gpus(fleet, "bravo")[3].processes[0]
    with pytest.raises(Refused, match=f"process {sweep.pid} on bravo is not yours: no permission"):
        fleet.signal("bravo", sweep.pid, "TERM")
    with pytest.raises(Refused, match="read-only"):
        DemoFleet(tick=0, readonly=True).signal("bravo", sweep.pid, "TERM")


def test_sums_of_the_lab(fleet):
    assert [share.user for share in by_person(fleet.snapshots())] == ["dave", "carol", "alice", "bob"]
    assert totals(fleet.snapshots()).faulty == 1
