"""How ports of containers are reached: at the address where their host reaches them, else by a relay inside."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from gpuws.link.place import Dialer, Process, Stream
from gpuws.model.errors import GpuwsError, HostError

if TYPE_CHECKING:
    from gpuws.link.relay.kept import KeptRelay

GOOD = 5.0  # seconds for which an address is believed, and less where the engine tells of a change

Port = tuple[str, int]
"""A container, and the number."""


class Ways:
    """`find` asks the engine for an address. What was found is kept for a moment: a page opens dozens of connections.

    Used from several threads."""

    def __init__(self, host: str, dialer: Dialer, find: Callable[[str, int], tuple[str, int]]) -> None:
        self._host = host
        self._dialer = dialer
        self._find = find
        self._lock = threading.Lock()
        self._turn = 0
        self._found: dict[Port, tuple[float, tuple[str, int]]] = {}
        self._only_inside: set[Port] = set()
        self._relays: dict[tuple[str, str | None], KeptRelay] = {}

    def forget(self) -> None:
        """Containers have changed."""
        with self._lock:
            self._turn += 1
            self._found.clear()
            self._only_inside.clear()
            self._relays = {key: relay for key, relay in self._relays.items() if relay.running}

    def address(self, container: str, port: int) -> tuple[str, int]:
        """Where the host reaches that port."""
        with self._lock:
            turn = self._turn
            kept = self._found.get((container, port))
        if kept is not None and time.monotonic() - kept[0] < GOOD:
            return kept[1]
        found = self._find(container, port)
        with self._lock:
            if turn == self._turn:
                self._found[container, port] = (time.monotonic(), found)
        return found

    def dial(self, container: str, port: int, inside: Callable[[], Stream]) -> Stream:
        """By the way that led there last, else by the other one. `inside` dials within the container."""
        key = (container, port)
        with self._lock:
            only_inside = key in self._only_inside
        try:
            return inside() if only_inside else self._outside(*key)
        except HostError:
            raise
        except GpuwsError:
            stream = self._outside(*key) if only_inside else inside()
        with self._lock:
            (self._only_inside.discard if only_inside else self._only_inside.add)(key)
        return stream

    def relay(self, container: str, user: str | None, popen: Callable[[Sequence[str]], Process]) -> KeptRelay:
        """The one inside that container, whose programs `popen` starts as that user."""
        from gpuws.link.relay.kept import KeptRelay

        with self._lock:
            key = (container, user)
            if key not in self._relays:
                self._relays[key] = KeptRelay(popen, f"a container of {self._host}")
            return self._relays[key]

    def _outside(self, container: str, port: int) -> Stream:
        address = self.address(container, port)
        try:
            return self._dialer.dial_tcp(*address)
        except HostError:
            raise
        except GpuwsError:
            with self._lock:
                self._found.pop((container, port), None)
            now = self.address(container, port)
            if now == address:
                raise
            return self._dialer.dial_tcp(*now)
