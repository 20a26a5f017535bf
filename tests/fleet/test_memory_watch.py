"""What my containers take of their memory: read while somebody looks or is to be told, of those with a cap alone."""

import queue
import threading

import pytest

from gpuws.fleet.local.host import memory_watch
from gpuws.fleet.local.host.memory_watch import MemoryWatch
from gpuws.fleet.local.host.parts import Parts, Status, assemble, with_counters
from gpuws.model.errors import GpuwsError
from gpuws.model.host.host import Host, HostState
from gpuws.model.settings import Settings
from gpuws.model.workspace.usage import Counters
from tests.factories import GIB, container

BOXES = (container("capped", memory_limit=8 * GIB), container("free"))


class Counting:
    """An engine: one answer after another, the last for ever."""

    def __init__(self, *answers):
        self.answers, self.asked = list(answers), threading.Semaphore(0)
        self.ids = []

    def usage(self, ids):
        self.ids += [ids]
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        self.asked.release()
        if isinstance(answer, Exception):
            raise answer
        return [Counters(ids[0], 1.0, memory=answer)]


def _memory(parts):
    return {one: used.memory for one, used in parts.taken.usage.items()}


@pytest.fixture
def watch(monkeypatch):
    monkeypatch.setattr(memory_watch, "INTERVAL", 0.01)
    monkeypatch.setattr(memory_watch, "LISTENING", 0.01)
    made = []

    def start(engine, mine=BOXES):
        told = queue.Queue()
        one = MemoryWatch(Host("alpha"), lambda change: told.put(_memory(change(Parts()))), lambda: mine, engine.usage)
        made.append(one)
        one.start()
        return one, lambda: told.get(timeout=20)

    yield start
    for one in made:
        one.close()


def test_those_with_a_cap_are_read_while_somebody_is_to_be_told(watch):
    engine = Counting(7 * GIB)
    one, told = watch(engine)
    one.listen(True)
    assert told() == told() == {"capped-id": 7 * GIB}
    one.listen(False)
    assert engine.ids[0] == ["capped-id"]


def test_nobody_looks_and_nothing_is_read(watch):
    engine = Counting(1)
    one, told = watch(engine)
    one.watch(True)
    told()
    one.watch(False)
    while engine.asked.acquire(timeout=0.1):  # what was under way
        pass
    assert not engine.asked.acquire(timeout=0.1)  # ten times as long as it would take


def test_what_fails_once_is_read_again(watch):
    one, told = watch(Counting(GpuwsError("no answer"), ValueError("a fault"), 5))
    one.watch(True)
    assert told() == {"capped-id": 5}


def test_an_engine_that_can_not_count_is_no_fault(watch, caplog):
    asked = threading.Semaphore(0)

    def mine():
        asked.release()
        return BOXES

    one, _ = watch(Counting(GpuwsError("it has none")), mine=())
    one._mine = mine
    one.listen(True)
    assert all(asked.acquire(timeout=20) for _ in range(3))
    assert "Traceback" not in caplog.text


def test_it_stands_beside_the_cap_in_the_hosts_picture():
    parts = with_counters(Parts(workspaces=BOXES), [Counters("capped-id", 1.0, memory=7 * GIB)])
    shown = assemble(Host("alpha"), Settings(("alice",)), Status(HostState.UP), parts)
    assert [one.usage and one.usage.memory for one in shown.workspaces] == [7 * GIB, None]
