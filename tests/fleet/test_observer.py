"""Waits and tasks that somebody watches: told once, instead of what others are told of the same end."""

import contextlib
import time
from dataclasses import replace

import pytest

from gpuws.fleet.events import TasksChanged, WaitsChanged
from gpuws.fleet.noticing.observer import Observer
from gpuws.model.notice.watch import Watch, wait_key
from gpuws.model.notice.wishes import Wishes
from gpuws.model.placement.queued_wait import QueuedWait, WaitOrder
from gpuws.model.task import Task
from tests.keeper.serving import until

BEGAN = time.time()
WAIT = QueuedWait("1", WaitOrder("2", ("alpha",), "torch"), BEGAN)
TASK = Task("7", "mark", "pull_image", "pull torch:3", "alpha", BEGAN)
OPEN = (WaitsChanged((WAIT,)), TasksChanged((TASK,)))


@pytest.fixture
def observer():
    told = []
    one = Observer(lambda event: told.extend(event.told), Wishes, lambda: None)
    one.heard = lambda: [(each.notice.kind, each.notice.sentence) for each in told]
    with contextlib.closing(one):
        one.watch(Watch("", "wait", "", wait_key(WAIT), "the wait for torch", 0.0))
        one.watch(Watch("", "task", "alpha", TASK.mark, TASK.title, 0.0))
        yield one


def ended(one):
    now = time.time()
    return (
        WaitsChanged((replace(one, state="launched", text="alpha/torch", ended_at=now),)),
        TasksChanged((replace(TASK, state="done", ended_at=now),)),
    )


def test_each_end_is_told_once_to_who_asked(observer):
    for event in (*OPEN, *ended(WAIT), *ended(WAIT)):
        observer.on_event(event)
    until(lambda: not observer.ledger.watches(), "both ends")
    observer.on_event(ended(replace(WAIT, id="2", since=BEGAN + 1))[0])
    until(lambda: len(observer.heard()) == 3, "the end of another")
    assert observer.heard() == [
        ("asked", "the wait for torch launched: alpha/torch"),
        ("asked", "alpha: pull torch:3 done"),
        ("task", "alpha: the wait for torch launched: alpha/torch"),
    ]


def test_a_wait_that_was_cancelled_is_watched_no_more(observer):
    observer.on_event(WaitsChanged(()))
    until(lambda: [one.thing for one in observer.ledger.watches()] == ["task"], "the end of the watch")
    assert observer.heard() == []
