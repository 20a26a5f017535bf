"""What ssh said of a host a moment ago: asking it starts a program, which costs more than all else of an attempt."""

from __future__ import annotations

import threading
import time

from gpuws.link.resolve.resolve import Resolved, resolve
from gpuws.model.host.host import Host

HOLDS = 60.0  # seconds


class Remembered:
    """Any thread may ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, tuple[Host, float, Resolved]] = {}

    def resolve(self, host: Host, *, again: bool) -> Resolved:
        """`resolve`. `again`: what was said within a minute will do."""
        known = self._known.get(host.name)
        if again and known is not None and known[0] == host and time.monotonic() - known[1] < HOLDS:
            return known[2]
        now, resolved = time.monotonic(), resolve(host)
        with self._lock:
            self._known = {**self._known, host.name: (host, now, resolved)}
        return resolved

    def forget(self) -> None:
        """The SSH configuration may ask where this machine is."""
        with self._lock:
            self._known = {}
