"""Long faults on the lab: black holes, flaps, an engine that comes and goes. Deadlines are the promised ones."""

import os
import threading
import time
from pathlib import Path

import pytest

from gpuws.cli.toolkit.options import Options
from gpuws.cli.toolkit.setup import open_fleet, real_setup
from gpuws.fleet.events import HostUpdated
from gpuws.model.host.host import HostState
from gpuws.model.session.tunnel import TunnelTarget
from tests.lab import faults

pytestmark = [pytest.mark.lab, pytest.mark.soak, pytest.mark.timeout(600)]


class Watched:
    """A running fleet and a way to wait for what it says."""

    def __init__(self, fleet):
        self.fleet = fleet
        self._changed = threading.Condition()
        self.seen = []
        fleet.subscribe(self._take)

    def _take(self, event):
        with self._changed:
            if isinstance(event, HostUpdated):
                self.seen.append((time.monotonic(), event.snapshot))
            self._changed.notify_all()

    def host(self, name):
        return next(s for s in self.fleet.snapshots() if s.name == name)

    def wait(self, name, rule, seconds):
        """The host once `rule` holds, and how long that took."""
        begun = time.monotonic()
        with self._changed:
            assert self._changed.wait_for(lambda: rule(self.host(name)), seconds), self.host(name)
        return time.monotonic() - begun


@pytest.fixture
def watched(lab):
    for host in ("alpha", "bravo", "charlie"):
        faults.reset(host)
    setup = real_setup(Options(config_dir=str(lab.config_dir)))
    with open_fleet(setup, setup.names()) as fleet:
        watched = Watched(fleet)
        for name in ("alpha", "bravo", "charlie"):
            watched.wait(name, lambda s: s.state is HostState.UP and s.complete >= {"telemetry", "sessions"}, 30)
        yield watched
    for host in ("alpha", "bravo", "charlie"):
        faults.reset(host)


def up(snapshot):
    return snapshot.state is HostState.UP


@pytest.mark.alone
def test_a_black_hole_is_seen_within_15_s_and_costs_the_others_nothing(watched):
    faults.pause("bravo")
    try:
        assert (
            watched.wait("bravo", lambda s: s.state is HostState.STALE, 15) < 7
        )  # two intervals and a second, and a tick
        assert watched.wait("bravo", lambda s: "link lost" in (s.error or ""), 15) < 15
        assert len(watched.host("bravo").gpus) == 8  # the last values stay
        begun = time.monotonic()
        watched.wait("alpha", lambda s: s.updated_at is not None and s.age(time.time()) < 1.0, 5)
        assert time.monotonic() - begun < 5
    finally:
        faults.unpause("bravo")
    watched.wait("bravo", up, 70)


def test_thirty_flaps_leak_nothing(watched):
    def size():
        return threading.active_count(), len(list(Path(f"/proc/{os.getpid()}/fd").iterdir()))

    def flap():
        generation = watched.host("alpha").generation
        faults.drop_connections("alpha")
        watched.wait("alpha", lambda s: s.generation > generation and up(s), 70)
        moment = time.time()
        watched.wait("alpha", lambda s: (s.updated_at or 0) > moment and "containers" in s.complete, 30)

    for _ in range(3):
        flap()
    threads, files = size()
    for _ in range(30):
        flap()
    deadline = time.monotonic() + 20  # the last connection's threads end on their own
    while True:
        now_threads, now_files = size()
        if now_threads <= threads + 2 and now_files <= files + 4:
            break
        assert time.monotonic() < deadline, (threads, files, now_threads, now_files, threading.enumerate())
        time.sleep(0.5)


def test_an_engine_that_goes_and_comes_back(watched):
    for _ in range(3):
        faults.stop_engine("bravo")
        watched.wait("bravo", lambda s: s.engine is not None and s.engine.error is not None, 60)
        assert up(watched.host("bravo"))
        faults.start_engine("bravo")
        watched.wait("bravo", lambda s: s.engine is not None and s.engine.error is None, 90)
    faults.reset("bravo")


def test_a_tunnel_keeps_its_port_over_lost_links(watched, lab):
    tunnel = watched.fleet.open_tunnel(TunnelTarget("alpha", "torch-dev", 8888))
    for _ in range(5):
        generation = watched.host("alpha").generation
        faults.drop_connections("alpha")
        watched.wait("alpha", lambda s, g=generation: s.generation > g and up(s), 70)
        (now,) = watched.fleet.tunnels()
        assert (now.local_port, now.state) == (tunnel.local_port, "listening")


@pytest.mark.alone
def test_closing_with_every_host_hung_takes_under_a_second(lab):
    setup = real_setup(Options(config_dir=str(lab.config_dir)))
    fleet = setup.make(setup.names())
    fleet.start()
    watched = Watched(fleet)
    for name in ("alpha", "bravo", "charlie"):
        watched.wait(name, up, 30)
    try:
        for name in ("alpha", "bravo", "charlie"):
            faults.pause(name)
        begun = time.monotonic()
        fleet.close()
        assert time.monotonic() - begun < 1.0
    finally:
        for name in ("alpha", "bravo", "charlie"):
            faults.unpause(name)
