"""Whatever ends a link is seen, and healed within five seconds of its end while somebody looks; nothing is leaked."""

import contextlib
import logging
import os
import signal
import socket
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from gpuws.cli.toolkit.options import Options
from gpuws.cli.toolkit.setup import open_fleet, real_setup
from gpuws.fleet.local.host import backoff
from gpuws.link.forward.listener import Forward
from gpuws.link.streams import SocketStream
from gpuws.model.host.host import HostState
from tests.e2e.gpuws import configured, users
from tests.lab import docker_api, faults
from tests.lab.fixture import by_backend
from tests.lab.hosts import HOSTS, SSH_PORT
from tests.soak.test_faults import Watched, up

pytestmark = [pytest.mark.lab, pytest.mark.soak, pytest.mark.alone, pytest.mark.timeout(300)]
log = logging.getLogger(__name__)
STALE = 3.5  # seconds: two intervals of a second, a second, and what a busy machine takes
LOST = 15.0  # seconds
HEALED = 5.0  # seconds from the end of a fault
DROPPED = float(os.environ.get("GPUWS_TEST_DROPPED", "40"))  # seconds; 150 give the other line of the table
MANY, FLAPPING, FLAPS = 64, 20, 2


NAMES = ("alpha", "bravo", "charlie")


@pytest.fixture(scope="module")
def fleet_of_all(lab):
    """One for all tests here, each of which leaves the hosts as they were."""
    for host in NAMES:
        faults.reset(host)
    setup = real_setup(Options(config_dir=str(lab.config_dir)))
    with open_fleet(setup, setup.names()) as fleet:
        yield Watched(fleet)
    for host in NAMES:
        faults.reset(host)


@pytest.fixture
def watched(fleet_of_all):
    fleet_of_all.fleet.watch(None)
    for name in NAMES:
        fleet_of_all.wait(name, lambda s: up(s) and s.complete >= {"telemetry", "sessions"}, 70)
    yield fleet_of_all
    for name in NAMES:
        if fleet_of_all.host(name).state.final:
            fleet_of_all.fleet.reconnect(name)


def dropped(host, *, on):
    """Every packet between this machine and that host, with nothing in the way that takes connections for it."""
    address = HOSTS[host].address
    for way in (("-d", address, "-p", "tcp", "--dport"), ("-s", address, "-p", "tcp", "--sport")):
        verb = "-I" if on else "-D"
        subprocess.run(["iptables", verb, "INPUT", *way, str(SSH_PORT), "-j", "DROP"], check=on, capture_output=True)


def away(snapshot):
    return snapshot.state is not HostState.UP


def lost(snapshot):
    return away(snapshot) and "no news" not in (snapshot.error or "no news")


def fault(watched, host, seconds, begin, end):
    """What it takes to be seen, to be lost, and to be healed after it has ended: seconds."""
    generation = watched.host(host).generation
    begin()
    began = time.monotonic()
    watched.wait(host, away, seconds)
    seen = time.monotonic() - began
    watched.wait(host, lost, seconds)
    gone = time.monotonic() - began
    time.sleep(max(began + seconds - time.monotonic(), 0.0))
    end()
    ended, moment = time.monotonic(), time.time()
    watched.wait(host, lambda s: up(s) and s.generation > generation and (s.updated_at or 0) > moment, 60)
    healed = time.monotonic() - ended
    log.info("%s away %g s: seen %.1f, lost %.1f, healed %.1f", host, seconds, seen, gone, healed)
    return seen, gone, healed


def test_what_lasts_is_seen_and_healed_while_somebody_looks(watched):
    """Three at once: packets that are dropped, an sshd that is away, a machine that stands still."""
    watched.fleet.watch_all({"alpha", "bravo", "charlie"})
    for name in ("alpha", "bravo", "charlie") * 2:  # the first reading comes at once, the next tells the pace
        before = watched.host(name).updated_at
        watched.wait(name, lambda s, before=before: s.updated_at != before, 10)
    ways = [
        ("alpha", DROPPED, partial(dropped, on=True), partial(dropped, on=False)),
        ("bravo", 25.0, faults.kill_sshd, faults.start_sshd),
        ("charlie", 30.0, faults.pause, faults.unpause),
    ]

    def one(way):
        host, seconds, begin, end = way
        try:
            return fault(watched, host, seconds, partial(begin, host), partial(end, host))
        finally:
            end(host)

    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(one, ways))
    for seen, gone, healed in found:
        assert seen < STALE
        assert gone < LOST
        assert healed < HEALED


