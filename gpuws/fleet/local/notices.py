"""Implements `fleet.notices`: of all hosts that are connected to."""

from __future__ import annotations

from gpuws.fleet.local.tasks import LocalTasks
from gpuws.fleet.local.waits import LocalWaits
from gpuws.fleet.noticing.facet import ObservedNotices


class LocalNotices(LocalWaits, LocalTasks, ObservedNotices):
    def close(self) -> None:
        """What ends from now on ends because all does."""
        self._end_observing()
        super().close()

    def _listen(self) -> None:
        asked = {watch.host for watch in self.watches() if watch.thing == "session"}
        wanted = asked | self.wishes().listened(self._hosts.names)
        for supervisor in self._hosts.all():
            supervisor.listen(supervisor.host.name in wanted)
