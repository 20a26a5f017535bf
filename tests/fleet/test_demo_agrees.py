"""The demo never contradicts itself: whatever is done there, all that is told of it agrees afterwards."""

from __future__ import annotations

import threading
import urllib.request
from collections import Counter

import pytest

from gpuws.fleet.demo.fleet import DemoFleet
from gpuws.fleet.demo.lab.figures import DRIVER_MEMORY
from gpuws.fleet.demo.lab.life import WARM_UP
from gpuws.fleet.events import TunnelsChanged
from gpuws.model.errors import GpuwsError
from gpuws.model.gpu.gpu import Gpu, processes_of
from gpuws.model.gpu.slot import slots
from gpuws.model.host.host import HostState
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.ownership.usage import by_container, by_person, totals
from gpuws.model.placement.plan import Want
from gpuws.model.profile.profile import GpuWish
from gpuws.model.session.terminal import Size
from gpuws.model.session.tunnel import TunnelTarget
from gpuws.model.workspace.workspace import PlaceRef, Workspace
from gpuws.present.documents import gpus as gpu_documents
from gpuws.present.documents import listings
from tests.fleet.test_demo import Clock

SHELLS = ("bash", None)
PROGRAMS = ("python", "python3", "vllm")
"""What sessions of the demo run on GPUs, as tmux names it."""


@pytest.fixture
def queued():
    """A lab in which something waits for GPUs."""
    made = DemoFleet(tick=0, clock=Clock())
    yield made
    made.close()


@pytest.fixture
def fleet(queued):
    """One in which nothing is launched but by the test."""
    for wait in queued.waits():
        queued.cancel_wait(wait.id)
    return queued


def up(fleet: DemoFleet) -> list[HostSnapshot]:
    return [one for one in fleet.snapshots() if one.state is HostState.UP]


def every_container(fleet: DemoFleet) -> list[Workspace]:
    return [container for one in up(fleet) for container in one.workspaces]


def agree(fleet: DemoFleet) -> None:
    """All that is told, with itself."""
    snapshots = fleet.snapshots()
    for snapshot in snapshots:
        running = {c.name: c for c in snapshot.workspaces if c.enterable}
        for gpu in snapshot.gpus:
            gpu_agrees(snapshot, gpu, running)
        sessions_agree(snapshot, running)
        notebooks_agree(snapshot, running)
        for container in snapshot.workspaces:
            inside = [p for gpu in snapshot.gpus for p in processes_of(gpu) if p.container == container.name]
            assert (container.gpu_memory or 0) == sum(p.memory or 0 for p in inside)
            assert container.enterable or not inside
    sums_agree(fleet, snapshots)
    tunnels_agree(fleet)


def gpu_agrees(snapshot: HostSnapshot, gpu: Gpu, running: dict[str, Workspace]) -> None:
    where = f"{snapshot.name} {gpu.index}"
    programs = processes_of(gpu)
    if gpu.memory_used is not None:
        assert gpu.memory_used == sum(p.memory or 0 for p in programs) + DRIVER_MEMORY, where
        assert gpu.memory_used <= (gpu.memory_total or 0), where
    for slot in slots(gpu):
        if slot.free:
            assert not slot.place.processes, where
            assert not slot.place.held_by, where
    holders = [holder for slot in slots(gpu) for holder in slot.place.held_by]
    for holder in holders:
        if holder.kind in ("container", "reservation"):
            assert holder.name in running, where
    for program in programs:
        assert program.container is None or program.container in running, where
        named = [s for s in snapshot.sessions if (s.container, s.name) == (program.container, program.session)]
        assert all(session.command in PROGRAMS for session in named), where
    given = [c for c in running.values() if {gpu.uuid, *(one.uuid for one in gpu.mig_instances)} & {*c.gpus}]
    assert {c.name for c in given} <= {holder.name for holder in holders}, where