def test_a_key_that_changed_meanwhile_stops_it_whoever_looks(watched):
    watched.fleet.watch("alpha")
    faults.kill_sshd("alpha")
    watched.wait("alpha", lost, 5)
    faults.new_host_key("alpha")
    faults.start_sshd("alpha")
    assert watched.wait("alpha", lambda s: s.state is HostState.HOST_KEY_CHANGED, 20) < HEALED
    faults.restore_host_key("alpha")
    generation = watched.host("alpha").generation
    watched.fleet.watch(None)
    watched.fleet.watch("alpha")
    watched.fleet.hurry("alpha")
    time.sleep(3.0)
    assert (watched.host("alpha").state, watched.host("alpha").generation) == (HostState.HOST_KEY_CHANGED, generation)
    watched.fleet.reconnect("alpha")
    watched.wait("alpha", up, 10)


@pytest.fixture
def another_network():
    """An address that this machine did not have, until it has it."""
    if os.getuid() != 0:
        pytest.skip("another network takes root")
    address = ["10.254.77.1/32", "dev", "lo"]
    yield lambda: subprocess.run(["ip", "addr", "add", *address], check=True)
    subprocess.run(["ip", "addr", "del", *address], check=False, capture_output=True)


def test_another_network_heals_what_nobody_looks_at(watched, another_network, monkeypatch):
    monkeypatch.setattr(backoff, "delay", lambda attempt, cap=60.0, jitter=None: cap)  # as after minutes
    kept = watched.host("alpha").generation
    faults.kill_sshd("bravo")
    watched.wait("bravo", lambda s: s.state is HostState.DOWN and s.retry_at, 10)
    faults.start_sshd("bravo")
    time.sleep(2.0)
    assert watched.host("bravo").state is HostState.DOWN
    another_network()
    took = watched.wait("bravo", up, 60)
    log.info("another network: healed %.1f", took)
    assert took < HEALED
    assert (watched.host("alpha").generation, up(watched.host("alpha"))) == (kept, True)


def test_a_keeper_that_slept_is_there_at_once(lab, tmp_path):
    """Its links were forgotten by the other side meanwhile; a minute is the same as a few seconds of one."""
    user = configured(tmp_path / "ada", (lab.config_dir / "hosts.yaml").read_text(), ())
    try:
        user.json("gpus", "-H", "alpha")
        pid = user.json("keeper", "status")["keeper"]["pid"]
        os.kill(pid, signal.SIGSTOP)
        try:
            faults.black_hole("alpha")
            faults.drop_connections("alpha")  # what it says of that is dropped, too
            time.sleep(12.0)
            faults.let_through("alpha")
        finally:
            os.kill(pid, signal.SIGCONT)
        woke, moment = time.monotonic(), time.time()
        while True:
            (host,) = user.json("gpus", "-H", "alpha", "--allow-partial", "--timeout", "3")["hosts"]
            if host["state"] == "up" and host["age_seconds"] is not None and time.time() - host["age_seconds"] > moment:
                break
            assert time.monotonic() - woke < 60, host
        took = time.monotonic() - woke
        log.info("asleep: healed %.1f", took)
        assert took < HEALED
    finally:
        faults.let_through("alpha")
        while users:
            users.pop().stop_keeper()


def test_an_engine_that_was_killed_is_back_while_somebody_looks(watched):
    watched.fleet.watch("bravo")
    generation = watched.host("bravo").generation
    try:
        with ThreadPoolExecutor(1) as pool:
            stopping = pool.submit(faults.stop_engine, "bravo")
            while docker_api.answers("bravo"):
                continue
            seen = watched.wait("bravo", lambda s: s.engine is not None and s.engine.error is not None, 30)
            stopping.result()
            time.sleep(5.0)
            starting = pool.submit(faults.start_engine, "bravo")
            while not docker_api.answers("bravo"):
                continue
            healed = watched.wait("bravo", lambda s: s.engine is not None and s.engine.error is None, 60)
            starting.result()
        log.info("engine: seen %.1f, healed %.1f", seen, healed)
        assert healed < HEALED
        assert seen < STALE
        assert watched.host("bravo").generation == generation  # its link was left alone
    finally:
        faults.reset("bravo")


