"""Stops my containers that hold more GPU memory than they were launched with, where their profile asked for it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from gpuws.fleet.local.shared.stops import Stops
from gpuws.model.errors import GpuwsError
from gpuws.model.gpu.memory_cap import breaches
from gpuws.model.host.pace import another_look
from gpuws.model.host.snapshot import HostSnapshot

log = logging.getLogger(__name__)
LOOKS = 3  # looks in a row above the cap: a peak while something is loaded is no reason yet


class CapWatch:
    """`stop` ends a container by its id; called in a thread of its own, once for each that went above. `stops` keeps
    why."""

    def __init__(self, stop: Callable[[str], None], stops: Stops) -> None:
        self._stop = stop
        self._stops = stops
        self._above: dict[str, int] = {}
        self._seen_at: float | None = None
        self._counted_at: float | None = None  # epoch seconds

    def look(self, snapshot: HostSnapshot) -> None:
        """From the thread that brings the readings."""
        if snapshot.readonly or snapshot.updated_at == self._seen_at:
            return
        self._seen_at = snapshot.updated_at
        self._stops.begun_again(snapshot)
        found = {
            breach.container.id: breach
            for breach in breaches(snapshot.gpus, snapshot.workspaces)
            if breach.cap.action == "stop" and breach.container.mine and breach.container.enterable
        }
        if not another_look(snapshot.updated_at, self._counted_at):
            self._above = {one: times for one, times in self._above.items() if one in found}
            return
        self._counted_at = snapshot.updated_at
        self._above = {one: self._above.get(one, 0) + 1 for one in found}
        for one, times in self._above.items():
            if times == LOOKS:
                log.warning("%s: %s", snapshot.name, found[one])
                end = (one, found[one].why)
                threading.Thread(target=self._end, args=end, name=f"cap {snapshot.name}", daemon=True).start()

    def _end(self, container: str, why: str) -> None:
        self._stops.note(container, why)
        try:
            self._stop(container)
        except GpuwsError as error:
            self._stops.drop(container)
            log.warning("a container above its cap could not be stopped: %s", error.message)
