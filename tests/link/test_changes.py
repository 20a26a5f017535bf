"""What ends links and brings hosts back is noticed: in a network of the test's own, changed for real; by a clock."""

from __future__ import annotations

import ctypes
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from gpuws.link import changes
from gpuws.link.changes import Changes, address_gone
from gpuws.link.connect.connector import Connector
from gpuws.link.netlink import GROUPS, Network
from tests.link import sshd
from tests.link.conftest import host_of, nobody
from tests.link.sshd import Keys

CLONE_NEWNET = 0x40000000
LATER = 5.0  # seconds in which a change is certainly seen


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, timeout=10)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "SETTLED", 0.1)


@pytest.fixture
def apart() -> Callable[[Callable[[], Any]], Any]:
    """Runs something in a thread with a network of its own, which goes with it."""
    if os.getuid() != 0 or shutil.which("ip") is None:
        pytest.skip("a network of one's own takes root and ip")

    def run(work: Callable[[], Any]) -> Any:
        done: list[Any] = []

        def enter() -> None:
            if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) != 0:
                done.append(None)
                return
            ip("link", "set", "lo", "up")
            done.append((work(),))

        thread = threading.Thread(target=enter, daemon=True)
        thread.start()
        thread.join(60)
        assert done, "it failed in its thread"
        if done[0] is None:
            pytest.skip("no network of one's own is allowed here")
        return done[0][0]

    return run


def wired() -> None:
    """An interface with a carrier, an address and a route, as of a workstation."""
    ip("link", "add", "v0", "type", "veth", "peer", "name", "v1")
    for name in ("v0", "v1"):
        ip("link", "set", name, "addrgenmode", "none", "up")
    ip("addr", "add", "10.9.0.2/24", "dev", "v0")
    ip("route", "add", "default", "via", "10.9.0.1")
    ip("link", "add", "link", "v0", "name", "m0", "address", "02:00:00:00:00:01", "type", "macvlan")
    ip("link", "set", "m0", "addrgenmode", "none")


COUNTS = {
    "addr add 10.9.1.2/24 dev v0": True,
    "addr add 2001:db8::2/64 dev v0 nodad": True,
    "addr change 10.9.0.2/24 dev v0 valid_lft 900 preferred_lft 900": False,
    "addr del 10.9.1.2/24 dev v0": False,
    "addr add fe80::9/64 dev v0 nodad": False,
    "route add 10.8.0.0/16 via 10.9.0.1": True,
    "route add 10.7.0.0/16 via 10.9.0.1 table 77": False,
    "route del 10.8.0.0/16": False,
    "link add b0 type bridge": False,
    "link set b0 up": False,
    "link set m0 up": True,
    "link set m0 down": False,
    "link set v0 down": False,
    "link set v0 up": False,  # as of containers
    "route add default via 10.9.0.1": True,  # it went with the interface, of which the kernel says nothing
}
"""In this order: what `ip` does, and whether that is another network."""


def test_what_counts_as_another_network(apart):
    def work() -> dict[str, bool]:
        wired()
        watch = Changes()
        assert not watch.wait(0.2), "what was there before is no change"
        found = {}
        for words, counts in COUNTS.items():
            ip(*words.split())
            found[words] = watch.wait(LATER if counts else 0.15)
        watch.close()
        return found

    assert apart(work) == COUNTS


def test_a_change_is_told_once_when_it_has_come_to_rest(apart):
    def work() -> tuple[bool, bool, float]:
        wired()
        watch = Changes()
        assert not watch.wait(0.2)
        began = time.monotonic()
        for number in range(5):
            ip("addr", "add", f"10.9.{number + 1}.2/24", "dev", "v0")
        first = watch.wait(LATER)
        took = time.monotonic() - began
        second = watch.wait(0.5)
        watch.close()
        return first, second, took

    first, second, took = apart(work)
    assert (first, second) == (True, False)
    assert took < 3.0


def test_a_link_whose_address_went_is_lost_at_once_and_the_fleet_is_told(apart, keys: Keys, tmp_path):
    def work() -> tuple[str, float]:
        ip("addr", "add", "10.9.0.2/32", "dev", "lo")
        lost, told, reasons = threading.Event(), threading.Event(), []
        connector = Connector()
        connector.on_change(told.set)
        with sshd.serve(tmp_path / "sshd", keys) as server:
            server.write_config("BindAddress 10.9.0.2")
            link = connector.connect(host_of(server), nobody)
            link.on_lost(lambda reason: (reasons.append(reason), lost.set()))
            ip("addr", "del", "10.9.0.2/32", "dev", "lo")
            began = time.monotonic()
            ip("addr", "add", "10.9.0.3/32", "dev", "lo")
            assert lost.wait(LATER)
            took = time.monotonic() - began
            assert told.wait(LATER)
            connector.close()
        return reasons[0], took

    reason, took = apart(work)
    assert reason == "this machine's network is another"
    assert took < 3.0


def test_an_address_that_is_there_is_not_gone():
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as sock:
        assert not address_gone(sock)
    assert not address_gone(object())
    assert not address_gone(sock)  # closed


def test_a_wait_that_lasts_too_long_is_sleep(monkeypatch: pytest.MonkeyPatch):
    clock = iter([1000.0, 1000.02, 1060.0, 1060.01])
    monkeypatch.setattr(
        changes, "time", SimpleNamespace(time=lambda: next(clock), monotonic=time.monotonic, sleep=time.sleep)
    )
    watch = Changes()
    watch.close()  # deaf for networks
    assert [watch.wait(0.01) for _ in range(3)] == [False, True, False]


def test_without_netlink_it_waits_all_the_same(monkeypatch: pytest.MonkeyPatch):
    def refused() -> None:
        raise PermissionError

    monkeypatch.setattr(changes, "Listener", refused)
    watch = Changes()
    assert not watch.wait(0.01)
    watch.close()


def test_garbage_is_no_change():
    network = Network()
    for length in range(64):
        for kind in (16, 17, 20, 21, 24, 25):
            assert not network.heard(length.to_bytes(4, "little") + kind.to_bytes(2, "little") + bytes(length))
    assert GROUPS == 0x551
