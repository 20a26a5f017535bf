"""What the facets of the demo work on together: the lab, its lock, and who hears of changes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from gpuws.fleet.demo.lab.host import DemoHost
from gpuws.fleet.demo.lab.hosts import Hosts
from gpuws.fleet.demo.lab.images import ImageStore
from gpuws.fleet.demo.lab.machines import HOTEL, PROFILES, QUEUED
from gpuws.fleet.demo.lab.volumes import VolumeStore
from gpuws.fleet.events import Event
from gpuws.fleet.publisher import Publisher
from gpuws.model.errors import TargetError
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.placement.queued_wait import QueuedWait, WaitOrder
from gpuws.model.profile.profile import Profile
from gpuws.model.workspace.workspace import Ref, Workspace

if TYPE_CHECKING:
    from gpuws.fleet.background.gpu_wait import Wait
    from gpuws.fleet.demo.ports import Ports
    from gpuws.fleet.demo.streams import DemoLog

HOUR = 3600.0


class DemoCore:
    """Each facet is a class of its own on top of this one; the fleet is all of them at once.

    `tick`: seconds between two moves of the lab, 0: it moves only by `step()`. `hosts` limits the lab to these names;
    `question` adds a host whose key nobody has confirmed yet."""

    def __init__(
        self,
        *,
        seed: int = 1,
        clock: Callable[[], float] = time.time,
        tick: float = 1.0,
        question: bool = False,
        hosts: Sequence[str] | None = None,
        readonly: bool = False,
    ) -> None:
        self._clock, self._tick = clock, tick
        self._lock = threading.RLock()
        self._publisher = Publisher()
        self._stop = threading.Event()
        self._images = ImageStore()
        self._volumes = VolumeStore()
        self._ports: Ports | None = None
        self._profiles: tuple[Profile, ...] = PROFILES
        self._hosts = Hosts(seed, clock, hosts, readonly)
        self._logs: dict[Ref, DemoLog] = {}
        self._started = False
        self._queue = self._queued()
        self._looking: dict[str, Wait] = {}
        self._cancels: dict[str, threading.Event] = {}
        if question:
            self._hosts.ask(HOTEL)

    def snapshots(self) -> tuple[HostSnapshot, ...]:
        with self._lock:
            return tuple(host.snapshot() for host in self._hosts.all())

    def _queued(self) -> dict[str, QueuedWait]:
        """Waits that were begun before the demo was, by their number."""
        there = {host.name for host in self._hosts.all()}
        orders = [(WaitOrder(one.spec, one.hosts, one.profile, one.name), one.age) for one in QUEUED]
        known = [(order, age) for order, age in orders if there.issuperset(order.hosts)]
        return {
            str(number): QueuedWait(str(number), order, self._clock() - age * HOUR)
            for number, (order, age) in enumerate(known, start=1)
        }

    def _beat(self, snapshots: Sequence[HostSnapshot]) -> Iterator[Event]:  # noqa: ARG002 - facets have use for it
        """A tick later: what facets do then, and tell."""
        yield from ()

    def _emit(self, events: Sequence[Event]) -> None:
        """Outside the lock: whoever hears of it may ask for more."""
        for event in events:
            self._publisher.publish(event)

    def _workspace(self, ref: Ref) -> Workspace:
        return workspace_on(self._hosts.up(ref.host), ref.id)


def workspace_on(host: DemoHost, workspace_id: str) -> Workspace:
    try:
        return host.containers[workspace_id]
    except KeyError:
        raise TargetError(f"no container {workspace_id[:12]} on {host.name}", "see gpuws ps -a") from None
