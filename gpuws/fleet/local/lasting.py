"""The fleet of a program that outlives those who look at it: hosts come, rest and change while it goes on."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from gpuws.fleet.events import HostsChanged
from gpuws.fleet.local.fleet import LocalFleet
from gpuws.model.gpu.memory_cap import kept
from gpuws.model.host.naming import labelled

if TYPE_CHECKING:
    from gpuws.fleet.local.shared.dependencies import ProfileSource
    from gpuws.model.host.host import Host
    from gpuws.model.notice.wishes import Wishes
    from gpuws.model.placement.queued_wait import QueuedWait
    from gpuws.model.session.tunnel import TunnelPlan
    from gpuws.model.settings import Settings

LOST = 3600.0
"""Seconds after which a host that told nothing more keeps nobody."""


class LastingFleet(LocalFleet):
    """A `LocalFleet` that starts with nobody to look: each host is dialled when somebody wants it."""

    def connect(self, hosts: Collection[str], *, retry: bool) -> None:
        """Connect to those that nobody wanted yet, go on with those that rested, try again what failed.

        `retry`: a person is there, for whom logins may be tried that were refused before."""
        self._hosts.wake(hosts, retry=retry)

    def rest(self, keep: Collection[str]) -> None:
        """Nobody looks: read nothing any more, and keep only the links of these hosts."""
        self._hosts.rest(keep)

    def logins(self) -> tuple[str, ...]:
        """Hosts whose link a person logged in for."""
        return tuple(supervisor.host.name for supervisor in self._hosts.all() if supervisor.needed_human)

    def tunnel_plans(self) -> dict[str, TunnelPlan]:
        """By id: how the open tunnels can be opened again."""
        return self._tunnels.plans()

    def working(self) -> bool:
        """A wait, a task or a watch goes on, or a container of mine has a cap on GPU memory, for which hosts must be
        read."""
        going = (self._waits is not None and self._waits.going) or (self._tasks is not None and self._tasks.going)
        return going or self.wishes().watches or bool(self.watches()) or bool(self.capped())

    def capped(self) -> tuple[str, ...]:
        """Containers of mine whose cap on GPU memory is watched here, as HOST/NAME: hosts that told anything within
        the last hour, so that one which went for good keeps nobody."""
        recent = time.time() - LOST
        seen = (one.told for one in self._hosts.all())
        return tuple(
            labelled(snapshot.name, one.typed)
            for snapshot in seen
            if snapshot.updated_at is not None and snapshot.updated_at > recent
            for one in kept(snapshot.workspaces)
        )

    def watched_by_rule(self) -> tuple[str, ...]:
        """Hosts that the configuration wants to be watched although nobody looks."""
        return tuple(name for name in self._hosts.names if name in self.wishes().watched(self._hosts.names))

    def noticed_hosts(self) -> frozenset[str]:
        """Those, and hosts of which something is told when it ends."""
        watched = {watch.host for watch in self.watches()} & set(self._hosts.names)
        return frozenset(self.watched_by_rule()) | watched

    def restore_waits(self, waits: Sequence[QueuedWait]) -> None:
        """Go on with what the program before this one waited for."""
        if waits:
            self._queue().restore(waits)

    def reconfigure(
        self, hosts: Sequence[Host], settings: Settings, profiles: ProfileSource, wishes: Wishes | None
    ) -> None:
        """Take a changed configuration. Hosts reached in the same way keep their link."""
        self._profiles = profiles
        self._wishes = wishes
        self._hosts.use(hosts, settings)
        self._listen()
        self._publisher.publish(HostsChanged(self._hosts.names))
