"""The one place where a host's picture changes, and from which it is published."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from gpuws.fleet.history import History
from gpuws.fleet.local.host.idle import idles, observe_all
from gpuws.fleet.local.host.parts import Parts, Status, assemble, standing
from gpuws.model.gpu.idle import Key, Rest
from gpuws.model.host.host import Host, HostState
from gpuws.model.host.pace import stale_after
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.ownership.join import NO_PAST, Past, watched
from gpuws.model.settings import Settings
from gpuws.model.timeline import Subject, Timeline, Window


class SnapshotBuilder:
    """Status and parts of one host behind a lock; every change publishes a new frozen snapshot, in order.

    `publish` must return at once: it is called from the thread that brings the change."""

    def __init__(self, host: Host, settings: Settings, publish: Callable[[HostSnapshot], None]) -> None:
        self._host = host
        self._settings = settings
        self._publish = publish
        self._lock = threading.RLock()
        self._status = Status()
        self._parts = Parts()
        self._history = History(host.telemetry_interval)
        self._rests: Mapping[Key, Rest] = {}
        self._past = NO_PAST
        self._watched = 0  # the connection of the newest reading: nobody watched between two
        self._snapshot = assemble(host, settings, self._status, self._parts)

    @property
    def snapshot(self) -> HostSnapshot:
        return self._snapshot

    def use(self, host: Host, settings: Settings) -> None:
        """Show it by a changed configuration."""
        with self._lock:
            self._host, self._settings = host, settings
            self._refresh()

    @property
    def generation(self) -> int:
        return self._status.generation

    def history(self, subject: Subject, window: Window) -> Timeline:
        return self._history.read(subject, window)

    def next_generation(self) -> int:
        """A new connection attempt: whatever older ones still say is dropped from now on."""
        with self._lock:
            self._status = replace(self._status, generation=self._status.generation + 1)
            return self._status.generation

    def set_status(self, **changes: Any) -> None:
        with self._lock:
            before, self._status = self._status, replace(self._status, **changes)
            if self._status == before:
                return
            self._show(standing(self._snapshot, self._status))

    def forget(self) -> None:
        """Nobody looked for so long that what was seen is of no use."""
        with self._lock:
            self._parts = Parts()
            self._refresh()

    def change(self, generation: int, change: Callable[[Parts], Parts]) -> None:
        """Take what a source of connection `generation` tells; a fresh reading also ends staleness."""
        with self._lock:
            if generation != self._status.generation:
                return
            before, self._parts = self._parts, change(self._parts)
            if self._parts.reading is not before.reading:
                self._remember()
                if self._status.state is HostState.STALE:
                    self._status = replace(self._status, state=HostState.UP, error=None, phase="")
            self._refresh()

    def check_age(self, now: float) -> float | None:
        """`stale` = older than two intervals and a second: of those that it is read in now. Seconds until it may be;
        None where it is, or nothing was read."""
        with self._lock:
            age, reading = self._snapshot.age(now), self._parts.reading
            if self._status.state is not HostState.UP or age is None or reading is None:
                return None
            left = stale_after(reading.interval or self._host.telemetry_interval) - age
            if left < 0:
                fault = self._parts.telemetry_error
                why = fault.text if fault is not None and fault.kind == "no-room" else "no news from the host"
                self._status = replace(self._status, state=HostState.STALE, error=why)
                self._show(standing(self._snapshot, self._status))
                return None
            return left

    def _remember(self) -> None:
        """Take a new reading into what is known of the past."""
        reading = self._parts.reading
        if reading is not None:
            self._history.interval = reading.interval or self._host.telemetry_interval
            self._history.add(reading)
            self._rests = observe_all(self._rests, self._parts)
            before = watched(self._snapshot.gpus) if self._watched == self._status.generation else {}
            self._past = Past(self._history.trends(), idles(self._rests, self._parts), reading.taken_at, before)
            self._watched = self._status.generation

    def _refresh(self) -> None:
        self._show(assemble(self._host, self._settings, self._status, self._parts, self._past))

    def _show(self, snapshot: HostSnapshot) -> None:
        self._snapshot = snapshot
        self._publish(snapshot)
