"""The list of a host's containers: made again after each event, which Docker tells before it lists what happened."""

import queue
from types import SimpleNamespace

import pytest

from gpuws.engines import registry
from gpuws.fleet.local.host import engine_watch
from gpuws.fleet.local.host.engine_watch import AGAIN, EngineWatch
from gpuws.fleet.local.host.parts import Parts
from gpuws.model.errors import EngineMissing, Unreachable
from gpuws.model.host.host import Host
from gpuws.model.workspace.engine import EngineInfo
from tests.factories import being, container

BOX = container()
DIED = being(BOX, "exited")


class Slow:
    """An engine that lists an end `late` lists after it told of it. `told`: its events."""

    def __init__(self, late):
        self.late, self.told, self.lists = late, queue.Queue(), 0

    def info(self):
        return EngineInfo("docker")

    def workspaces(self):
        self.lists += 1
        return [DIED if self.lists > self.late + 1 else BOX]

    def due(self):
        return None

    def changes(self, stop):
        while not stop.is_set():
            yield self.told.get()


@pytest.fixture
def watch(monkeypatch):
    monkeypatch.setattr(engine_watch, "AGAIN", tuple(pause / 50 for pause in AGAIN))
    monkeypatch.setattr(engine_watch, "SETTLE", 0.0)
    made = []

    def start(engine, *failures, looked_at=False):
        """`failures`: of the first searches."""
        found = SimpleNamespace(engine=engine, info=engine.info(), error=None)
        gone = [SimpleNamespace(engine=None, info=engine.info(), error=error) for error in failures]
        monkeypatch.setattr(registry, "search", lambda *_: gone.pop(0) if gone else found)
        told = queue.Queue()
        link = SimpleNamespace(alive=True)
        one = EngineWatch(
            Host("alpha"), link, lambda change: told.put(change(Parts()).workspaces), readonly=lambda: True
        )
        one.watch(looked_at)
        made.append((one, engine))
        one.start()
        return told

    yield start
    for one, engine in made:
        one.close()
        engine.told.put(None)


def until_died(told):
    found = []
    while not found or found[-1] != "exited":
        found.append(told.get(timeout=10)[0].state)
    return found


def test_what_happened_before_events_were_followed_is_listed(watch):
    assert until_died(watch(Slow(late=1))) == ["running", "running", "exited"]


def test_a_busy_engine_is_asked_for_seconds_after_it_told_of_an_end(watch):
    engine = Slow(late=4)
    told = watch(engine)
    for _ in range(3):  # the first, and those that follow by themselves
        assert told.get(timeout=10)[0].state == "running"
    engine.told.put("die")
    assert until_died(told) == ["running", "running", "exited"]


class Broken(Slow):
    """One that ends its events twice, and lists after that only."""

    def __init__(self):
        super().__init__(late=0)
        self.broken = 2

    def changes(self, stop):
        if self.broken:
            self.broken -= 1
            raise Unreachable("dockerd is gone")
        yield from super().changes(stop)


def test_an_engine_that_went_is_asked_often_while_somebody_looks(watch, monkeypatch):
    monkeypatch.setattr(engine_watch, "LOOKED_AT", 0.01)
    monkeypatch.setattr(engine_watch, "AGAIN", ())
    monkeypatch.setattr(engine_watch, "delay", lambda attempt: 60.0)
    engine = Broken()
    told = watch(engine, looked_at=True)
    assert told.get(timeout=10)[0].state == "running"
    for _ in range(2):
        assert told.get(timeout=10)[0].state == "exited"
    assert engine.broken == 0


def test_one_that_does_not_run_is_looked_for_again_and_one_that_is_not_there_seldom(watch, monkeypatch):
    monkeypatch.setattr(engine_watch, "LOOKED_AT", 0.01)
    told = watch(Slow(late=0), Unreachable("dockerd does not run"), looked_at=True)
    assert told.get(timeout=10) is None
    assert told.get(timeout=10)[0].state == "running"
    told = watch(Slow(late=0), EngineMissing("no engine"), looked_at=True)
    assert told.get(timeout=10) is None
    with pytest.raises(queue.Empty):
        told.get(timeout=0.3)
