"""Who does not answer is dead: the rule on made-up peers, then the whole road on a frozen wire and a stopped sshd."""

from __future__ import annotations

import os
import signal
import threading
import time
from dataclasses import dataclass, field

import pytest

from gpuws.link.connect.connector import Connector
from gpuws.link.paramiko import keepalive
from gpuws.link.paramiko.keepalive import DEADLINE, INTERVAL, TICK, WAKE_DEADLINE, Keepalive
from gpuws.model.errors import Unreachable
from tests.link.conftest import Open, host_of, nobody
from tests.link.sshd import Server
from tests.link.wire import Wire, silent_server, wire


@dataclass
class Peer:
    heard: float = 0.0
    alive: bool = True
    pings: int = 0
    lost: list[str] = field(default_factory=list)

    def ping(self) -> None:
        self.pings += 1

    def lose(self, reason: str) -> None:
        self.lost.append(reason)
        self.alive = False


@pytest.fixture
def idle_keepalive() -> Keepalive:
    """Its thread never runs: the tests tick."""
    made = Keepalive()
    made.close()
    return made


def test_dead_is_seen_within_fifteen_seconds(idle_keepalive: Keepalive):
    peer = Peer()
    idle_keepalive.add(peer)
    now = time.monotonic()
    peer.heard = now
    idle_keepalive.tick(now, woke=False)
    peer.heard = now + 0.01  # answered, and then nothing more
    elapsed = 0.0
    while peer.alive:
        elapsed += TICK
        idle_keepalive.tick(now + elapsed, woke=False)
        assert elapsed <= 16
    assert elapsed <= INTERVAL + DEADLINE + 2 * TICK
    assert peer.lost == [f"it has not answered for {elapsed:.0f} s"]


def test_who_answers_lives_and_is_not_asked_all_the_time(idle_keepalive: Keepalive):
    peer = Peer()
    idle_keepalive.add(peer)
    now = time.monotonic()
    for second in range(100):
        if second % 3 == 0:
            peer.heard = now + second + 0.5
        idle_keepalive.tick(now + second + 1, woke=False)
    assert peer.alive
    assert 12 <= peer.pings <= 25


def test_after_sleep_everybody_is_asked_at_once_and_has_three_seconds(idle_keepalive: Keepalive):
    dead, alive = Peer(), Peer()
    idle_keepalive.add(dead)
    idle_keepalive.add(alive)
    now = time.monotonic() + 3600  # silent for an hour, which is no evidence: we slept
    idle_keepalive.tick(now, woke=True)
    assert (dead.pings, alive.pings) == (1, 1)
    assert dead.alive
    alive.heard = now + 0.1
    idle_keepalive.tick(now + WAKE_DEADLINE + 0.1, woke=False)
    assert (dead.alive, alive.alive) == (False, True)


def test_where_something_changed_all_are_asked_and_whoever_wants_to_know_is_told(monkeypatch: pytest.MonkeyPatch):
    told, asked = threading.Event(), threading.Event()

    class Changing:
        def wait(self, seconds: float) -> bool:
            time.sleep(0.01)
            return asked.is_set()

        def close(self) -> None:
            pass

    monkeypatch.setattr(keepalive, "Changes", Changing)
    made, peer = Keepalive(told.set), Peer(heard=time.monotonic())
    made.add(peer)
    assert not told.wait(0.1)
    before = peer.pings
    asked.set()
    assert told.wait(5)
    assert peer.pings > before
    made.close()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in (("TICK", 0.05), ("INTERVAL", 0.2), ("DEADLINE", 0.5)):
        monkeypatch.setattr(keepalive, name, seconds)


def lost_of(link: object) -> tuple[threading.Event, list[str]]:
    told, reasons = threading.Event(), []
    link.on_lost(lambda reason: (reasons.append(reason), told.set()))
    return told, reasons


@pytest.mark.usefixtures("quick")
def test_an_idle_link_stays(server: Server, open_link: Open):
    link = open_link(server)
    told, _ = lost_of(link)
    assert not told.wait(1.5)
    assert link.latency is not None


@pytest.mark.usefixtures("quick")
def test_a_frozen_wire_is_seen_and_frees_everybody(server: Server, connector: Connector):
    with wire(server.port) as line:
        link = connector.connect(through(server, line), nobody)
        told, reasons = lost_of(link)
        process = link.popen(["cat"])
        freed = threading.Event()

        def read() -> None:
            with pytest.raises(Unreachable):
                process.read()
            freed.set()

        def write() -> None:
            with pytest.raises(Unreachable):
                process.write(bytes(256 << 20))

        reader, writer = threading.Thread(target=read, daemon=True), threading.Thread(target=write, daemon=True)
        line.freeze()
        reader.start()
        writer.start()
        assert told.wait(10)
        assert "it has not answered for" in reasons[0]
        assert freed.wait(2)
        writer.join(2)
        assert not writer.is_alive()


@pytest.mark.usefixtures("quick")
def test_a_stopped_server_process_is_seen(server: Server, open_link: Open):
    link = open_link(server)
    told, _ = lost_of(link)
    pid = int(link.run(["sh", "-c", "echo $PPID"]).stdout)
    os.kill(pid, signal.SIGSTOP)
    try:
        assert told.wait(10)
    finally:
        os.kill(pid, signal.SIGKILL)


def through(server: Server, line: Wire, alias: str = "box"):
    """The same server, by way of `line`."""
    server.write_config(f"Port {line.port}", f"HostKeyAlias {server.name}", alias=alias)
    return host_of(server, alias)


@pytest.mark.alone
def test_ending_with_ten_hung_hosts_takes_no_time(server: Server):
    """Three live links on a frozen wire, with full buffers; the others hang while they connect."""
    connector = Connector()
    with wire(server.port) as line, silent_server() as silent:
        host = through(server, line)
        links = [connector.connect(host, nobody) for _ in range(3)]
        processes = [link.popen(["sh", "-c", "cat > /dev/null"]) for link in links]
        line.freeze()
        for process in processes:
            threading.Thread(target=quietly, args=(lambda p=process: p.write(bytes(64 << 20)),), daemon=True).start()
        server.write_config(f"Port {silent}")
        hung = [
            threading.Thread(target=quietly, args=(lambda: connector.connect(host_of(server), nobody),), daemon=True)
            for _ in range(7)
        ]
        for thread in hung:
            thread.start()
        deadline = time.monotonic() + 10
        while len(connector._transports) < 10:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        begin = time.monotonic()
        for process, link in zip(processes, links, strict=True):
            process.close()
            link.close()
        connector.close()
        assert time.monotonic() - begin < 0.5
        for thread in hung:
            thread.join(2)
            assert not thread.is_alive()


def quietly(work) -> None:
    with pytest.raises(Exception):  # noqa: B017, PT011
        work()