def sessions_agree(snapshot: HostSnapshot, running: dict[str, Workspace]) -> None:
    working = {(p.container, p.session) for gpu in snapshot.gpus for p in processes_of(gpu) if p.session}
    for session in snapshot.sessions:
        assert session.container is None or session.container in running
        if session.command in PROGRAMS and snapshot.gpus and (session.container, session.name) != (None, "sweep"):
            assert (session.container, session.name) in working, session


def notebooks_agree(snapshot: HostSnapshot, running: dict[str, Workspace]) -> None:
    assert all(one.container is None or one.container in running for one in snapshot.notebooks)
    known = {(one.container, one.path) for one in snapshot.notebooks}
    used = {(p.container, p.notebook) for gpu in snapshot.gpus for p in processes_of(gpu) if p.notebook}
    assert used <= known


def sums_agree(fleet: DemoFleet, snapshots: tuple[HostSnapshot, ...]) -> None:
    """Header, people and the documents of --json, with the rows."""
    fresh = [one for one in snapshots if one.state is HostState.UP]
    sums = totals(snapshots)
    assert sums.free == sum(gpu.free for one in fresh for gpu in one.gpus)
    memory = sum(p.memory or 0 for one in fresh for gpu in one.gpus for p in processes_of(gpu))
    assert sum(share.memory for share in by_person(fresh)) == memory
    held = {(one.name, c.name) for one in fresh for c in one.workspaces if c.enterable and c.gpus}
    assert held <= {(share.host, share.container) for share in by_container(fresh)}
    for host in gpu_documents.gpus(snapshots, fleet._clock())["hosts"]:
        for gpu in host["gpus"]:
            assert not (gpu["free"] and (gpu["held_by"] or gpu["processes"])), (host["name"], gpu["index"])
    listed = listings.containers(snapshots, fleet._clock())["containers"]
    assert Counter(one["host"] for one in listed) == Counter(s.name for s in snapshots for _ in s.workspaces)


def tunnels_agree(fleet: DemoFleet) -> None:
    ids = {c.id: c for one in fleet.snapshots() for c in one.workspaces}
    for tunnel in fleet.tunnels():
        if tunnel.target.workspace is not None:
            inside = ids.get(tunnel.workspace)
            assert (tunnel.state == "gone") is bool(tunnel.error) is not (inside is not None and inside.alive), tunnel


def settle(fleet: DemoFleet) -> None:
    """It agrees at once, and later."""
    agree(fleet)
    for _ in range(WARM_UP + 2):
        fleet._clock.now += 1.0  # type: ignore[attr-defined]
        fleet.step()
    agree(fleet)


def tried(verb) -> bool:
    try:
        verb()
    except GpuwsError:
        return False
    return True


def test_at_first_and_with_the_link_that_came_back(fleet):
    settle(fleet)
    fleet.reconnect("delta")
    settle(fleet)


@pytest.mark.parametrize("action", ["start", "stop", "restart", "kill", "remove"])
def test_after_every_action_on_every_container(fleet, action):
    for container in every_container(fleet):
        if container.oci.ports:
            fleet.open_tunnel(port_of(container, container.oci.ports[0].target)) if container.enterable else None
        tried(lambda c=container: fleet.act(c.ref, action, force=True))
        agree(fleet)
    settle(fleet)
    for container in every_container(fleet):
        assert action in ("start", "restart") or not container.enterable


def test_a_killed_process_frees_its_memory_and_its_session_is_a_shell_again(fleet):
    while found := [(s.name, p) for s in up(fleet) for gpu in s.gpus for p in processes_of(gpu) if p.user != "dave"]:
        host, program = found[0]
        if not tried(lambda h=host, pid=program.pid: fleet.signal(h, pid, "TERM")):
            break  # not mine, and on a bare host
        agree(fleet)
        assert program.pid not in {p.pid for s in up(fleet) for gpu in s.gpus for p in processes_of(gpu)}
    settle(fleet)
    assert all(session.command in SHELLS for one in up(fleet) for session in one.sessions if session.container)


