"""How often it is asked what containers take."""

from types import SimpleNamespace

import pytest

from gpuws.model.workspace.usage import Counters
from gpuws.model.workspace.workspace import Ref
from gpuws.tui.workspaces import meter
from gpuws.tui.workspaces.meter import Meter


@pytest.fixture
def clock(monkeypatch):
    now = SimpleNamespace(at=1000.0)
    monkeypatch.setattr(meter.time, "monotonic", lambda: now.at)
    return now


def test_a_slow_host_tells_of_processors_at_once_and_is_then_left_alone(clock):
    asked = []

    def answer(host, ids):
        asked.append(ids)
        clock.at += 2.0  # seconds that it takes
        return tuple(Counters(one, clock.at, clock.at / 2, 1) for one in ids)

    app = SimpleNamespace(
        fleet=SimpleNamespace(usage=answer),
        verbs=SimpleNamespace(run=lambda _, call, done, failed: done(call())),
    )
    one = Meter(app, lambda: None)
    one.read({"alpha": ["a"]})
    clock.at += meter.FIRST
    one.read({"alpha": ["a"]})
    assert one.usage[Ref("alpha", "a")].cores == 0.5
    for _ in range(4):
        clock.at += 10.0
        one.read({"alpha": ["a"]})
    assert len(asked) == 2
    clock.at += 10.0
    one.read({"alpha": ["a"]})
    assert len(asked) == 3
