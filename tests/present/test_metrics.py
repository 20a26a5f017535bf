"""OpenMetrics, read by the reader of Prometheus."""

from __future__ import annotations

from prometheus_client.openmetrics.parser import text_string_to_metric_families

from gpuws.fleet.demo.fleet import DemoFleet
from gpuws.model.gpu.gpu import Gpu
from gpuws.model.host.host import HostState
from gpuws.present.metrics.families import families
from gpuws.present.metrics.text import written
from tests import factories


def read(snapshots, *, names=False):
    found = text_string_to_metric_families(written(families(snapshots, factories.NOW + 3, names=names)))
    return {family.name: family for family in found}


def values(family, *labels):
    return {tuple(one.labels[label] for label in labels): one.value for one in family.samples}


def test_the_demos_hosts_and_gpus():
    fleet = DemoFleet(tick=0)
    snapshots = fleet.snapshots()
    found = read(snapshots)
    assert values(found["gpuws_host_up"], "host") == {(s.name,): float(s.state is HostState.UP) for s in snapshots}
    gpus = [(s, gpu) for s in snapshots for gpu in s.gpus]
    assert values(found["gpuws_gpu"], "host", "gpu", "model").keys() == {
        (s.name, str(g.index), g.name) for s, g in gpus
    }
    used = {(g.uuid,): g.memory_used for _, g in gpus if g.memory_used is not None}
    assert values(found["gpuws_gpu_memory_used_bytes"], "uuid") == used
    states = values(found["gpuws_gpu_state"], "uuid", "state")
    assert all(sum(states[g.uuid, state] for state in ("free", "held", "unknown")) == 1 for _, g in gpus)
    assert "gpuws_gpu_held" not in found


def test_people_only_where_they_are_asked_for():
    fleet = DemoFleet(tick=0)
    text = written(families(fleet.snapshots(), 0.0, names=False))
    assert not any(f'"{name}"' in text for name in ("alice", "bob", "carol", "dave"))
    held = read(fleet.snapshots(), names=True)["gpuws_gpu_held"]
    assert {one.labels["user"] for one in held.samples} >= {"alice", "bob", "carol", "dave"}


def test_a_count_is_one_and_the_unknown_is_not_there():
    counted = Gpu(0, "GPU-1", "NVIDIA H200", energy=123_456_789_012, utilization=40.0)
    found = read([factories.snapshot("alpha", gpus=(counted, Gpu(1, "GPU-2", "L40S")))])
    energy = found["gpuws_gpu_energy_joules"]
    assert (energy.type, energy.unit) == ("counter", "joules")
    assert [(one.name, one.labels["uuid"], one.value) for one in energy.samples] == [
        ("gpuws_gpu_energy_joules_total", "GPU-1", 123_456_789_012)
    ]
    assert values(found["gpuws_gpu_utilization_ratio"], "uuid") == {("GPU-1",): 0.4}


def test_what_a_host_calls_its_gpu_is_data():
    evil = Gpu(0, 'GPU-"1\\', 'x"} 1\ngpuws_host_up{host="y\x1b[31m')
    found = read([factories.snapshot("alpha", gpus=(evil,))])
    assert len(found["gpuws_host_up"].samples) == 1
    [one] = found["gpuws_gpu"].samples
    assert one.labels["uuid"] == 'GPU-"1\\'
    assert "\n" not in one.labels["model"]


def test_without_hosts_only_the_end():
    assert written(families([], 0.0, names=True)) == "# EOF\n"
