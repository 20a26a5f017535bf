"""What the facets of the demo work on together: the lab, its lock, and who hears of changes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

from gpuws.fleet.demo.lab.host import DemoHost
from gpuws.fleet.demo.lab.hosts import Hosts
from gpuws.fleet.demo.lab.images import ImageStore
from gpuws.fleet.demo.lab.machines import HOTEL, PROFILES
from gpuws.fleet.events import Event
from gpuws.fleet.publisher import Publisher
from gpuws.model.errors import TargetError
from gpuws.model.profile.profile import Profile
from gpuws.model.workspace.workspace import Ref, Workspace


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
        self._profiles: tuple[Profile, ...] = PROFILES
        self._hosts = Hosts(seed, clock, hosts, readonly)
        if question:
            self._hosts.ask(HOTEL)

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