def test_a_session_ends_with_what_runs_in_it(fleet):
    for snapshot in up(fleet):
        ids = {c.name: c.id for c in snapshot.workspaces}
        for session in snapshot.sessions:
            fleet.kill_session(PlaceRef(snapshot.name, ids.get(session.container or "")), session.name)
            agree(fleet)
    settle(fleet)


@pytest.mark.parametrize("typed", [b"\x03", b"\x03exit\r", b"\x03\x04"])
def test_what_is_ended_in_a_terminal_has_ended(fleet, typed):
    place = next(c.place for c in every_container(fleet) if c.name == "vllm")
    now = fleet._clock.now = Clock().now + 600
    fleet.attach(place, "main", Size()).sendall(typed)
    assert all(s.activity == now for s in next(u for u in up(fleet) if u.name == "foxtrot").sessions if s.container)
    settle(fleet)
    foxtrot = next(one for one in up(fleet) if one.name == "foxtrot")
    assert not foxtrot.gpus[0].processes
    left = [session.command for session in foxtrot.sessions if session.container == "vllm"]
    assert left == (["bash"] if typed == b"\x03" else [])


def test_whatever_is_launched_holds_its_gpus_and_soon_works_there(fleet):
    for profile in fleet.profiles():
        for host in up(fleet):
            if not tried(lambda h=host, p=profile: launch(fleet, h.name, p.name)):
                continue
            settle(fleet)
    made = [c for c in every_container(fleet) if c.mine and c.created and c.created >= Clock().now]
    assert {c.profile for c in made} == {p.name for p in fleet.profiles()} - {"flash-attn", "pytorch-ddp"}
    assert all(c.gpu_memory for c in made if c.gpus)
    serving = {n.container for one in up(fleet) for n in one.notebooks}
    assert {c.name for c in made if c.gpus} <= serving


def launch(fleet: DemoFleet, host: str, profile: str) -> None:
    plan = fleet.plan(host, profile, Want())
    if plan.problems:
        raise GpuwsError(plan.problems[0].detail)
    fleet.launch(plan, lambda _: None, threading.Event())


def test_an_instance_of_a_divided_gpu_works_too(fleet):
    spare = next(i.uuid for one in up(fleet) for gpu in one.gpus for i in gpu.mig_instances if i.free)
    plan = fleet.plan("bravo", "pytorch-2.8-cu128", Want(gpus=GpuWish(uuids=(spare,))))
    fleet.launch(plan, lambda _: None, threading.Event())
    settle(fleet)
    bravo = next(one for one in up(fleet) if one.name == "bravo")
    instance = next(i for gpu in bravo.gpus for i in gpu.mig_instances if i.uuid == spare)
    assert instance.processes


def test_a_gpu_that_was_taken_meanwhile_is_not_given_twice(fleet):
    plans = [fleet.plan("alpha", "pytorch-2.8-cu128", Want(name=name)) for name in ("one", "two")]
    fleet.launch(plans[0], lambda _: None, threading.Event())
    with pytest.raises(GpuwsError, match="GPU 3 was taken meanwhile"):
        fleet.launch(plans[1], lambda _: None, threading.Event())


def test_a_container_made_anew_is_as_its_profile_says(fleet):
    known = [c for c in every_container(fleet) if c.profile]
    assert [c.name for c in known if fleet.drift(c.ref)] == ["torch-dev"]
    for container in known:
        made = fleet.recreate(container.ref, lambda _: None, threading.Event())
        assert not fleet.drift(made)
        assert container.id not in {c.id for c in every_container(fleet)}
        agree(fleet)
    settle(fleet)


