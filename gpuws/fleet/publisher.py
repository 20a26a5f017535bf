"""Who wants to hear of changes."""

from __future__ import annotations

import threading
from collections.abc import Callable

from gpuws.fleet.events import Event, Listener


class Publisher:
    """Hands events to listeners from the thread that publishes; a broken listener harms nobody else."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: tuple[Listener, ...] = ()

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        with self._lock:
            self._listeners = (*self._listeners, listener)
        return lambda: self._drop(listener)

    def publish(self, event: Event) -> None:
        for listener in self._listeners:
            try:
                listener(event)
            except Exception:  # the publisher is a host's supervisor and must live
                import logging  # not before it is needed: every command passes here

                logging.getLogger(__name__).exception("a listener failed on %s", type(event).__name__)

    def _drop(self, listener: Listener) -> None:
        with self._lock:
            self._listeners = tuple(other for other in self._listeners if other is not listener)
