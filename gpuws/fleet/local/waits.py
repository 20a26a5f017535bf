"""Implements `fleet.waits`: by a queue of its own, once somebody waits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from gpuws.fleet.events import WaitsChanged
from gpuws.fleet.local.looking import LocalLooking
from gpuws.fleet.local.workspaces import LocalWorkspaces

if TYPE_CHECKING:
    from gpuws.fleet.local.shared.wait_queue import WaitQueue
    from gpuws.model.placement.queued_wait import QueuedWait, WaitOrder


class LocalWaits(LocalLooking, LocalWorkspaces):
    """It looks and launches as anybody does."""

    def begin_wait(self, order: WaitOrder, environ: Mapping[str, str]) -> QueuedWait:
        return self._queue().begin(order, environ)

    def cancel_wait(self, wait_id: str) -> None:
        self._queue().cancel(wait_id)

    def waits(self) -> tuple[QueuedWait, ...]:
        return self._waits.list() if self._waits is not None else ()

    def _queue(self) -> WaitQueue:
        from gpuws.fleet.local.shared.wait_queue import WaitQueue

        with self._making_waits:
            if self._waits is None:
                self._waits = WaitQueue(self, lambda waits: self._publisher.publish(WaitsChanged(waits)))
            return self._waits