def test_what_leads_to_a_host_that_was_removed_says_so(queued):
    torch_dev = next(c for c in every_container(queued) if c.name == "torch-dev")
    queued.open_jupyter(torch_dev.place)
    for name in ("alpha", "bravo"):
        queued.remove_host(name)
    queued.step()
    assert queued.tunnels()[0].error == "alpha is not in hosts.yaml any more"
    assert queued.waits()[0].state == "failed"


def test_an_image_that_was_pulled_is_there_when_it_is_launched(fleet):
    assert not fleet.plan("alpha", "base", Want()).image_present
    fleet.pull_image("alpha", "gpuws/base", lambda _: None, threading.Event())
    assert fleet.plan("alpha", "base", Want()).image_present


def test_a_build_fails_with_what_mends_it_and_leaves_nothing(fleet):
    plan = fleet.plan("bravo", "flash-attn", Want())
    told = []
    with pytest.raises(GpuwsError, match="the build of gpuws/flash-attn failed") as failed:
        fleet.launch(plan, told.append, threading.Event())
    assert "-devel" in failed.value.remedy
    assert told[-1].stage == "building"
    assert "CUDA_HOME" in " ".join(step.text for step in told)
    assert "flash-attn" not in {c.name for c in every_container(fleet)}


def test_a_notebook_is_a_page_and_its_bytes_move(fleet):
    torch_dev = next(c for c in every_container(fleet) if c.name == "torch-dev")
    tunnel = fleet.open_jupyter(torch_dev.place)
    assert fleet.open_jupyter(torch_dev.place) == tunnel
    with urllib.request.urlopen(tunnel.url, timeout=5) as page:
        assert "demo" in page.read().decode()
    fleet.step()
    moved = fleet.tunnels()[0]
    assert moved.bytes_in > tunnel.bytes_in
    told = []
    fleet.subscribe(lambda event: told.append(event) if isinstance(event, TunnelsChanged) else None)
    fleet.act(torch_dev.ref, "stop")
    assert told[-1].tunnels[0].error == "alpha/torch-dev stopped, exited 143"
    fleet.step()
    assert fleet.tunnels() == told[-1].tunnels  # nothing moves any more
    with pytest.raises(OSError, match=r"reset|closed|refused"):
        urllib.request.urlopen(tunnel.url, timeout=5)
    fleet.close_tunnel(tunnel.id)
    assert fleet.tunnels() == ()


def port_of(container, number):
    return TunnelTarget(container.ref.host, container.typed, number)


def test_where_no_notebook_server_is_none_is_opened(fleet):
    tensorboard = next(c for c in every_container(fleet) if c.name == "tensorboard")
    with pytest.raises(GpuwsError, match="no Jupyter server runs in tensorboard"):
        fleet.open_jupyter(tensorboard.place)
    with pytest.raises(GpuwsError, match="no Jupyter server of yours runs on alpha"):
        fleet.open_jupyter(PlaceRef("alpha"))
    assert fleet.open_tunnel(port_of(tensorboard, 6006)).url is None


def test_the_queue_says_who_is_in_the_way_and_launches_when_nobody_is(queued):
    fleet = queued
    assert fleet.waits()[0].text == ""  # the first frame does without
    fleet.start()
    (waiting,) = fleet.waits()
    assert waiting.state == "waiting"
    assert "bravo has 2 of 7" in waiting.text
    assert "carol" in waiting.text
    launched = threading.Event()
    fleet.subscribe(lambda _: launched.set() if fleet.waits()[0].state == "launched" else None)
    for container in every_container(fleet):
        if container.owner == "carol" and container.gpus:
            fleet.act(container.ref, "stop")
    for _ in range(3):
        fleet._clock.now += 1.0  # type: ignore[attr-defined]
        fleet.step()
    assert launched.wait(5)
    assert fleet.waits()[0].text == "bravo/pretrain"
    settle(fleet)
    pretrain = next(c for c in every_container(fleet) if c.name == "pretrain")
    assert len(pretrain.gpus) == 4
    fleet.cancel_wait(waiting.id)
    assert fleet.waits() == ()
