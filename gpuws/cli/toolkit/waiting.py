"""Waiting for a fleet to show what a command needs, while a person answers what the hosts ask."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

from gpuws.model.host.completeness import final
from gpuws.model.host.host import HostState
from gpuws.model.host.machine import one_each

BEGINNING = 5.0  # seconds until a host that is to be tried shows it

if TYPE_CHECKING:
    from gpuws.fleet.looking import Looking
    from gpuws.link.place import Ask
    from gpuws.model.host.question import Answer, Question
    from gpuws.model.host.snapshot import HostSnapshot


def on_terminal(question: Question, fleet: Looking | None = None) -> Answer | None:
    """A person's answer here; asked no longer once `fleet` asks it no longer.

    Most commands never meet a question: what asks is loaded for the first."""
    from gpuws.cli.toolkit.questions import ask

    return ask(question, fleet)


def gather(fleet: Looking, needs: frozenset[str], timeout: float, ask: Ask | None = None) -> tuple[HostSnapshot, ...]:
    """The machines, as soon as each host has shown its `needs` or failed, at most `timeout` seconds later.

    Hosts that wait for a person are logged in to if the one at this terminal says so: a login may send a code to a
    phone, so it is never begun by itself."""
    answered = False

    def done() -> bool:
        asked = {question.host for question in fleet.questions()}
        return all(settled(snapshot, needs, asked) for snapshot in fleet.snapshots())

    def put(question: Question) -> Answer | None:
        nonlocal answered
        answered = True
        return ask(question) if ask else on_terminal(question, fleet)

    until(fleet, done, timeout, put)
    if not answered and ask is None and (waiting := _need_person(fleet)) and _invited(waiting):
        names = {snapshot.name for snapshot in waiting}
        for name in names:
            fleet.reconnect(name)
        until(fleet, lambda: names.isdisjoint(one.name for one in _need_person(fleet)), BEGINNING)
        until(fleet, done, timeout)
    return one_each(fleet.snapshots())


def _need_person(fleet: Looking) -> list[HostSnapshot]:
    """Nothing goes on there, and nothing is asked."""
    asked = {question.host for question in fleet.questions()}
    hosts = fleet.snapshots()
    return [one for one in hosts if one.state is HostState.ASKING and one.error is not None and one.name not in asked]


def _invited(waiting: Sequence[HostSnapshot]) -> bool:
    from gpuws.cli.toolkit.questions import invited

    return invited([one.name for one in waiting], waiting[-1].error or "")


def until(fleet: Looking, done: Callable[[], bool], timeout: float | None, ask: Ask | None = None) -> bool:
    """Wait for `done`, looked at after every change of the fleet; False when `timeout` seconds were not enough.

    `ask` None: on the terminal. The clock stands while a question is open: a person may need longer than a host."""
    changed = threading.Event()
    stop = fleet.subscribe(lambda _event: changed.set())
    left = timeout
    try:
        while True:
            changed.clear()
            for question in fleet.questions():
                fleet.answer(question.id, ask(question) if ask else on_terminal(question, fleet))
            if done():
                return True
            if left is not None and left <= 0:
                return False
            began = time.monotonic()
            changed.wait(left)
            if left is not None:
                left -= time.monotonic() - began
    finally:
        stop()


def settled(snapshot: HostSnapshot, needs: frozenset[str], asked: Collection[str] = ()) -> bool:
    """Waiting longer would show no more: it is all there, or the host failed."""
    if snapshot.state.reached:
        return final(snapshot, needs)
    if snapshot.state is HostState.ASKING:
        return snapshot.error is not None and snapshot.name not in asked
    return snapshot.state is HostState.DOWN or snapshot.state.final
