"""Events of the fleet on their way to the loop: only the newest of each kind is kept, however long the loop sleeps."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

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
from gpuws.model.host.question import Question
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.placement.queued_wait import QueuedWait
from gpuws.model.session.tunnel import Tunnel
from gpuws.model.task import Task

if TYPE_CHECKING:
    from gpuws.model.notice.record import Told


@dataclass(slots=True)
class Batch:
    """What changed since the last one; None: nothing of that kind. `told`: notices that came, all of them."""

    snapshots: dict[str, HostSnapshot] = field(default_factory=dict)
    questions: tuple[Question, ...] | None = None
    tunnels: tuple[Tunnel, ...] | None = None
    waits: tuple[QueuedWait, ...] | None = None
    tasks: tuple[Task, ...] | None = None
    hosts: tuple[str, ...] | None = None
    told: tuple[Told, ...] = ()


class Feed:
    """`wake` is called from the thread that brings the first event after a `take`."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._lock = threading.Lock()
        self._batch = Batch()
        self._woken = False

    def push(self, event: Event) -> None:
        """From any thread."""
        with self._lock:
            if isinstance(event, HostUpdated):
                self._batch.snapshots[event.snapshot.name] = event.snapshot
            elif isinstance(event, QuestionsChanged):
                self._batch.questions = event.questions
            elif isinstance(event, TunnelsChanged):
                self._batch.tunnels = event.tunnels
            elif isinstance(event, WaitsChanged):
                self._batch.waits = event.waits
            elif isinstance(event, TasksChanged):
                self._batch.tasks = event.tasks
            elif isinstance(event, HostsChanged):
                self._batch.hosts = event.names
            elif isinstance(event, Noticed):
                self._batch.told += event.told
        self.nudge()

    def nudge(self) -> None:
        """Ask for a paint although no event came."""
        with self._lock:
            woken, self._woken = self._woken, True
        if not woken:
            self._wake()

    def take(self) -> Batch:
        with self._lock:
            batch, self._batch = self._batch, Batch()
            self._woken = False
            return batch
