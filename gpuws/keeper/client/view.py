"""What a client knows of the fleet, kept by one thread that listens to the keeper, and comes back when it is gone."""

from __future__ import annotations

import contextlib
import itertools
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from gpuws.fleet.events import (
    Event,
    HostsChanged,
    HostUpdated,
    Noticed,
    QuestionsChanged,
    TasksChanged,
    TunnelsChanged,
    WaitsChanged,
)
from gpuws.keeper.client.dialer import Dialer
from gpuws.keeper.wire.deltas import applied, over
from gpuws.keeper.wire.messages import (
    Asked,
    CatchUp,
    CaughtUp,
    Changed,
    Complete,
    Failure,
    FromKeeper,
    Happened,
    Message,
    Reply,
    Subscribe,
    Subscribed,
    Tunnelled,
    Waiting,
    Watch,
    Working,
)
from gpuws.keeper.wire.typed import Wire
from gpuws.model.errors import GpuwsError
from gpuws.model.host.host import HostState
from gpuws.model.host.question import Answer, Question
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.placement.queued_wait import QueuedWait
from gpuws.model.session.tunnel import Tunnel
from gpuws.quick.framing import Broken

if TYPE_CHECKING:  # nobody needs it before there is one
    from gpuws.model.task import Task

PAUSES = (0.1, 0.5, 1.0, 2.0, 5.0)
"""Seconds before each next attempt to come back; the last one again and again."""


