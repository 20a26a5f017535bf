"""A relay for whoever dials: made with the first connection, and again when it has ended."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from gpuws.link.place import Process, Stream
from gpuws.link.relay.relay import Relay, RelayOver


class KeptRelay:
    """In the place whose programs `popen` starts. It ends with the link, and when nobody has used it for a while.

    `python`: the only interpreter to try there."""

    def __init__(self, popen: Callable[[Sequence[str]], Process], what: str, python: str | None = None) -> None:
        self._popen = popen
        self._what = what
        self._python = python
        self._lock = threading.Lock()
        self._relay: Relay | None = None

    @property
    def running(self) -> bool:
        """One is open."""
        relay = self._relay
        return relay is not None and not relay.over

    def dial_tcp(self, host: str, port: int) -> Stream:
        """Connect from there: `host` is a name or address as it is known there."""
        return self._dial(f"{host}\n{port}", f"{host}:{port}")

    def dial_unix(self, path: str) -> Stream:
        """Connect from there to a unix socket, by its absolute path."""
        return self._dial(path, path)

    def _dial(self, target: str, label: str) -> Stream:
        try:
            return self._running().dial(target, label)
        except RelayOver:  # the one there was
            return self._running().dial(target, label)

    def _running(self) -> Relay:
        with self._lock:  # the others need it, too
            if self._relay is None or not self.running:
                self._relay = Relay(self._popen, self._what, self._python)
            return self._relay
