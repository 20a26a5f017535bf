"""How long to wait before the next attempt."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

WANTED = 10.0  # seconds for which it holds that somebody waits
EAGER, SLOWER = 1.0, 15.0
"""Seconds between attempts while somebody waits, at first and after `LONG`: a page left open asks all night."""
LONG = 900.0  # seconds


def delay(attempt: int, *, cap: float = 60.0, jitter: Callable[[], float] = random.random) -> float:
    """Seconds before attempt number `attempt` (from 1): 1, 2, 4 … `cap`, with full jitter over its upper half.

    The lower half stays: a lab's workstations must not all return in the first instant."""
    ceiling = min(cap, 2.0 ** min(attempt - 1, 16))
    return ceiling * (0.5 + 0.5 * jitter())


class Retries:
    """When what is away is tried again; any thread may say that somebody waits for it. `clock`: monotonic seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._attempts = 0
        self._away_since = 0.0
        self._wanted_at: float | None = None

    def want(self) -> bool:
        """Somebody waits, for the next seconds. True where nobody did: it is to be tried now."""
        before, self._wanted_at = self._wanted, self._clock()
        return not before

    def failed(self) -> float:
        """Seconds before the next attempt."""
        now = self._clock()
        if self._attempts == 0:
            self._away_since = now
        self._attempts += 1
        wait = delay(self._attempts)
        return min(wait, EAGER if now - self._away_since < LONG else SLOWER) if self._wanted else wait

    def succeeded(self) -> None:
        self._attempts = 0

    @property
    def _wanted(self) -> bool:
        return self._wanted_at is not None and self._clock() - self._wanted_at < WANTED
