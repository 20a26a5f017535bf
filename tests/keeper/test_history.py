"""What the keeper writes down of what it reads, and how it is made to stay."""

from __future__ import annotations

from dataclasses import replace

from gpuws.fleet.events import HostUpdated
from gpuws.history.store import Store
from gpuws.keeper.wire.messages import Condition, Stay
from tests.keeper.serving import KEEPING, QuietFleet, until


def test_what_it_read_is_in_the_file_when_it_ends(serve):
    keeper = serve()
    keeper.server.describe()
    fleet = keeper.backend.fleet
    alpha = next(one for one in fleet.snapshots() if one.gpus and one.state.reached)
    for seconds in (0.0, 10.0, 20.0):
        fleet._publisher.publish(HostUpdated(replace(alpha, updated_at=alpha.updated_at + seconds)))
    keeper.end()
    found = Store(keeper.home.history).read(0, 1e10)
    assert {one.host for one in found.watched} == {alpha.name}
    assert sum(use.amounts.seconds for use in found.uses) == 20 * len(alpha.gpus)


def test_off_keeps_nothing(serve):
    keeper = serve(keeping=replace(KEEPING, history="off"))
    keeper.server.describe()
    keeper.end()
    assert not keeper.home.history.exists()


def test_who_wants_it_to_stay_has_all_hosts_read_and_nobody_asked(serve):
    keeper = serve(QuietFleet())
    wire = keeper.dialer().open()
    wire.send(Stay())
    answer = wire.receive(20.0)
    assert isinstance(answer, Condition)
    assert answer.ends_in is None
    names = {one.name for one in keeper.backend.fleet.snapshots()}
    assert keeper.backend.connected == [(names, False)]
    wire.send(Stay())
    assert isinstance(wire.receive(20.0), Condition)
    wire.close()
    until(lambda: keeper.server.condition().ends_in is not None, "its end")
