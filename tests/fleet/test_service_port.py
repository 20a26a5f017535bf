"""A service is looked up by its name where it listened last no more: once for all who wait, and seldom."""

import threading
from dataclasses import replace

import pytest

from gpuws.fleet.local.shared import service_port
from gpuws.fleet.local.shared.open_tunnels import OpenTunnels
from gpuws.fleet.local.shared.service_port import ServicePort
from gpuws.model.errors import GpuwsError, TargetError, Unreachable
from gpuws.model.session.tunnel import TunnelTarget

BOARD = TunnelTarget("alpha", "box", 6006, service="tensorboard")
MOVED = replace(BOARD, port=6007)


class Looks:
    """`there`: where it listens, or why that can't be told."""

    def __init__(self, there):
        self.there, self.count = there, 0

    def __call__(self, target):
        self.count += 1
        if isinstance(self.there, GpuwsError):
            raise self.there
        return replace(target, port=self.there)


def test_all_who_wait_for_it_look_once():
    looks = Looks(6007)
    service = ServicePort(looks)
    found = []
    threads = [threading.Thread(target=lambda: found.append(service.after(BOARD))) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert found == [MOVED] * 12
    assert looks.count == 1


def test_it_may_move_again_and_is_not_looked_for_in_a_hurry(monkeypatch):
    looks = Looks(6007)
    service = ServicePort(looks)
    assert service.after(BOARD) == MOVED
    looks.there = 6008
    assert service.after(MOVED) == MOVED
    monkeypatch.setattr(service_port, "SELDOM", 0.0)
    assert service.after(MOVED).port == 6008
    assert looks.count == 2


def test_one_that_listens_nowhere_says_so_until_the_next_look(monkeypatch):
    looks = Looks(GpuwsError("TensorBoard does not listen there"))
    service = ServicePort(looks)
    for _ in range(3):
        with pytest.raises(GpuwsError, match="does not listen there"):
            service.after(BOARD)
    assert looks.count == 1
    monkeypatch.setattr(service_port, "SELDOM", 0.0)
    looks.there = 6007
    assert service.after(BOARD) == MOVED


class Ways:
    """Whatever it is, only `open` takes connections."""

    def __init__(self, port):
        self.open, self.tried = port, []

    def dial_target(self, target):
        self.tried.append(target.port)
        if target.port != self.open:
            raise GpuwsError(f"port {target.port} refuses")
        return target

    def seen(self, host):
        return None, False


def dialled(ways, looks, target=BOARD):
    """What one connection meets, and where the tunnel leads since."""
    tunnels = OpenTunnels(ways, lambda _: None, look_up=looks)
    try:
        tunnel = tunnels.open(target, None)
        entry = tunnels._open[tunnel.id]
        return entry._dial(), tunnels.plans()[tunnel.id].target
    finally:
        tunnels.close_all()


def test_a_connection_follows_it_to_another_port_and_so_does_the_tunnel():
    ways, looks = Ways(6007), Looks(6007)
    assert dialled(ways, looks) == (MOVED, MOVED)
    assert ways.tried == [6006, 6007]


def test_one_that_was_never_found_is_looked_for_first():
    ways = Ways(6007)
    assert dialled(ways, Looks(6007), replace(BOARD, port=0))[1] == MOVED
    assert ways.tried == [6007]


@pytest.mark.parametrize("error", [Unreachable("away"), TargetError("no container box")])
def test_nothing_is_looked_for_where_its_place_is_not_there(error):
    looks, ways = Looks(6007), Ways(6006)

    def refused(_target):
        raise error

    ways.dial_target = refused
    with pytest.raises(type(error)):
        dialled(ways, looks)
    assert looks.count == 0


def test_what_was_asked_for_by_number_stays_there():
    looks = Looks(6007)
    with pytest.raises(GpuwsError, match="6006 refuses"):
        dialled(Ways(6007), looks, TunnelTarget("alpha", "box", 6006))
    assert looks.count == 0
