"""Whose tunnels end with their program. A tunnel that somebody wants kept belongs to the keeper."""

from __future__ import annotations

import threading

KEPT = ""
"""Stands for the keeper itself among the holders of a tunnel."""


class Leases:
    """By tunnel id: the clients for which it is open."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holders: dict[str, set[str]] = {}

    def take(self, tunnel_id: str, client: str, *, keep: bool) -> None:
        with self._lock:
            self._holders.setdefault(tunnel_id, set()).add(KEPT if keep else client)

    def drop(self, tunnel_id: str) -> None:
        """It was closed."""
        with self._lock:
            self._holders.pop(tunnel_id, None)

    def end(self, client: str) -> list[str]:
        """`client` is gone: the tunnels that nobody holds any more."""
        with self._lock:
            for holders in self._holders.values():
                holders.discard(client)
            free = [tunnel_id for tunnel_id, holders in self._holders.items() if not holders]
            for tunnel_id in free:
                del self._holders[tunnel_id]
            return free

    def kept(self, tunnel_id: str) -> bool:
        with self._lock:
            return KEPT in self._holders.get(tunnel_id, ())
