"""How long a keeper stays: while somebody is connected, a while longer, and longer still for what must not be lost."""

from __future__ import annotations

import time
from collections.abc import Callable

from gpuws.keeper.server.backend import Backend
from gpuws.model.settings import Keeping

TICK = 1.0  # seconds between looks
BLANK = 5.0  # seconds a keeper stays that could not read its configuration


class Lifetime:
    """`keeping` as configured now; `busy`: somebody is connected. Times are those of the wall clock, so that a night
    asleep counts."""

    def __init__(self, keeping: Callable[[], Keeping], busy: Callable[[], bool]) -> None:
        self._keeping = keeping
        self._busy = busy
        self._alone_since = time.time()
        self._resting = False

    @property
    def tick(self) -> float:
        return min(TICK, max(self._keeping().idle / 4, 0.05))

    def should_end(self, now: float, backend: Backend | None) -> bool:
        if self._busy():
            self._alone_since, self._resting = now, False
            return False
        if backend is None:
            return now - self._alone_since > BLANK
        left = self.ends_in(now, backend)
        if left is not None and left <= 0:
            return True
        if not self._resting and not backend.working() and now - self._alone_since >= self._keeping().idle:
            self._resting = True
            backend.rest()
        return False

    def ends_in(self, now: float, backend: Backend | None) -> float | None:
        """Seconds; None while somebody is connected, a tunnel is open, a wait or a task goes on."""
        if backend is None or self._busy() or backend.tunnel_plans() or backend.working():
            return None
        stay = self._keeping().logins if backend.logins() else self._keeping().idle
        return max(self._alone_since + stay - now, 0.0)
