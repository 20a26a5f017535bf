"""Looking for tmux sessions inside my containers, where a look fails."""

import queue
import threading

import pytest

from gpuws.fleet.local.host import session_watch
from gpuws.fleet.local.host.parts import Parts
from gpuws.fleet.local.host.session_watch import RETRIES, SessionWatch
from gpuws.model.errors import GpuwsError
from gpuws.model.host.host import Host
from gpuws.model.session.terminal import Completed
from tests import factories

BOX = factories.workspace("alpha", "a" * 64, "box", "image", "running", mine=True)
MARK = "gpuws-tmux"
TOLD = "server::\nsession:$0:1:0:5:6:main:\nwindow:$0:@0:0:1:0:0:6:x\npane:$0:@0:%0:20:1:0:::main:python\n"
LISTED = Completed(0, f"{MARK}\n{TOLD}".encode(), b"")


class Inside:
    """The inside of a container: one answer after another, the last for ever."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = threading.Semaphore(0)

    def run(self, argv, *, timeout):
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        self.asked.release()
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def watch(monkeypatch):
    monkeypatch.setattr(session_watch, "INTERVAL", 0.02)
    started = []

    def start(*answers):
        told = queue.Queue()
        inside = Inside(*answers)
        one = SessionWatch(Host("alpha"), lambda change: told.put(change(Parts()).inner_sessions), lambda: (BOX,),
                           lambda _: inside, lambda: None)  # fmt: skip
        started.append(one)
        one.start()
        one.look_at(frozenset({BOX.id}))
        return one, inside, lambda: [(s.name, s.container, s.panes) for s in told.get(timeout=20)]

    yield start
    for one in started:
        one.close()


def test_a_look_that_failed_is_made_again(watch):
    _, _, sessions = watch(GpuwsError("no answer"), LISTED)
    assert sessions() == []
    assert sessions() == [("main", "box", (20,))]


def test_what_was_known_stays_where_the_next_look_fails(watch):
    one, _, sessions = watch(LISTED, GpuwsError("no answer"))
    assert sessions() == [("main", "box", (20,))]
    one.refresh()
    assert sessions() == [("main", "box", (20,))]


def test_a_container_that_never_answers_is_given_up(watch):
    _, inside, sessions = watch(GpuwsError("no answer"))
    for _ in range(RETRIES + 1):
        assert sessions() == []
        assert inside.asked.acquire(timeout=20)
    assert not inside.asked.acquire(timeout=0.2)  # ten times as long as it would take


def test_a_container_without_tmux_is_looked_at_once(watch):
    _, inside, sessions = watch(Completed(127, b"", b""))
    assert sessions() == []
    assert inside.asked.acquire(timeout=20)
    assert not inside.asked.acquire(timeout=0.2)
