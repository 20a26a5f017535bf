"""Which notebooks the kernels of Jupyter servers serve: read on a slow clock while somebody looks, once for each kernel
of mine that comes to a GPU, and whenever somebody asks."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gpuws.fleet.local.host.telemetry import Tell
from gpuws.link.place import Place, Stream
from gpuws.model.errors import GpuwsError
from gpuws.model.host.host import Host
from gpuws.model.session.notebook import JupyterServer, Notebook
from gpuws.model.workspace.workspace import Workspace

if TYPE_CHECKING:
    from gpuws.jupyter.kernels import Reached

log = logging.getLogger(__name__)
INTERVAL = 15.0  # seconds
SETTLE = 1.0  # seconds: who only passes by on the way to another host looks at nothing
SEARCH_EVERY = 60.0  # seconds: servers come and go seldom, and a search runs a program there
SEARCH_ANEW = 5.0  # seconds: the same, where somebody waits for it
SEARCH_AFTER_FAILURE = 600.0  # seconds: on a home directory that hangs each search would leave another one hanging


@dataclass(frozen=True, slots=True)
class _Found:
    """Servers of one place; None: the search failed. `at`: monotonic seconds."""

    servers: tuple[JupyterServer, ...] | None
    at: float

    def good(self, seconds: float) -> bool:
        lasts = SEARCH_AFTER_FAILURE if self.servers is None else seconds
        return time.monotonic() - self.at < lasts


def _none() -> Sequence[Reached]:
    return ()


class NotebookWatch:
    """One daemon thread. `mine` gives my running containers, `place` the inside of one, or of the host for None, as its
    usual user or as another.
    `at_hand`: servers in other containers whose tokens are known without a program there."""

    def __init__(
        self,
        host: Host,
        tell: Tell,
        mine: Callable[[], tuple[Workspace, ...]],
        place: Callable[[str | None, str | None], Place],
        at_hand: Callable[[], Sequence[Reached]] = _none,
    ) -> None:
        self._host = host
        self._tell = tell
        self._mine = mine
        self._place = place
        self._at_hand = at_hand
        self._stop = threading.Event()
        self._look = threading.Event()
        self._watched = False
        self._sought: frozenset[str] = frozenset()
        self._hurried = False
        self._reading = threading.Lock()
        self._read_at = -INTERVAL
        self._servers: dict[str | None, _Found] = {}
        self._homes: dict[str, Reached] = {}

    def start(self) -> None:
        threading.Thread(target=self._run, name=f"notebooks {self._host.name}", daemon=True).start()

    def close(self) -> None:
        self._stop.set()
        self._look.set()

    def watch(self, on: bool) -> None:
        self._watched = on
        if on:
            self._look.set()

    def seek(self, kernels: frozenset[str]) -> None:
        """These hold GPUs and nobody has said which notebooks they serve: look once for each; returns at once."""
        if kernels - self._sought:
            self._hurried = True
            self._look.set()
        self._sought = kernels

    def read(self, *, anew: bool = True) -> bool:
        """All of them now; False where a place or a server did not answer. `anew`: servers are searched for again,
        too, unless that was just done."""
        with self._reading:
            self._read_at = time.monotonic()
            sought, whole = self._sought, True
            homes: dict[str, Reached] = {}
            notebooks: list[Notebook] = []
            for found in self._reached(SEARCH_ANEW if anew else SEARCH_EVERY):
                told = None if found is None else self._read_one(found)
                if found is None or told is None:
                    whole = False
                    continue
                notebooks += told
                homes |= {one.kernel: found for one in told}
            self._homes = homes
        now = time.time()
        self._tell(lambda parts: replace(parts, notebooks=tuple(notebooks), notebooks_at=now, sought=sought))
        return whole

    def home(self, kernel: str) -> Reached | None:
        """The server that told of it; None where none did."""
        return self._homes.get(kernel)

    def _run(self) -> None:
        while True:
            self._look.wait(INTERVAL if self._watched else None)
            self._look.clear()
            if not self._hurried:
                self._stop.wait(SETTLE)
            if self._stop.is_set():
                return
            hurried, self._hurried = self._hurried, False
            if hurried or (self._watched and time.monotonic() - self._read_at >= INTERVAL - SETTLE):
                self.read(anew=hurried)

    def _reached(self, lasting: float) -> Iterator[Reached | None]:
        """Of each place its servers; None for one that could not be looked at. `lasting`: seconds that a search
        counts."""
        from gpuws.jupyter import kernels

        names: dict[str | None, str | None] = {None: None, **{c.id: c.name for c in self._mine()}}
        self._servers = {key: found for key, found in self._servers.items() if key in names}
        for container, name in names.items():
            try:
                place = self._place(container, None)
                servers = self._find(container, place, lasting)
            except GpuwsError as error:
                log.info("Jupyter of %s/%s: %s", self._host.name, name or "", error.message)
                yield None
                continue
            for server in (one for one in servers if one.lets_me_in):
                yield kernels.Reached(server, _dial(place, server), name)
        yield from (each for each in self._at_hand() if each.container not in names.values())

    def _read_one(self, found: Reached) -> tuple[Notebook, ...] | None:
        from gpuws.jupyter import kernels

        try:
            return kernels.read_notebooks(found.dial, found.server, found.container)
        except GpuwsError as error:
            log.info("notebooks of %s/%s: %s", self._host.name, found.container or "", error.message)
            return None

    def _find(self, container: str | None, place: Place, lasting: float) -> tuple[JupyterServer, ...]:
        from gpuws.jupyter.servers import find_servers

        found = self._servers.get(container)
        if found is None or not found.good(lasting):
            self._servers[container] = _Found(None, time.monotonic())
            as_user = None if container is None else (lambda user: self._place(container, user))
            servers = find_servers(place, anyone=container is not None, as_user=as_user)
            found = self._servers[container] = _Found(servers, time.monotonic())
        if found.servers is None:
            raise GpuwsError("the last search failed, and is not repeated yet")
        return found.servers


def _dial(place: Place, server: JupyterServer) -> Callable[[], Stream]:
    if server.socket:
        return lambda: place.dial_unix(server.socket)
    return lambda: place.dial_tcp(server.address or "127.0.0.1", server.port)
