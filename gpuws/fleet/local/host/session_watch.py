"""tmux sessions inside my containers: read once when they are known, and on a clock only while somebody looks, or is to
be told of them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import replace

from gpuws.fleet.local.host.telemetry import Tell
from gpuws.link.place import Place
from gpuws.model.errors import GpuwsError
from gpuws.model.host.host import Host
from gpuws.model.session.session import Session
from gpuws.model.workspace.workspace import Workspace
from gpuws.tmux.listing import NoTmux, list_sessions

log = logging.getLogger(__name__)
INTERVAL = 10.0  # seconds, while watched
LISTENING = 2.0  # the same, while somebody is to be told what happens in them
RETRIES = 3  # looks after one that failed, where nobody watches


class SessionWatch:
    """One daemon thread. `mine` gives my running containers, `inside` the place of one. `outside` reads the host's own
    sessions, which the probe tells by itself, but not so often."""

    def __init__(
        self,
        host: Host,
        tell: Tell,
        mine: Callable[[], tuple[Workspace, ...]],
        inside: Callable[[str], Place],
        outside: Callable[[], object],
    ) -> None:
        self._host = host
        self._tell = tell
        self._mine = mine
        self._inside = inside
        self._outside = outside
        self._listening = False
        self._stop = threading.Event()
        self._look = threading.Event()
        self._reading = threading.Lock()
        self._watched = False
        self._looked_at: frozenset[str] | None = None
        self._known: dict[str, tuple[Session, ...]] = {}
        self._retries = 0

    def start(self) -> None:
        threading.Thread(target=self._run, name=f"sessions {self._host.name}", daemon=True).start()

    def close(self) -> None:
        self._stop.set()
        self._look.set()

    def refresh(self) -> None:
        self._look.set()

    def look_at(self, containers: frozenset[str]) -> None:
        """Look once at the first list, and whenever it is another one."""
        if containers != self._looked_at:
            self._looked_at = containers
            self._retries = RETRIES
            self._look.set()

    def watch(self, on: bool) -> None:
        self._watched = on
        if on:
            self._look.set()

    def listen(self, on: bool) -> None:
        """Somebody is to be told what happens in them."""
        self._listening = on
        if on:
            self._look.set()

    def _pause(self, *, retrying: bool) -> float | None:
        if self._listening:
            return LISTENING
        return INTERVAL if self._watched or retrying else None

    def _run(self) -> None:
        retrying = False
        while True:
            self._look.wait(self._pause(retrying=retrying))
            if self._stop.is_set():
                return
            self._look.clear()
            if self._listening:
                self._outside()
            if self._looked_at is None:  # which containers there are is not known yet
                continue
            retrying = not self.read() and self._retries > 0
            if retrying:
                self._retries -= 1

    def read(self) -> bool:
        """Now, in the caller's thread; False where one did not answer."""
        with self._reading:
            failed = self._read_all()
            sessions = tuple(session for found in self._known.values() for session in found)
            self._tell(lambda parts: replace(parts, inner_sessions=sessions))
        return not failed

    def _read_all(self) -> bool:
        """True where one did not answer; what was known of it before stays."""
        containers, before, failed = self._mine(), self._known, False
        self._known = {}
        for container in containers:
            try:
                found = list_sessions(self._inside(container.id))
            except GpuwsError as error:
                log.info("sessions of %s/%s: %s", self._host.name, container.name, error.message)
                failed = failed or not isinstance(error, NoTmux)
                self._known[container.id] = before.get(container.id, ())
            else:
                self._known[container.id] = tuple(replace(session, container=container.name) for session in found)
        return failed
