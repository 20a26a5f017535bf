"""Launches that wait until GPUs are free."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from gpuws.fleet.crossing import shown, view
from gpuws.model.placement.queued_wait import QueuedWait, WaitOrder


class Waits(Protocol):
    """A wait goes on without the program that asked for it, for as long as what holds the fleet lives."""

    @shown
    def begin_wait(self, order: WaitOrder, environ: Mapping[str, str]) -> QueuedWait:
        """Launch once such GPUs are free on one of these hosts. Returns at once; how it went is seen in `waits`.

        `environ`: as in `Want`; holds secrets. `TargetError` where no host has such GPUs, however long one waits."""
        ...

    @shown
    def cancel_wait(self, wait_id: str) -> None:
        """End it; of one that ended, forget it. `TargetError` where there is none by that id."""
        ...

    @view
    def waits(self) -> tuple[QueuedWait, ...]:
        """Those that go on, and those that ended in the last day; never blocks."""
        ...
