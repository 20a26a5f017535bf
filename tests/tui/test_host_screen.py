"""A host in full, and a process: figures over time, who and what is there, and the keys there."""

import time
from dataclasses import replace

import pytest

from gpuws.model.errors import HostError
from gpuws.model.gpu.reading import Disk, HostFacts
from gpuws.model.host.busiest import Busiest, HostProcess, StalledMount
from gpuws.model.host.host import HostState
from gpuws.model.timeline import Series, Subject, Timeline
from gpuws.tui.host.screen import HostScreen
from gpuws.tui.processes.screen import ProcessScreen
from gpuws.tui.processes.signal_screen import SignalScreen
from tests.factories import GIB, NOW, gpu, snapshot
from tests.tui.driving import SIZES, running, text
from tests.tui.lab import StubFleet
from tests.tui.test_gpu_screen import page


def past(**peaks):
    now = time.time()
    return Timeline(2.0, now, 0, {name: Series((one / 2,), (one,), (2,)) for name, one in peaks.items()})


def alpha(**more):
    facts = HostFacts("alice", 1004, 1004, ("alice", "docker"), "/home/alice", "alpha", cpu_count=64)
    host = snapshot(
        gpus=(gpu(0, user="alice", name="train.py", used=70, mine=True), gpu(1)), driver="570", cuda="12.8",
        facts=facts, cpu_percent=25.0, load=12.3, memory_used=100 * GIB, memory_total=512 * GIB, latency=0.018,
        disks=(Disk("/", 90 * GIB, 100 * GIB), Disk("/data", None, None)), tags=("a100",), net_received=5 << 20,
        net_sent=1 << 20,
    )  # fmt: skip
    return replace(host, **more)


def fleet_of(*hosts):
    fleet = StubFleet(*hosts)
    process = hosts[0].gpus[0].processes[0] if hosts[0].gpus else None
    fleet.inspected["history"] = {(Subject(), "5m"): past(cpu=80.0, load=20.0, memory=2.0**37, network=2.0**23)}
    if process is not None:
        of_process = Subject(hosts[0].gpus[0].uuid, process.pid, process.started_at)
        fleet.inspected["history"][of_process, "5m"] = past(memory=70.0 * GIB, utilization=90.0, cpu=310.0)
    return fleet


async def opened(pilot, app):
    await pilot.press("g", "enter")
    await pilot.until(lambda: isinstance(app.screen, HostScreen))


@pytest.mark.parametrize("size", SIZES)
async def test_everything_known_of_a_host_can_be_read(size):
    async with running(fleet_of(alpha()), size) as (app, pilot):
        await opened(pilot, app)
        await pilot.until(lambda: "peak 80%" in page(app))
        for words in (
            "100/512G", "12.3 on 64 CPUs", "↓ 5M/s ↑ 1M/s", "alice", "70/80G", "free", "PEOPLE", "+ 1 free",
            "90%", "90G of 100G", "570 · CUDA 12.8", "64 CPUs", "uid 1004", "18ms", "#a100", "No containers on alpha",
        ):  # fmt: skip
            assert words in page(app), words
        assert all(len(line) <= size[0] for line in text(app).split("\n"))
        assert "1 free" in text(app)


async def test_a_host_without_gpus_is_a_host_too():
    bare = alpha(gpus=(), driver=None, cuda=None, net_received=None, net_sent=None, disks=())
    async with running(fleet_of(bare)) as (app, pilot):
        await opened(pilot, app)
        await pilot.until(lambda: "peak 80%" in page(app))
        assert "DISKS" not in page(app)
        assert "backend" not in page(app)
        assert "GPUs         none" in page(app)


async def test_what_speaks_ssh_to_it_stands_there_with_the_reason():
    host = alpha(backend="openssh", backend_why="KnownHostsCommand")
    async with running(fleet_of(host), SIZES[-1]) as (app, pilot):
        await opened(pilot, app)
        await pilot.until(lambda: "backend      openssh: KnownHostsCommand" in page(app))


async def test_a_host_in_trouble_explains_itself_instead():
    async with running(fleet_of(alpha(state=HostState.DOWN, error="no route to host"))) as (app, pilot):
        await pilot.press("g", "enter")
        await pilot.until(lambda: "no route to host" in text(app) and not isinstance(app.screen, HostScreen))


async def test_the_next_host_and_its_processes():
    fleet = fleet_of(alpha(), replace(alpha(), name="bravo"))
    async with running(fleet) as (app, pilot):
        await opened(pilot, app)
        await pilot.press("tab")
        await pilot.until(lambda: " bravo " in text(app).split("\n")[0])
        await pilot.until(lambda: ("watch", "bravo") in fleet.calls)
        await pilot.press("p")
        await pilot.until(lambda: app.screen.id == "home")
        assert app.screen.selection().host == "bravo"


async def test_it_lives_and_says_when_it_is_gone():
    fleet = fleet_of(alpha())
    async with running(fleet) as (app, pilot):
        await opened(pilot, app)
        fleet.put(alpha(cpu_percent=77.0))
        await pilot.until(lambda: "CPU  77%" in page(app))
        fleet.put(alpha(state=HostState.STALE, error="link lost"))
        await pilot.until(lambda: "link lost" in text(app))
        assert "free when it was last seen" in page(app)
        assert "1 free" not in text(app).split("\n")[0]


async def test_a_process_has_a_past():
    fleet = fleet_of(alpha())
    async with running(fleet, (120, 40)) as (app, pilot):
        await pilot.press("g", "j", "p", "enter")
        await pilot.until(lambda: isinstance(app.screen, ProcessScreen))
        await pilot.until(lambda: "peak 310%" in page(app) and "peak 70G" in page(app))
        assert "python train.py" in page(app)
        await pilot.press("K")
        await pilot.until(lambda: isinstance(app.screen, SignalScreen))
        await pilot.press("escape")
        fleet.put(alpha(gpus=(gpu(0), gpu(1))))
        await pilot.until(lambda: "ended: what was seen last" in text(app))
        assert "python train.py" in page(app)
        await pilot.press("K")
        assert isinstance(app.screen, ProcessScreen)  # nothing is there to be ended


async def test_what_loads_it_is_asked_while_somebody_looks():
    fleet = fleet_of(alpha())
    loaders = HostProcess((51, 52), "alice", "python train.py", "data loader", "R", 140.0, GIB, mine=True)
    fleet.inspected["busiest"] = Busiest("alpha", NOW, (loaders,), stalled=(StalledMount("nas", ("/data",), (51,)),))
    async with running(fleet, SIZES[-1]) as (app, pilot):
        assert not fleet.named("busiest")
        await opened(pilot, app)
        await pilot.until(lambda: "2 × data loaders: python train.py" in page(app))
        assert "NFS does not answer: /data from nas" in page(app)
        asked = len(fleet.named("busiest"))
        await pilot.press("escape")
        await pilot.until(lambda: not isinstance(app.screen, HostScreen))
        assert len(fleet.named("busiest")) == asked == 1


async def test_a_host_that_does_not_tell_what_loads_it_is_shown_without():
    fleet = fleet_of(alpha())
    fleet.fail["busiest"] = HostError("alpha: its processes can't be read yet")
    async with running(fleet, SIZES[-1]) as (app, pilot):
        await opened(pilot, app)
        await pilot.until(lambda: bool(fleet.named("busiest")) and "peak 80%" in page(app))
        assert "CPU AND RAM" not in page(app)
        assert "can't be read" not in text(app)
