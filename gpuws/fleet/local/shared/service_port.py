"""Where a service listens that is meant by its name: looked up once for all who wait for it, and seldom."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from gpuws.model.errors import GpuwsError
from gpuws.model.session.tunnel import TunnelTarget

SELDOM = 2.0  # seconds between two looks: a browser that is refused asks a dozen times
LookUp = Callable[[TunnelTarget], TunnelTarget]
"""The same service where it listens now. GpuwsError where none or several of it do."""


class ServicePort:
    """Of one tunnel. Any thread may ask."""

    def __init__(self, look_up: LookUp) -> None:
        self._look_up = look_up
        self._lock = threading.Lock()
        self._found: TunnelTarget | None = None
        self._missing: GpuwsError | None = None
        self._at = -SELDOM  # monotonic seconds

    def after(self, tried: TunnelTarget) -> TunnelTarget:
        """Where to try next, now that `tried` led nowhere. The last look's GpuwsError where that found nothing."""
        with self._lock:
            moved = self._found is not None and self._found != tried
            if not moved and time.monotonic() - self._at >= SELDOM:
                self._look(tried)
            if self._found is None:
                assert self._missing is not None  # as every look leaves one of the two
                raise self._missing
            return self._found

    def _look(self, target: TunnelTarget) -> None:
        self._found = self._missing = None
        try:
            self._found = self._look_up(target)
        except GpuwsError as error:
            self._missing = error
        self._at = time.monotonic()
