"""A real engine on this machine, and what tests launch on it."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from gpuws.engines.base import Site
from gpuws.engines.docker.connect import connect_engine
from gpuws.engines.docker.engine import DockerEngine
from gpuws.link.local.local import LocalLink
from gpuws.model.gpu.gpu import Gpu
from gpuws.model.gpu.reading import HostFacts
from gpuws.model.host.host import DockerAccess, Host
from gpuws.model.placement.follow import Follow
from gpuws.model.placement.plan import Asked, Plan, Want
from gpuws.model.profile.profile import Profile
from tests.engines.docker.daemon import SBIN, Daemon
from tests.engines.docker.rootfs import load, small_image

IMAGE = "gpuws-test:small"
UUIDS = tuple(f"GPU-{index:08x}-0000-0000-0000-000000000000" for index in range(4))
GPUS = tuple(Gpu(index, uuid, "NVIDIA H200", memory_used=0, memory_total=140 << 30) for index, uuid in enumerate(UUIDS))


def unwatched(plan: Plan) -> Plan:
    """A launch that is not followed: most tests are about something else."""
    return following(plan, Follow(watch=0.0))


def following(plan: Plan, follow: Follow) -> Plan:
    return replace(plan, asked=Asked(plan.host, "", Want(follow=follow)))


@dataclass
class Bench:
    """An engine with what a launch needs."""

    engine: DockerEngine
    daemon: Daemon
    host: Host
    link: LocalLink
    site: Site

    def launch(self, profile: Profile, want: Want | None = None) -> str:
        """Returns as soon as it was started, whatever becomes of it then."""
        plan = unwatched(self.engine.plan(profile, want or Want(), self.site))
        return self.engine.launch(plan, lambda progress: None, threading.Event()).ref.id

    def ids(self) -> set[str]:
        return {container.id for container in self.engine.workspaces()}


def free_number() -> int:
    """Tests may run twice at a time on one machine: each engine has a bridge of its own."""
    return next(
        number for number in range(0, 30, 2) if not Path("/sys/class/net", Daemon(Path(), number).bridge).exists()
    )


@pytest.fixture(scope="session")
def daemon() -> Iterator[Daemon]:
    path = f"{os.environ['PATH']}:{SBIN}"
    if os.geteuid() != 0 or shutil.which("dockerd", path=path) is None:
        pytest.skip("a Docker engine of the tests' own needs root and dockerd")
    root = Path(tempfile.mkdtemp(prefix="gpuws-dockerd-"))
    root.chmod(0o755)
    daemon = Daemon(root, free_number())
    try:
        daemon.start()
        yield daemon
    finally:
        daemon.destroy()


@pytest.fixture(scope="session")
def bench(daemon: Daemon) -> Iterator[Bench]:
    host = Host("here", docker=DockerAccess(socket=str(daemon.socket)))
    link = LocalLink()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", daemon.path)
        engine = connect_engine(host, link, {"WANDB_API_KEY": "very-secret"})
        engine._how()
        load(engine, small_image(), "gpuws-test:small")
        home = daemon.root / "home"
        home.mkdir()
        facts = HostFacts("alice", 1000, 1000, ("alice",), str(home), "here")
        yield Bench(engine, daemon, host, link, Site(host, facts, GPUS, "alice", "desk"))
    link.close()


@pytest.fixture
def clean(bench: Bench) -> Iterator[Bench]:
    """What the test creates is removed behind it."""
    before = bench.ids()
    yield bench
    for identity in bench.ids() - before:
        bench.engine.act(identity, "remove", force=True)


@pytest.fixture(scope="module")
def box(bench: Bench) -> Iterator[str]:
    """A running container of mine, for programs inside it."""
    identity = bench.launch(Profile("box", image=IMAGE, command=("sleep", "infinity"), working_dir="/data"))
    yield identity
    bench.engine.act(identity, "remove", force=True)
