"""One client's view of the fleet, kept up to date. However slow it reads, only the newest waits for it."""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Callable

from gpuws.fleet.base import Fleet
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
from gpuws.keeper.server.clients import Client
from gpuws.keeper.wire import noticed as notices
from gpuws.keeper.wire.deltas import difference
from gpuws.keeper.wire.messages import (
    Asked,
    CaughtUp,
    Complete,
    FromClient,
    Happened,
    Subscribed,
    Tunnelled,
    Waiting,
    Working,
)
from gpuws.keeper.wire.tasks import written
from gpuws.keeper.wire.typed import Wire
from gpuws.model.host.question import Question
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.notice.record import Told
from gpuws.model.session.tunnel import Tunnel
from gpuws.model.task import Task
from gpuws.quick.framing import Broken

UNTOLD = 500
"""Notices that wait for a client that does not read; then the oldest are lost to it."""


class Subscription:
    """Events only mark what is to be sent; its own thread sends what is newest then."""

    def __init__(
        self,
        wire: Wire[FromClient],
        fleet: Fleet,
        client: Client,
        questions: Callable[[], tuple[Question, ...]],
        tunnels: Callable[[], tuple[Tunnel, ...]],
    ) -> None:
        self._wire = wire
        self._fleet = fleet
        self._client = client
        self._questions = questions
        self._tunnels = tunnels
        self._due = threading.Event()
        self._lock = threading.Lock()
        self._changed: set[str] = set()
        self._noticed: deque[Told] = deque(maxlen=UNTOLD)
        self._numbers: list[int] = []  # of those that wait for what is known now
        self._asked = self._tunnelled = self._waited = self._worked = self._others = True
        self._sent: dict[str, HostSnapshot] = {}
        self._tasks: dict[str, Task] = {}  # as sent
        self._over = False
        self._unsubscribe = fleet.subscribe(self._on_event)

    def start(self) -> None:
        threading.Thread(target=self._run, name=f"client {self._client.name}", daemon=True).start()

    def catch_up(self, number: int) -> None:
        with self._lock:
            self._numbers.append(number)
        self._due.set()

    def close(self) -> None:
        self._unsubscribe()
        self._over = True
        self._due.set()

    def _on_event(self, event: Event) -> None:
        with self._lock:
            if isinstance(event, HostUpdated):
                if not self._client.sees(event.snapshot.name):
                    return
                self._changed.add(event.snapshot.name)
            elif isinstance(event, QuestionsChanged):
                self._asked = True
            elif isinstance(event, TunnelsChanged):
                self._tunnelled = True
            elif isinstance(event, WaitsChanged):
                self._waited = True
            elif isinstance(event, TasksChanged):
                self._worked = True
            elif isinstance(event, HostsChanged):
                self._others = True
            elif isinstance(event, Noticed) and self._client.hosts is None:
                self._noticed += event.told
        self._due.set()

    def _run(self) -> None:
        with contextlib.suppress(Broken):
            self._send_newest()
            self._wire.send(Complete())
            while self._due.wait() and not self._over:
                self._due.clear()
                self._send_newest()

    def _send_newest(self) -> None:
        with self._lock:
            changed, self._changed = self._changed, set()
            numbers, self._numbers = self._numbers, []
            noticed = tuple(self._noticed)
            self._noticed.clear()
            others, self._others = self._others, False
            asked, self._asked = self._asked, False
            tunnelled, self._tunnelled = self._tunnelled, False
            waited, self._waited = self._waited, False
            worked, self._worked = self._worked, False
        snapshots = {s.name: s for s in self._fleet.snapshots() if self._client.sees(s.name)}
        if others:
            self._wire.send(Subscribed(tuple(snapshots)))
            self._sent = {name: sent for name, sent in self._sent.items() if name in snapshots}
            changed = changed | set(snapshots)
        for name, snapshot in snapshots.items():
            if name in changed:
                self._send(snapshot)
        if asked:
            self._wire.send(Asked(self._questions()))
        if tunnelled:
            self._wire.send(Tunnelled(self._tunnels()))
        if waited:
            self._wire.send(Waiting(self._fleet.waits()))
        if worked:
            self._send_tasks()
        if noticed:
            self._wire.send(Happened(notices.written(noticed)))
        for number in numbers:
            self._wire.send(CaughtUp(number))

    def _send_tasks(self) -> None:
        before, self._tasks = self._tasks, {task.id: task for task in self._fleet.tasks()}
        changed = tuple(task for key, task in self._tasks.items() if before.get(key) is not task)
        self._wire.send(Working(tuple(self._tasks), written(changed)))

    def _send(self, snapshot: HostSnapshot) -> None:
        change = difference(self._sent.get(snapshot.name), snapshot)
        if change is not None:
            self._wire.send(change)
        self._sent[snapshot.name] = snapshot
