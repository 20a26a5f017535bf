"""Waits that nobody stays with: they launch once, end once, and never twice."""

import threading
import time
from dataclasses import replace

import pytest

from gpuws.fleet.local.shared.wait_queue import REMEMBERED, WaitQueue
from gpuws.fleet.publisher import Publisher
from gpuws.model.errors import Cancelled, GpuwsError, Refused, TargetError
from gpuws.model.host.host import HostState
from gpuws.model.placement.follow import Launched
from gpuws.model.placement.plan import Plan
from gpuws.model.placement.queued_wait import QueuedWait, WaitOrder
from gpuws.model.profile.profile import Profile
from gpuws.model.workspace.workspace import Ref
from tests.fleet.test_waits import BUSY, FREE, host, plan_for

SOON = 20.0
ORDER = WaitOrder("1", ("alpha",), "p", "mine")


class Lab:
    """One host whose samples a test brings."""

    def __init__(self):
        self.hub = Publisher()
        self.when = 1.0
        self.shown = (host("alpha", gpus=BUSY),)
        self.launched = []
        self.wants = []
        self.refuse = []
        self.hurried = set()
        self.hold = threading.Event()
        self.hold.set()
        self.environment = {}
        self.told = []
        self.waits = WaitQueue(self, self.told.append)

    def snapshots(self):
        return self.shown

    def hurry(self, name):
        self.hurried.add(name)

    def subscribe(self, listener):
        return self.hub.subscribe(listener)

    def sample(self, gpus, times=1):
        for _ in range(times):
            self.when += 2.0
            self.shown = (host("alpha", self.when, gpus),)
            self.hub.publish(None)
            threading.Event().wait(0.05)  # the wait's thread takes one sample at a time

    def plan(self, name, profile, want):
        self.wants.append(want)
        plan = plan_for(name, want.gpus)
        profile = Profile("p", image="i", environment=self.environment)
        known = {key: want.environ[key] for key in self.environment if key in want.environ}
        return replace(plan, spec=replace(plan.spec, profile=profile, environment=known))

    def launch(self, plan: Plan, report, cancel):
        while not self.hold.wait(0.01):
            if cancel.is_set():
                raise Cancelled("cancelled")
        if self.refuse:
            raise self.refuse.pop()
        self.launched.append(plan)
        return Launched(Ref(plan.host, "c" * 64))

    def until(self, state):
        deadline = time.monotonic() + SOON
        while [one.state for one in self.waits.list()] != [state]:
            assert time.monotonic() < deadline, self.waits.list()
            time.sleep(0.01)
        return self.waits.list()[0]

    def free_until(self, state):
        deadline = time.monotonic() + SOON
        while [one.state for one in self.waits.list()] != [state]:
            assert time.monotonic() < deadline, self.waits.list()
            self.sample(FREE)
        return self.waits.list()[0]


@pytest.fixture
def lab():
    made = Lab()
    yield made
    made.waits.close()


def test_it_launches_once_when_gpus_come_free(lab):
    kept = lab.waits.begin(ORDER, {"TOKEN": "hush"})
    assert (kept.id, kept.state) == ("1", "waiting")
    lab.sample(BUSY, 3)
    assert "alpha has 0 of 2 (0 bob" in lab.waits.list()[0].text
    ended = lab.free_until("launched")
    assert (ended.text, ended.open) == ("alpha/n", False)
    lab.sample(FREE, 3)
    assert len(lab.launched) == 1
    assert lab.wants[-1].environ == {"TOKEN": "hush"}
    assert lab.wants[-1].name == "mine"
    assert "hush" not in repr(lab.told)
    assert not lab.waits.going
    assert [[one.state for one in told] for told in lab.told] == [["waiting"], ["launching"], ["launched"]]


def test_beaten_by_another_it_waits_on(lab):
    lab.refuse = [Refused("taken")]
    lab.waits.begin(ORDER, {})
    while lab.refuse:
        lab.sample(FREE)
    lab.until("waiting")
    lab.sample(BUSY)
    lab.free_until("launched")
    assert len(lab.launched) == 1


def test_what_breaks_ends_it_with_the_reason(lab):
    lab.refuse = [GpuwsError("no space left", "prune")]
    lab.waits.begin(ORDER, {})
    assert lab.free_until("failed").text == "no space left — prune"


def test_the_impossible_is_said_to_whoever_asks(lab):
    with pytest.raises(TargetError, match="no host has such GPUs"):
        lab.waits.begin(replace(ORDER, spec="9"), {})
    assert lab.waits.list() == ()


def test_cancelled_while_waiting_and_while_launching(lab):
    lab.waits.begin(ORDER, {})
    lab.waits.cancel("1")
    lab.sample(FREE, 3)
    assert lab.waits.list() == ()
    assert lab.launched == []
    lab.hold.clear()
    lab.waits.begin(ORDER, {})
    lab.free_until("launching")
    lab.waits.cancel("1")
    assert lab.waits.list() == ()
    assert lab.launched == []
    with pytest.raises(TargetError, match="no wait '1'"):
        lab.waits.cancel("1")


def test_the_next_keeper_goes_on_and_repeats_no_launch(lab):
    now = time.time()
    going, torn = QueuedWait("1", ORDER, 1.0), QueuedWait("2", ORDER, 1.0, "launching", "alpha")
    done, old = (
        QueuedWait(key, ORDER, 1.0, "launched", "alpha/n", at) for key, at in (("3", now), ("4", now - REMEMBERED))
    )
    lab.waits.restore([going, torn, done, old])
    assert [(one.id, one.state) for one in lab.waits.list()] == [("1", "waiting"), ("2", "failed"), ("3", "launched")]
    assert "it launched; look before you repeat it" in lab.waits.list()[1].text
    for key in ("2", "3"):
        lab.waits.cancel(key)
    lab.free_until("launched")
    assert len(lab.launched) == 1
    assert lab.waits.begin(ORDER, {}).id == "2"


def test_an_environment_that_went_with_its_keeper_is_missed(lab):
    lab.environment = {"TOKEN": None}
    lab.waits.restore([QueuedWait("1", ORDER, 1.0)])
    ended = lab.free_until("failed")
    assert "the environment it came from is gone: TOKEN" in ended.text
    assert lab.launched == []


def test_what_the_form_said_is_launched_as_it_said(lab):
    order = WaitOrder("1", ("alpha",), "", "mine", ("mem_limit=8g",), recipe="image: t\n")
    lab.waits.begin(order, {"TOKEN": "x"})
    lab.free_until("launched")
    want = lab.wants[-1]
    assert (want.recipe, want.overrides, want.environ) == ("image: t\n", ("mem_limit=8g",), {"TOKEN": "x"})
    assert order.called == "a recipe of no file"


def test_hosts_that_are_away_are_waited_for_too(lab, monkeypatch):
    monkeypatch.setattr("gpuws.fleet.local.shared.wait_queue.NUDGE", 0.02)
    lab.shown = (replace(lab.shown[0], state=HostState.DOWN), host("bravo", gpus=BUSY))
    lab.waits.begin(replace(ORDER, hosts=("alpha", "bravo")), {})
    deadline = time.monotonic() + SOON
    while not lab.hurried:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert lab.hurried == {"alpha"}
