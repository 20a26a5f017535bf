"""Threads that are kept a while: to start one takes longer than to open a connection."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

KEPT = 2.0  # seconds without work


class Workers:
    """Does any number of things at once, each on a thread of its own; none of them keeps the program from ending."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._free = 0  # threads that wait, and were promised nothing
        self._work: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()

    def do(self, work: Callable[[], None]) -> None:
        """Returns at once."""
        with self._lock:
            taken = self._free > 0
            self._free -= taken
        if taken:
            self._work.put(work)
        else:
            threading.Thread(target=self._run, args=(work,), name="forwarding", daemon=True).start()

    def _run(self, work: Callable[[], None] | None) -> None:
        while work is not None:
            work()
            work = self._next()

    def _next(self) -> Callable[[], None] | None:
        with self._lock:
            self._free += 1
        try:
            return self._work.get(timeout=KEPT)
        except queue.Empty:
            with self._lock:
                if self._free:
                    self._free -= 1
                    return None
        return self._work.get()  # it was promised meanwhile
