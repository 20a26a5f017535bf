"""When what is away is tried again: often while somebody looks at it or waits for it, ever less often otherwise."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

WANTED = 10.0  # seconds for which it holds that somebody waits
EAGER, SLOWER = 1.0, 15.0
"""Seconds between attempts while somebody waits, at first and after `LONG`: a page left open asks all night."""
LONG = 900.0  # seconds
EACH, CROWDED = 0.15, 3.0
"""Seconds that each of those adds to the pause which are away while somebody waits, and the most of all together: an
attempt takes a few milliseconds of this machine, and twenty of them are to take less than 2 % of it."""
SILENCE, PATIENCE = 4.0, 240.0
"""Seconds between attempts where the connection is taken and nothing is said, and for how long so often: sshd counts
each that is closed before a login (PerSourcePenalties), those in its queue as well, once it goes on."""
GAP = 0.1  # seconds between attempts that nobody waits for


@dataclass(frozen=True, slots=True)
class Absence:
    """What is away, when an attempt has failed. `attempts`: in vain so far; `seconds`: since the first of them.
    `wanted`: somebody looks at it or waits for it; `crowd`: for how many that holds which are away, it among them.
    `silent`: it took the connection and said nothing."""

    attempts: int
    seconds: float = 0.0
    wanted: bool = False
    crowd: int = 1
    silent: bool = False


def delay(attempt: int, *, cap: float = 60.0, jitter: Callable[[], float] = random.random) -> float:
    """Seconds before attempt number `attempt` (from 1): 1, 2, 4 … `cap`, with full jitter over its upper half.

    The lower half stays: a lab's workstations must not all return in the first instant."""
    ceiling = min(cap, 2.0 ** min(attempt - 1, 16))
    return ceiling * (0.5 + 0.5 * jitter())


def pause(away: Absence, jitter: Callable[[], float] = random.random) -> float:
    """Seconds before the next attempt: as `delay`, and no more than a few while somebody waits."""
    if not away.wanted or (away.silent and away.seconds >= PATIENCE):
        return delay(away.attempts, jitter=jitter)
    often = min(max(EAGER, away.crowd * EACH), CROWDED) if away.seconds < LONG else SLOWER
    return delay(away.attempts, cap=SILENCE if away.silent else often, jitter=jitter)


class Crowd:
    """What the hosts of a fleet know of each other's attempts; any thread may ask. `clock`: monotonic seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._next = 0.0
        self._wanted: frozenset[object] = frozenset()

    def turn(self) -> float:
        """Seconds until an attempt that nobody waits for may begin: where a whole lab went, it comes back one by
        one."""
        with self._lock:
            now = self._clock()
            at = max(now, self._next)
            self._next = at + GAP
            return at - now

    def count(self, one: object, wanted: bool) -> int:
        """How many are away while somebody waits, `one` among them if it is `wanted`."""
        with self._lock:
            self._wanted = self._wanted | {one} if wanted else self._wanted - {one}
            return len(self._wanted)


class Retries:
    """When one host that is away is tried again; any thread may say that somebody waits for it, or looks."""

    def __init__(self, crowd: Crowd | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._crowd = crowd or Crowd(clock)
        self._clock = clock
        self._attempts = 0
        self._away_since: float | None = None
        self._wanted_at: float | None = None
        self._looked_at = False

    def want(self) -> bool:
        """Somebody waits, for the next seconds. True where nobody did: it is to be tried now."""
        before, self._wanted_at = self.wanted, self._clock()
        return not before

    def look(self, on: bool) -> bool:
        """Somebody looks at it from now on, or nobody does any more. True where it is to be tried now."""
        before, self._looked_at = self.wanted, on
        return on and not before

    @property
    def wanted(self) -> bool:
        """Somebody looks at it, or waited for it a few seconds ago."""
        waited = self._wanted_at is not None and self._clock() - self._wanted_at < WANTED
        return self._looked_at or waited

    @property
    def hurried(self) -> bool:
        """It went and somebody waits: the next attempt is a short one."""
        since = self._away_since
        return self.wanted and since is not None and self._clock() - since < LONG

    def lost(self) -> None:
        """It was there, and went."""
        self._attempts, self._away_since = 0, self._clock()

    def failed(self, *, silent: bool = False) -> float:
        """Seconds before the next attempt."""
        now = self._clock()
        if self._away_since is None:
            self._away_since = now
        self._attempts += 1
        wanted = self.wanted
        crowd = self._crowd.count(self, wanted)
        return pause(Absence(self._attempts, now - self._away_since, wanted, crowd, silent))

    def turn(self) -> float:
        """Seconds until the next attempt may begin; none where somebody waits, or at the very first."""
        return 0.0 if self.wanted or self._away_since is None else self._crowd.turn()

    def afresh(self) -> None:
        """It is there, or what was in the way may be another: nothing of before counts."""
        self._attempts, self._away_since = 0, None
        self._crowd.count(self, False)

    def again(self) -> None:
        """The network is another, or this machine woke: the pauses begin anew."""
        self._attempts = 0
