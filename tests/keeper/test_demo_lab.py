"""The demo's own tests once more, with a keeper between them and the lab."""

import inspect
import sys
import threading

import pytest

from gpuws.fleet.demo.fleet import DemoFleet
from tests.fleet import test_demo
from tests.keeper.serving import SOON, until

IN_THE_PROGRAM = {
    "test_the_seed_alone_decides": "compares two labs, no fleet",
    "test_every_tick_moves_something_and_a_program_comes_and_goes": "compares two moments of the lab, no fleet",
    "test_it_looks_like_a_lab": "needs the snapshots of a fleet that was never started",
    "test_a_tmux_pane_trains_until_it_is_left": "counts on where one piece of a stream ends",
    "test_a_cancelled_launch_leaves_nothing": "cancels a launch that takes no time",
    "test_a_cancelled_trial_of_a_host_ends": "cancels a trial that takes no time",
    "test_a_host_key_is_asked_and_the_answer_decides": "asks twice under one id, as only a demo does",
    "test_the_thread_tells_listeners_and_close_stops_it": "is about the demo's own thread",
}

WORDS = ("answer", "reconnect")  # nobody waits for what they do

TESTS = {name: one for name, one in vars(test_demo).items() if name.startswith("test_")}


class Kept:
    """A `DemoFleet` behind a keeper. After each verb it waits for what the verb changed to arrive."""

    def __init__(self, serving):
        self._lab = serving.fleet
        self._client = serving.client()
        self._obeyed = threading.Event()
        for name in WORDS:
            self._tell_of(name)

    def _tell_of(self, name):
        """When the lab has done what it was told by a word that has no answer."""
        done = getattr(self._lab, name)

        def obey(*args):
            done(*args)
            self._obeyed.set()

        setattr(self._lab, name, obey)

    def __getattr__(self, name):
        found = getattr(self._client, name)
        return self._settling(name, found) if name not in ("start", "close") else lambda: None

    def _settling(self, name, verb):
        def call(*args, **options):
            self._obeyed.clear()
            value = verb(*args, **options)
            assert name not in WORDS or self._obeyed.wait(SOON)
            self._settle()
            return value

        return call

    def step(self):
        self._lab.step()
        self._settle()

    def snapshots(self):
        self._settle()
        return self._client.snapshots()

    def _settle(self):
        until(
            lambda: (
                self._client.snapshots() == self._lab.snapshots() and self._client.questions() == self._lab.questions()
            ),
            "the newest",
        )


@pytest.fixture
def behind(serve, monkeypatch):
    """The module's `DemoFleet` gives a fleet behind a keeper."""
    monkeypatch.setattr(
        sys.modules[test_demo.__name__], "DemoFleet", lambda **options: Kept(serve(DemoFleet(**options)))
    )


@pytest.mark.parametrize("name", sorted(TESTS.keys() - IN_THE_PROGRAM.keys()))
@pytest.mark.usefixtures("behind")
def test_it_is_the_same(name):
    assert not inspect.signature(TESTS[name]).parameters
    TESTS[name]()


def test_what_is_left_out_is_there():
    assert IN_THE_PROGRAM.keys() <= TESTS.keys()
    assert len(TESTS) - len(IN_THE_PROGRAM) > 15
