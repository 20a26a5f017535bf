"""Who is connected: programs that look, each with the hosts it sees and the one it looks at closely."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass


@dataclass(eq=False, slots=True)
class Client:
    """One subscription. `hosts` None: all of them. `person`: somebody sits there and may answer questions."""

    name: str
    hosts: frozenset[str] | None
    person: bool
    watched: str | None = None

    def sees(self, host: str) -> bool:
        return self.hosts is None or host in self.hosts


class Clients:
    """All that are subscribed. `gone` hears the name of each that left."""

    def __init__(self, gone: Callable[[str], None]) -> None:
        self._gone = gone
        self._lock = threading.Lock()
        self._clients: list[Client] = []

    def enter(self, client: Client) -> None:
        with self._lock:
            self._clients.append(client)

    def leave(self, client: Client) -> None:
        with self._lock:
            self._clients.remove(client)
        self._gone(client.name)

    def names(self) -> set[str]:
        with self._lock:
            return {client.name for client in self._clients}

    def watched(self) -> set[str]:
        with self._lock:
            return {client.watched for client in self._clients if client.watched}

    def seen(self, hosts: Collection[str]) -> list[str]:
        """Those that somebody looks at."""
        with self._lock:
            return [host for host in hosts if any(client.sees(host) for client in self._clients)]

    def viewers(self, host: str) -> set[str]:
        """Those that can answer what `host` asks."""
        with self._lock:
            return {client.name for client in self._clients if client.person and client.sees(host)}
