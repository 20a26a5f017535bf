"""Implements `fleet.waits`: with a word, since nothing outlives the demo."""
# ruff: noqa: ARG002 - the protocol's arguments that a simulation has no use for

from __future__ import annotations

from collections.abc import Mapping

from gpuws.fleet.demo.core import DemoCore
from gpuws.model.errors import Refused
from gpuws.model.placement.queued_wait import QueuedWait, WaitOrder


class DemoWaits(DemoCore):
    def begin_wait(self, order: WaitOrder, environ: Mapping[str, str]) -> QueuedWait:
        raise Refused("nothing outlives the demo, no wait either")

    def cancel_wait(self, wait_id: str) -> None:
        """None ever goes on."""

    def waits(self) -> tuple[QueuedWait, ...]:
        return ()
