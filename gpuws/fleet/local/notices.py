"""Implements `fleet.notices`: of all hosts that are connected to."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from gpuws.fleet.local.tasks import LocalTasks
from gpuws.fleet.local.waits import LocalWaits
from gpuws.fleet.noticing.facet import ObservedNotices

if TYPE_CHECKING:
    from gpuws.fleet.local.host.services import Heard


class LocalNotices(LocalWaits, LocalTasks, ObservedNotices):
    def close(self) -> None:
        """What ends from now on ends because all does."""
        self._end_observing()
        super().close()

    def _listen(self) -> None:
        names, wishes = self._hosts.names, self.wishes()
        asked = {watch.host for watch in self.watches() if watch.thing == "session"}
        sessions, memory = asked | wishes.watched(names, "command", "waiting"), wishes.watched(names, "limit")
        for supervisor in self._hosts.all():
            heard: dict[Heard, Collection[str]] = {"sessions": sessions, "memory": memory}
            supervisor.listen(frozenset(what for what, hosts in heard.items() if supervisor.host.name in hosts))