class View:
    """`names`: the hosts looked at, None: all. `publish` hears every change, `lost` and `found` of a keeper that went
    and of the next."""

    def __init__(
        self,
        dialer: Dialer,
        names: Collection[str] | None,
        publish: Callable[[Event], None],
        *,
        lost: Callable[[], None],
        found: Callable[[], None],
    ) -> None:
        self._dialer = dialer
        self._names = None if names is None else tuple(names)
        self._publish = publish
        self._lost = lost
        self._found = found
        self._wire: Wire[FromKeeper] | None = None
        self._thread: threading.Thread | None = None
        self._closing = threading.Event()
        self._watched: str | None = None
        self._complete = False  # of what this keeper knew in the beginning
        self._numbers = itertools.count(1)
        self._catching_up: dict[int, threading.Event] = {}
        self._snapshots = {name: HostSnapshot(name) for name in names or ()}
        self._told: dict[str, HostSnapshot] = {}  # as this keeper says
        self._asking = threading.Lock()
        self._replied: frozenset[str] = frozenset()
        self.questions: tuple[Question, ...] = ()
        self.tunnels: tuple[Tunnel, ...] = ()
        self.waits: tuple[QueuedWait, ...] = ()
        self.tasks: tuple[Task, ...] = ()

    @property
    def snapshots(self) -> tuple[HostSnapshot, ...]:
        return tuple(self._snapshots.values())

    def start(self, wire: Wire[FromKeeper] | None = None) -> None:
        """`wire`: a connection that is open already."""
        self._thread = threading.Thread(target=self._run, args=(wire,), name="keeper", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._closing.set()
        if self._wire is not None:
            self._wire.close()

    def watch(self, host: str | None) -> None:
        self._watched = host
        self.tell(Watch(host))

    def catch_up(self, seconds: float) -> None:
        """Wait until all is here that the keeper knows now; at most `seconds`, and not for a keeper that goes."""
        if not self._complete or threading.current_thread() is self._thread:
            return
        number, here = next(self._numbers), threading.Event()
        self._catching_up[number] = here
        self.tell(CatchUp(number))
        here.wait(seconds)
        self._catching_up.pop(number, None)

    def tell(self, message: Message) -> None:
        """A word that has no answer; lost with a keeper that is gone."""
        wire = self._wire
        if wire is not None:
            with contextlib.suppress(Broken):
                wire.send(message)

    def reply(self, question_id: str, answer: Answer | None) -> None:
        """It is settled here at once: nobody is asked again while the keeper's word is on its way."""
        with self._asking:
            self._replied |= {question_id}
            self.questions = tuple(one for one in self.questions if one.id != question_id)
        self._publish(QuestionsChanged(self.questions))
        self.tell(Reply(question_id, answer))

    def _ask(self, questions: tuple[Question, ...]) -> None:
        with self._asking:
            self._replied &= {one.id for one in questions}
            self.questions = tuple(one for one in questions if one.id not in self._replied)
        self._publish(QuestionsChanged(self.questions))

    def _run(self, wire: Wire[FromKeeper] | None) -> None:
        failures, first = 0, True
        while not self._closing.is_set():
            try:
                self._wire = wire = wire or self._dialer.open()
                self._listen(wire, first=first)
                failures, first = 0, False
            except Broken:
                failures, first = 0, False
                self._lost()
                self._show_gone("the keeper ended; looking for another")
            except GpuwsError as error:
                failures += 1
                self._show_gone(error.message, error.remedy)
            finally:
                self._complete = False
                for here in tuple(self._catching_up.values()):
                    here.set()
                if wire is not None:
                    wire.close()
                wire = None
            if not self._closing.is_set():
                self._closing.wait(PAUSES[min(failures, len(PAUSES) - 1)])

    def _listen(self, wire: Wire[FromKeeper], *, first: bool) -> None:
        """Until the connection breaks."""
        self._told = {}
        wire.send(Subscribe(self._names))
        if self._watched is not None:
            wire.send(Watch(self._watched))
        while not self._closing.is_set():
            message = wire.receive()
            self._take(message)
            self._complete = self._complete or isinstance(message, Complete)
            if isinstance(message, Complete) and not first:
                threading.Thread(target=self._found, name="keeper is back", daemon=True).start()

    def _take(self, message: FromKeeper) -> None:
        if isinstance(message, Changed):
            self._change(message)
        elif isinstance(message, Asked):
            self._ask(message.questions)
        elif isinstance(message, Tunnelled):
            self.tunnels = message.tunnels
            self._publish(TunnelsChanged(message.tunnels))
        elif isinstance(message, Waiting):
            self.waits = message.waits
            self._publish(WaitsChanged(message.waits))
        elif isinstance(message, Working | Happened):
            self._read(message)
        elif isinstance(message, Subscribed):
            self._snapshots = {name: self._snapshots.get(name) or HostSnapshot(name) for name in message.hosts}
            self._publish(HostsChanged(message.hosts))
        elif isinstance(message, CaughtUp):
            if here := self._catching_up.get(message.number):
                here.set()
        elif isinstance(message, Failure):
            raise message.error()

    def _take_tasks(self, message: Working) -> None:
        if not (message.ids or self.tasks):
            return
        from gpuws.keeper.wire.tasks import read

        try:
            known = {task.id: task for task in (*self.tasks, *read(message.tasks))}
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Broken(str(error)) from error
        self.tasks = tuple(known[key] for key in message.ids if key in known)
        self._publish(TasksChanged(self.tasks))

    def _read(self, message: Working | Happened) -> None:
        """What is decoded only where there is some."""
        if isinstance(message, Working):
            self._take_tasks(message)
        else:
            self._take_notices(message)

    def _take_notices(self, message: Happened) -> None:
        from gpuws.keeper.wire.noticed import read

        try:
            self._publish(Noticed(read(message.told)))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Broken(str(error)) from error

    def _change(self, message: Changed) -> None:
        try:
            told = self._told[message.host] = applied(self._told.get(message.host), message)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Broken(str(error)) from error
        shown = over(self._snapshots.get(message.host), told)
        self._snapshots = {**self._snapshots, message.host: shown}
        self._publish(HostUpdated(shown))

    def _show_gone(self, error: str, remedy: str = "") -> None:
        """Old values stay, and say that they are."""
        now = time.time()
        for name, before in self._snapshots.items():
            state = HostState.STALE if before.age(now) is not None else HostState.DOWN
            snapshot = replace(before, state=state, error=error, remedy=remedy, phase="")
            self._snapshots = {**self._snapshots, name: snapshot}
            self._publish(HostUpdated(snapshot))
        with self._asking:
            self._replied = frozenset()  # another keeper counts its questions anew
        self._ask(())