class Flapping:
    """A port of this machine that leads to a host of the lab, while it does."""

    def __init__(self, name):
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        address = HOSTS[name].address
        self._dial = lambda: SocketStream(socket.create_connection((address, SSH_PORT), 10), name)
        self._way = Forward(self._dial, port=self.port)

    def cut(self):
        self._way.close()

    def come(self):
        self._way = Forward(self._dial, port=self.port)


@pytest.fixture
def many(lab, tmp_path):
    """A fleet of many names of one host, some of which are reached by a way that flaps."""
    faults.reset("charlie")
    ways = [Flapping("charlie") for _ in range(FLAPPING)]
    key, lines = f"[{HOSTS['charlie'].address}]:{SSH_PORT}", []
    for number in range(MANY):
        lines += [f"Host h{number:02}", f"  HostKeyAlias {key}"]
        if number < FLAPPING:
            lines += ["  HostName 127.0.0.1", f"  Port {ways[number].port}"]
    there = lab.ssh_config.read_text().replace("Host charlie\n", "Host charlie h*\n")
    (tmp_path / "ssh_config").write_text("\n".join(lines) + "\n" + there)
    config = tmp_path / "config"
    config.mkdir()
    names = [f"h{number:02}" for number in range(MANY)]
    hosts = "".join(f"  {name}: {{}}\n" for name in names)
    hosts_yaml = f"hosts:\n{hosts}local: false\nssh_config: {tmp_path / 'ssh_config'}\n"
    (config / "hosts.yaml").write_text(by_backend(hosts_yaml))
    setup = real_setup(Options(config_dir=str(config)))
    with open_fleet(setup, setup.names()) as fleet:
        watched = Watched(fleet)
        for name in names:
            watched.wait(name, lambda s: up(s) and "telemetry" in s.complete, 60)
        yield watched, ways, names
    for way in ways:
        way.cut()


def size():
    return threading.active_count(), len(list(Path(f"/proc/{os.getpid()}/fd").iterdir()))


def test_twenty_of_many_that_flap_cost_the_others_nothing(many):
    watched, ways, names = many
    flapping, steady = names[:FLAPPING], names[FLAPPING:]
    watched.fleet.watch(flapping[0])
    generations = {name: watched.host(name).generation for name in steady}
    time.sleep(2.0)
    before = size()
    for _ in range(FLAPS):
        for way in ways:
            way.cut()
        for name in flapping:
            watched.wait(name, away, 10)
        time.sleep(3.0)
        assert {name: watched.host(name).state for name in steady} == dict.fromkeys(steady, HostState.UP)
        for way in ways:
            way.come()
        looked_at = watched.wait(flapping[0], up, 30)
        assert looked_at < HEALED
        for name in flapping:
            watched.wait(name, up, 30)
    log.info("flapping: healed %.1f where it is looked at", looked_at)
    moment = time.time()
    for name in names:
        watched.wait(name, lambda s: (s.updated_at or 0) > moment, 20)
    assert {name: watched.host(name).generation for name in steady} == generations
    deadline = time.monotonic() + 20
    while (now := size()) > (before[0] + 2, before[1] + 4) or now[1] > before[1] + 4:
        assert time.monotonic() < deadline, (before, now)
        time.sleep(0.25)


def test_a_dead_host_with_a_long_timeout_costs_the_others_nothing(lab, tmp_path):
    """What its sshd listens at takes connections and says nothing; it is dialled while the others are read."""
    with contextlib.ExitStack() as stack:
        silent = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        config = tmp_path / "ssh_config"
        port = silent.getsockname()[1]
        dead = f"Host dead\n  HostName 127.0.0.1\n  Port {port}\n  ConnectTimeout 600\n"
        config.write_text(dead + lab.ssh_config.read_text())
        (tmp_path / "config").mkdir()
        hosts = by_backend(
            f"hosts: {{dead: {{connect_timeout: 600}}, alpha: {{}}}}\nlocal: false\nssh_config: {config}\n"
        )
        (tmp_path / "config" / "hosts.yaml").write_text(hosts)
        setup = real_setup(Options(config_dir=str(tmp_path / "config")))
        watched = Watched(stack.enter_context(open_fleet(setup, setup.names())))
        watched.fleet.watch("dead")
        watched.wait("alpha", lambda s: up(s) and "telemetry" in s.complete, 30)
        generation = watched.host("alpha").generation
        faults.drop_connections("alpha")
        watched.fleet.hurry("alpha")
        watched.wait("alpha", lambda s: up(s) and s.generation > generation, HEALED)
        assert away(watched.host("dead"))
