"""`gpuws gpus` waits for the notebook of a kernel of mine, and not for long."""

import time
from dataclasses import replace

from gpuws.cli.listings import listing
from tests.factories import gpu, snapshot


class Fleet:
    """A host whose kernel is named once somebody listens, or never."""

    def __init__(self, *, answers):
        one = gpu(0, user="alice", name="torch-dev", kind="container", used=70, mine=True)
        process = replace(one.processes[0], kernel="k", notebook=None, mine=True)
        self.host = replace(snapshot("alpha", gpus=(replace(one, processes=(process,)),)), complete=frozenset())
        self.answers = answers

    def snapshots(self):
        return (self.host,)

    def questions(self):
        return ()

    def subscribe(self, listener):
        if self.answers:
            self.host = replace(self.host, complete=frozenset({"notebooks"}))
            listener(None)
        return lambda: None


def named(fleet, patience):
    [host] = listing._named(fleet, fleet.snapshots(), patience)
    return "notebooks" in host.complete


def test_it_waits_for_the_name():
    assert named(Fleet(answers=True), 60.0)


def test_a_server_that_is_slow_holds_nobody_up(monkeypatch):
    monkeypatch.setattr(listing, "NAMING", 0.1)
    began = time.monotonic()
    assert not named(Fleet(answers=False), 60.0)
    assert time.monotonic() - began < 5


def test_where_all_are_named_nobody_is_waited_for():
    fleet = Fleet(answers=False)
    fleet.host = replace(fleet.host, gpus=())
    assert not named(fleet, 60.0)
