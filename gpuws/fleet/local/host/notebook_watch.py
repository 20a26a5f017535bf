"""Which notebooks the kernels of my Jupyter servers serve: read on a slow clock, and only while somebody looks."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from gpuws.fleet.local.host.telemetry import Tell
from gpuws.link.place import Place, Stream
from gpuws.model.errors import GpuwsError
from gpuws.model.host.host import Host
from gpuws.model.session.notebook import JupyterServer, Notebook
from gpuws.model.workspace.workspace import Workspace

log = logging.getLogger(__name__)
INTERVAL = 15.0  # seconds
SETTLE = 1.0  # seconds: who only passes by on the way to another host looks at nothing
SEARCH_EVERY = 60.0  # seconds: servers come and go seldom, and a search runs a program there
SEARCH_AFTER_FAILURE = 600.0  # seconds: on a home directory that hangs each search would leave another one hanging


@dataclass(frozen=True, slots=True)
class _Found:
    servers: tuple[JupyterServer, ...]
    until: float  # monotonic seconds


class NotebookWatch:
    """One daemon thread. `mine` gives my running containers, `place` the inside of one, or of the host for None."""

    def __init__(
        self, host: Host, tell: Tell, mine: Callable[[], tuple[Workspace, ...]], place: Callable[[str | None], Place]
    ) -> None:
        self._host = host
        self._tell = tell
        self._mine = mine
        self._place = place
        self._stop = threading.Event()
        self._look = threading.Event()
        self._watched = False
        self._servers: dict[str | None, _Found] = {}

    def start(self) -> None:
        threading.Thread(target=self._run, name=f"notebooks {self._host.name}", daemon=True).start()

    def close(self) -> None:
        self._stop.set()
        self._look.set()

    def watch(self, on: bool) -> None:
        self._watched = on
        if on:
            self._look.set()

    def _run(self) -> None:
        read_at = -INTERVAL
        while True:
            self._look.wait(INTERVAL if self._watched else None)
            self._look.clear()
            if self._stop.wait(SETTLE):
                return
            if self._watched and time.monotonic() - read_at >= INTERVAL - SETTLE:
                read_at = time.monotonic()
                self._tell_all()

    def _tell_all(self) -> None:
        notebooks = tuple(self._read_all())
        now = time.time()
        self._tell(lambda parts: replace(parts, notebooks=notebooks, notebooks_at=now))

    def _read_all(self) -> Iterator[Notebook]:
        from gpuws.jupyter.kernels import read_notebooks

        names: dict[str | None, str | None] = {None: None, **{c.id: c.name for c in self._mine()}}
        self._servers = {key: found for key, found in self._servers.items() if key in names}
        for container, name in names.items():
            place_name = f"{self._host.name}/{name or ''}"
            try:
                place = self._place(container)
                servers = self._find(container, place)
            except GpuwsError as error:
                log.info("Jupyter of %s: %s", place_name, error.message)
                continue
            for server in servers:
                try:
                    yield from read_notebooks(_dial(place, server.port), server, name)
                except GpuwsError as error:
                    log.info("notebooks of %s: %s", place_name, error.message)

    def _find(self, container: str | None, place: Place) -> tuple[JupyterServer, ...]:
        from gpuws.jupyter.servers import find_servers

        now = time.monotonic()
        found = self._servers.get(container)
        if found is None or now >= found.until:
            self._servers[container] = _Found((), now + SEARCH_AFTER_FAILURE)
            found = _Found(find_servers(place, anyone=container is not None), now + SEARCH_EVERY)
            self._servers[container] = found
        return found.servers


def _dial(place: Place, port: int) -> Callable[[], Stream]:
    return lambda: place.dial_tcp("127.0.0.1", port)
