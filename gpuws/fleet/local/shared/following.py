"""What is behind tunnels is asked now and then, and notebooks are looked for again: one restarts with another token,
or moves."""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
import time
from dataclasses import dataclass

from gpuws.fleet.local.shared.notebooks import answers_through, look_for, shown
from gpuws.fleet.local.shared.open_tunnels import OpenTunnels
from gpuws.fleet.local.shared.places import Places
from gpuws.model.errors import GpuwsError
from gpuws.model.session.tunnel import Tunnel

log = logging.getLogger(__name__)
ASK = 15.0  # seconds between questions to a server that answers
CONNECT = 1.0  # seconds for a connection to a port of this machine: its listener is this program
WEB = ("http", "tls")
THREAD = "notebook search"
FIRST, LAST = 1.0, 15.0  # seconds between searches for one that does not, doubled each time


@dataclass(slots=True)
class _Search:
    """`workspace`: the id of the one in which it was looked for last. `due`: monotonic seconds."""

    workspace: str | None
    found: bool
    due: float
    pause: float = FIRST
    busy: bool = False


class Follower:
    """`look` is called every second; whatever takes longer is done in a thread of its own, one for each tunnel."""

    def __init__(self, places: Places, tunnels: OpenTunnels) -> None:
        self._places = places
        self._tunnels = tunnels
        self._searches: dict[str, _Search] = {}
        self._knocked: dict[str, float] = {}  # monotonic seconds

    def look(self, tunnels: tuple[Tunnel, ...]) -> None:
        now = time.monotonic()
        self._places.list_seldom({one.target.host for one in tunnels if one.target.workspace is not None}, now)
        self._knock_at({one.id: one for one in tunnels if one.speaks in WEB and one.target.kind == "port"}, now)
        notebooks = {one.id: one for one in tunnels if one.target.kind == "notebook"}
        self._searches = {key: self._searches.get(key) or self._begun(one, now) for key, one in notebooks.items()}
        for key, search in self._searches.items():
            tunnel = notebooks[key]
            if not search.busy and _due(search, tunnel, now) and self._places.may_search(tunnel.target):
                search.busy = True
                threading.Thread(target=self._follow, args=(tunnel, search), name=THREAD, daemon=True).start()

    def _knock_at(self, tunnels: dict[str, Tunnel], now: float) -> None:
        """Whether a web server still takes connections, where none is open that would tell; no byte is sent. Of any
        other port nothing is known: a connection might be the only one that what listens there ever takes."""
        self._knocked = {key: self._knocked.get(key, now) for key in tunnels}
        for key, tunnel in tunnels.items():
            idle = tunnel.state in ("up", "refuses") and not tunnel.connections
            if idle and now - self._knocked[key] >= ASK and self._places.read(tunnel.target):
                self._knocked[key] = now
                with contextlib.suppress(OSError):
                    socket.create_connection(("127.0.0.1", tunnel.local_port), CONNECT).close()

    def _begun(self, tunnel: Tunnel, now: float) -> _Search:
        found = self._tunnels.server(tunnel.id) is not None
        return _Search(tunnel.workspace, found, now + (ASK if found else FIRST))

    def _follow(self, tunnel: Tunnel, search: _Search) -> None:
        moved = search.workspace != tunnel.workspace
        search.workspace = tunnel.workspace
        try:
            search.found = (not moved and self._answers(tunnel)) or self._find(tunnel)
        except GpuwsError as error:
            search.found = False
            log.info("the notebook of %s: %s", tunnel.target.label, error.message)
        finally:
            search.pause = FIRST if search.found or moved else min(2 * search.pause, LAST)
            search.due = time.monotonic() + (ASK if search.found else search.pause)
            search.busy = False

    def _answers(self, tunnel: Tunnel) -> bool:
        """The server that was found there last, with the token that it had then."""
        server = self._tunnels.server(tunnel.id)
        try:
            return server is not None and answers_through(tunnel, server)
        except GpuwsError:  # it is another one by now, or has another token
            return False

    def _find(self, tunnel: Tunnel) -> bool:
        assert tunnel.place is not None  # as `_due` said
        servers = look_for(self._places, tunnel.place)
        self._tunnels.follow(tunnel.target, [server.port for server in servers])
        now = next((one for one in self._tunnels.list() if one.id == tunnel.id), tunnel)
        server = next((one for one in servers if one.port == now.target.port), None)
        if server is None:
            return False
        self._tunnels.lead(tunnel.id, server)
        if not answers_through(now, server):
            return False
        self._tunnels.found(tunnel.id, *shown(now, server))
        return True


def _due(search: _Search, tunnel: Tunnel, now: float) -> bool:
    """At once where something else bears the name, or where it answers no more; else when it is time."""
    if tunnel.place is None or tunnel.state not in ("listening", "up", "refuses"):
        return False
    news = search.workspace != tunnel.workspace or (search.found and tunnel.state == "refuses")
    return news or now >= search.due
