"""What this screen has just ended itself: it says so anyway, and nobody need be told of it besides."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gpuws.model.notice.notice import Notice

FOR = 60.0
"""Seconds in which such an end is seen: what is stopped gets a grace."""


class OwnHand:
    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._ended: dict[tuple[str, str], float] = {}

    def ends(self, host: str, name: str) -> None:
        """`name`: as notices call it, `torch-dev` or `torch-dev:main`."""
        from gpuws.model.notice.notice import named

        self._ended[host, named(name)] = self._clock()

    def did(self, notice: Notice) -> bool:
        """It tells of such an end; what was asked for is told all the same."""
        at = self._ended.get((notice.host, notice.subject))
        return at is not None and notice.kind in ("container", "command") and self._clock() - at < FOR
