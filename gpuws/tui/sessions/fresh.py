"""The way into what was launched in the last seconds, or left while its link was away: `a` takes it, whatever is
selected."""

from __future__ import annotations

import time

from gpuws.tui.sessions.doors import Door

SECONDS = 12.0
LEFT_SECONDS = 120.0
"""For what was left with its link away, which may be back in a minute."""


class Fresh:
    def __init__(self) -> None:
        self._door: Door | None = None
        self._until = 0.0

    @property
    def door(self) -> Door | None:
        """None where there was none, or a while ago."""
        return self._door if time.monotonic() <= self._until else None

    def put(self, door: Door, seconds: float = SECONDS) -> None:
        self._door, self._until = door, time.monotonic() + seconds

    def forget(self) -> None:
        self._door = None
