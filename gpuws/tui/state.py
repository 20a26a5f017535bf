"""What the screens read: the newest of everything, changed on the loop only."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from gpuws.model.host.machine import one_each
from gpuws.model.host.question import Question
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.placement.queued_wait import QueuedWait
from gpuws.model.session.tunnel import Tunnel
from gpuws.model.task import Task
from gpuws.tui.feed import Batch
from gpuws.tui.journal import Journal

if TYPE_CHECKING:
    from gpuws.model.notice.record import Told


@dataclass(slots=True)
class State:
    """`hosts` keeps the configuration's order; every name of a machine is in it. `told`: notices of the last week."""

    hosts: dict[str, HostSnapshot] = field(default_factory=dict)
    questions: tuple[Question, ...] = ()
    tunnels: tuple[Tunnel, ...] = ()
    waits: tuple[QueuedWait, ...] = ()
    tasks: tuple[Task, ...] = ()
    told: tuple[Told, ...] = ()
    journal: Journal = field(default_factory=Journal)

    @property
    def snapshots(self) -> tuple[HostSnapshot, ...]:
        """Each machine once."""
        return one_each(tuple(self.hosts.values()))

    def reset(self, snapshots: Iterable[HostSnapshot]) -> None:
        """The hosts anew, in their order."""
        self.hosts = {snapshot.name: snapshot for snapshot in snapshots}

    def apply(self, batch: Batch, now: float) -> frozenset[str]:
        """Take what came; the names of hosts that changed."""
        before, self.hosts = self.hosts, self.hosts | batch.snapshots
        for snapshot in self.snapshots:
            if snapshot.name in batch.snapshots:
                self.journal.snapshot(before.get(snapshot.name), snapshot, now)
        if batch.hosts is not None:
            self.reset(self.hosts.get(name) or HostSnapshot(name) for name in batch.hosts)
        if batch.questions is not None:
            self.questions = batch.questions
        if batch.tunnels is not None:
            self.journal.tunnels(self.tunnels, batch.tunnels, now)
            self.tunnels = batch.tunnels
        if batch.waits is not None:
            self.journal.waits(self.waits, batch.waits)
            self.waits = batch.waits
        if batch.tasks is not None:
            self.journal.tasks(self.tasks, batch.tasks)
            self.tasks = batch.tasks
        if batch.told:
            self.journal.notices(batch.told)
            self.told += batch.told
        return frozenset(batch.snapshots)


@runtime_checkable
class Live(Protocol):
    """A screen that shows the fleet as it changes. It is told only while it can be seen."""

    def fleet_changed(self, hosts: Collection[str]) -> None: ...
