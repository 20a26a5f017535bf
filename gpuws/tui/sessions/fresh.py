"""The way into what was launched in the last seconds: `a` takes it, whatever is selected."""

from __future__ import annotations

import time

from gpuws.tui.sessions.doors import Door

SECONDS = 12.0


class Fresh:
    def __init__(self) -> None:
        self._door: Door | None = None
        self._until = 0.0

    @property
    def door(self) -> Door | None:
        """None where nothing was launched, or a while ago."""
        return self._door if time.monotonic() <= self._until else None

    def put(self, door: Door) -> None:
        self._door, self._until = door, time.monotonic() + SECONDS

    def forget(self) -> None:
        self._door = None
