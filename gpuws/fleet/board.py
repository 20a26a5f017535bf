"""The one place where a host's picture changes, and from which it is published."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from gpuws.fleet.parts import Parts, Status, assemble
from gpuws.model.host import Host, HostState
from gpuws.model.settings import Settings
from gpuws.model.snapshot import HostSnapshot


class Board:
    """Status and parts of one host behind a lock; every change publishes a new frozen snapshot, in order.

    `publish` must return at once: it is called from the thread that brings the change."""

    def __init__(self, host: Host, settings: Settings, publish: Callable[[HostSnapshot], None]) -> None:
        self._host = host
        self._settings = settings
        self._publish = publish
        self._lock = threading.RLock()
        self._status = Status()
        self._parts = Parts()
        self._snapshot = assemble(host, settings, self._status, self._parts)

    @property
    def snapshot(self) -> HostSnapshot:
        return self._snapshot

    @property
    def generation(self) -> int:
        return self._status.generation

    def next_generation(self) -> int:
        """A new connection attempt: whatever older ones still say is dropped from now on."""
        with self._lock:
            self._status = replace(self._status, generation=self._status.generation + 1)
            return self._status.generation

    def set_status(self, **changes: Any) -> None:
        with self._lock:
            self._status = replace(self._status, **changes)
            self._refresh()

    def change(self, generation: int, change: Callable[[Parts], Parts]) -> None:
        """Take what a source of connection `generation` tells; a fresh reading also ends staleness."""
        with self._lock:
            if generation != self._status.generation:
                return
            before, self._parts = self._parts, change(self._parts)
            if self._status.state is HostState.STALE and self._parts.reading is not before.reading:
                self._status = replace(self._status, state=HostState.UP, error=None, phase="")
            self._refresh()

    def check_age(self, now: float) -> None:
        """`stale` = older than two intervals and a second."""
        with self._lock:
            age = self._snapshot.age(now)
            if self._status.state is HostState.UP and age is not None and age > 2 * self._host.telemetry_interval + 1:
                self._status = replace(self._status, state=HostState.STALE, error="no news from the host")
                self._refresh()

    def _refresh(self) -> None:
        self._snapshot = assemble(self._host, self._settings, self._status, self._parts)
        self._publish(self._snapshot)
