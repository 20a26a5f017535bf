"""Waiting: until all is read or failed, no longer than told, and the clock stands while a person answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from gpuws.cli.toolkit import waiting as wait
from gpuws.cli.toolkit.selection import find, reachable
from gpuws.cli.toolkit.waiting import gather, settled, until
from gpuws.fleet.demo.fleet import DemoFleet
from gpuws.model.errors import AuthFailed, HostKeyChanged, TargetError, Unreachable
from gpuws.model.gpu.reading import HostFacts
from gpuws.model.host.completeness import HOLDERS
from gpuws.model.host.host import HostState
from gpuws.model.host.question import Answer, Question
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.query.target import parse


@pytest.fixture
def clock(monkeypatch):
    """Seconds since the test began; nothing passes by itself."""
    now = [0.0]
    monkeypatch.setattr(wait, "time", SimpleNamespace(monotonic=lambda: now[0]))
    return now


class Shown:
    """As much of a fleet as is looked at: it never changes."""

    def __init__(self, *snapshots: HostSnapshot) -> None:
        self.shown = snapshots

    def snapshots(self) -> tuple[HostSnapshot, ...]:
        return self.shown

    def questions(self) -> tuple[Question, ...]:
        return ()

    def subscribe(self, _listener: object) -> Callable[[], None]:
        return lambda: None


def still(**options: object) -> DemoFleet:
    return DemoFleet(tick=0, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("state", "complete", "error", "expected"),
    [
        (HostState.UP, HOLDERS, None, True),
        (HostState.UP, {"telemetry"}, None, False),
        (HostState.STALE, HOLDERS, "lost", True),
        (HostState.CONNECTING, set(), None, False),
        (HostState.DOWN, set(), "no answer", True),
        (HostState.AUTH_FAILED, set(), "refused", True),
        (HostState.ASKING, set(), None, False),
        (HostState.ASKING, set(), "nobody answered", True),
    ],
)
def test_what_settled_means(state, complete, error, expected):
    snapshot = HostSnapshot("x", state, error=error, complete=frozenset(complete))
    assert settled(snapshot, HOLDERS) is expected
    if state is HostState.ASKING:
        assert settled(snapshot, HOLDERS, {"x"}) is False


def test_gpus_that_can_not_be_read_are_not_waited_for_and_containers_are():
    broken = HostSnapshot("x", HostState.UP, coverage="failed", complete=frozenset({"containers"}))
    assert settled(broken, HOLDERS)
    assert not settled(replace(broken, coverage="waiting"), HOLDERS)
    assert not settled(replace(broken, complete=frozenset()), HOLDERS)


def test_a_container_that_is_not_listed_yet_may_be_there():
    listed = frozenset({"telemetry"})
    fleet: Any = Shown(HostSnapshot("alpha", HostState.UP, complete=listed), HostSnapshot("bravo", HostState.UP))
    with pytest.raises(Unreachable, match="alpha: its containers are not read yet"):
        find(fleet, parse("alpha/torch"), 0.0)
    with pytest.raises(TargetError) as caught:
        find(fleet, parse("torch"), 0.0)
    assert "containers not read yet: alpha, bravo" in caught.value.remedy


def test_a_question_is_asked_and_its_answer_lets_the_host_in(clock):
    fleet = still(question=True, hosts=())
    asked: list[Question] = []

    def ask(question: Question) -> Answer:
        asked.append(question)
        clock[0] += 3600  # a person on the phone
        return Answer(True)

    snapshots = gather(fleet, HOLDERS, 5.0, ask)
    assert [q.host for q in asked] == ["hotel"]
    assert snapshots[0].state is HostState.UP


def test_a_declined_question_ends_the_wait(clock):
    snapshots = gather(still(question=True, hosts=()), HOLDERS, 5.0, lambda _: None)
    assert snapshots[0].state is HostState.ASKING
    assert snapshots[0].error


def test_a_host_that_never_comes_is_shown_as_it_is_after_the_timeout():
    fleet = still(hosts=("golf",))
    fleet.reconnect("golf")
    snapshots = gather(fleet, HOLDERS, 0.01)
    assert snapshots[0].state is HostState.CONNECTING
    with pytest.raises(Unreachable, match="no answer in time"):
        reachable(snapshots[0])


def test_until_looks_again_after_every_change():
    fleet = DemoFleet(tick=0.001, hosts=("golf",))
    fleet.reconnect("golf")
    fleet.start()
    try:
        assert until(fleet, lambda: fleet.snapshots()[0].state is HostState.DOWN, 10.0)
    finally:
        fleet.close()


def test_why_a_host_can_not_be_worked_with():
    with pytest.raises(HostKeyChanged):
        find(still(), parse("echo"), 1.0)
    with pytest.raises(Unreachable):
        find(still(), parse("golf/any"), 1.0)
    with pytest.raises(TargetError):
        find(still(), parse("alpha/none"), 1.0)
    with pytest.raises(AuthFailed, match="x: refused"):
        reachable(HostSnapshot("x", HostState.AUTH_FAILED, error="refused"))
    assert find(still(), parse("delta/llama-ft"), 1.0).label == "delta/llama-ft"


def test_a_machine_that_two_names_lead_to_is_gathered_once_and_found_by_each():
    facts = HostFacts("ann", 1, 1, (), "/", "box", boot_id="b", pid_namespace=4026)
    fleet = Shown(*(HostSnapshot(name, HostState.UP, facts=facts, complete=HOLDERS) for name in ("alpha", "again")))
    assert [(one.name, one.aliases) for one in gather(fleet, HOLDERS, 1.0)] == [("alpha", ("again",))]
    assert [find(fleet, parse(name), 1.0).label for name in ("alpha", "again")] == ["alpha", "again"]
