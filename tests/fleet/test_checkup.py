"""A checkup in the fleet: what it waits for, and what it says where a question has no answer."""

import threading
from dataclasses import replace

import pytest

from gpuws.fleet.events import HostUpdated
from gpuws.fleet.local.host import checkup
from gpuws.fleet.publisher import Publisher
from gpuws.model.errors import GpuwsError, Unreachable
from gpuws.model.gpu.gpu import Gpu
from gpuws.model.gpu.reading import GpuDetail
from gpuws.model.host.host import Host, HostState
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.placement.plan import Check
from gpuws.model.workspace.engine import EngineInfo
from tests.probe.local_place import LocalPlace

GPU = Gpu(0, "GPU-0", "NVIDIA H100")
LOST = Unreachable("alpha is down: no answer", "is it on?")


class Supervisor:
    """A host whose agent tells of memory errors once somebody looks."""

    def __init__(self, hub, **more):
        told = {
            "state": HostState.UP,
            "latency": 0.001,
            "telemetry": "nvml",
            "engine": EngineInfo("docker", version="26.1"),
        }
        self.host = Host("alpha")
        self.snapshot = HostSnapshot("alpha", **{**told, "gpus": (GPU,), **more})
        self.looks = []
        self.fault = None
        self.rows = (Check("engine", "ok", "Docker 26.1"),)
        self._hub = hub

    def link(self):
        if self.fault:
            raise self.fault
        return LocalPlace()

    def engine(self):
        return self

    def checkup(self, *, gpus):
        if isinstance(self.rows, GpuwsError):
            raise self.rows
        return self.rows if gpus else ()

    def look_closely(self, on):
        self.looks.append(on)
        if on:
            threading.Timer(0.05, self._tell).start()

    def _tell(self):
        told = replace(GPU, detail=GpuDetail(ecc_uncorrected=2))
        self.snapshot = replace(self.snapshot, gpus=(told,))
        self._hub.publish(HostUpdated(self.snapshot))


@pytest.fixture
def hub():
    return Publisher()


def rows(hub, supervisor):
    return {check.name: check for check in checkup.examine(supervisor, hub, 1800.0)}


def test_it_looks_closely_until_the_gpus_have_told_and_then_no_more(hub):
    supervisor = Supervisor(hub)
    found = rows(hub, supervisor)
    assert found["ecc"].detail == "GPU 0: 2 uncorrected memory errors since the driver was loaded"
    assert supervisor.looks == [True, False]
    assert found["engine"].detail == "Docker 26.1"
    assert "clock" in found


def test_gpus_that_tell_no_more_hold_it_up_for_a_while_only(hub, monkeypatch):
    monkeypatch.setattr(checkup, "CLOSER", 0.2)
    supervisor = Supervisor(hub, latency=None)
    assert "gpu" in rows(hub, supervisor)
    assert supervisor.looks == [True, False]


def test_an_engine_that_fails_meanwhile_is_a_row(hub):
    supervisor = Supervisor(hub)
    supervisor.rows = GpuwsError("Docker on alpha does not answer", "sudo systemctl restart docker")
    engine = rows(hub, supervisor)["engine"]
    assert (engine.status, engine.remedy) == ("fail", "sudo systemctl restart docker")


@pytest.mark.parametrize(
    ("state", "status", "detail"),
    [
        (HostState.DOWN, "fail", "no answer within 10 s"),
        (HostState.STALE, "warn", "no answer within 10 s"),
        (HostState.UP, "fail", "alpha is down: no answer"),
    ],
)
def test_without_a_link_there_is_one_row(hub, state, status, detail):
    supervisor = Supervisor(hub, state=state, error="no answer within 10 s")
    supervisor.fault = LOST
    (row,) = checkup.examine(supervisor, hub, 1800.0)
    assert (row.name, row.status, row.detail) == ("link", status, detail)
