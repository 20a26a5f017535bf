"""A keeper served by a thread of this program, and what tests need around it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gpuws.config.paths import Paths
from gpuws.fleet.demo.fleet import DemoFleet
from gpuws.keeper.client.dialer import Dialer
from gpuws.keeper.client.fleet import KeeperFleet
from gpuws.keeper.home import Home, connect, listen, prepare
from gpuws.keeper.server.connection import Connection
from gpuws.keeper.server.server import Server
from gpuws.keeper.wire.messages import Description, Hello
from gpuws.keeper.wire.typed import client_wire
from gpuws.model.host.host import Host
from gpuws.model.settings import Keeping, ScreenSettings
from gpuws.quick.greeting import PROTOCOL

SOON = 20.0  # seconds for what should take none
KEEPING = Keeping()


class QuietFleet(DemoFleet):
    """The demo's, but nothing waits in it, which would keep a keeper, and nothing was done in it before."""

    def __init__(self, **options: Any) -> None:
        super().__init__(tick=0, **options)
        self._queue.clear()

    def _remember(self) -> None:
        pass


def until(holds: Callable[[], Any], subject: object = "", seconds: float = SOON) -> Any:
    """Looked at again and again, for what announces itself to nobody."""
    deadline = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < deadline, f"never came: {subject}"
        time.sleep(0.01)
    return found


def make_home(directory: Path, *, readonly: bool = False) -> Home:
    return Home(Paths(directory / "config", directory / "state", directory), readonly, directory, "k")


class FakeBackend:
    """Holds any fleet; notes what the keeper asks of it."""

    def __init__(self, fleet: Any, keeping: Keeping = KEEPING, notes: tuple[str, ...] = ("a note",)) -> None:
        self.fleet = fleet
        self.notes = notes
        self.keeping = keeping
        self.connected: list[tuple[set[str], bool]] = []
        self.watched: set[str] = set()
        self.rested = threading.Event()
        self.closed = threading.Event()
        self.let_close = threading.Event()
        self.let_close.set()
        self.with_login: tuple[str, ...] = ()
        self.problem: Exception | None = None
        fleet.start()

    def describe(self) -> Description:
        if self.problem:
            raise self.problem
        return Description(tuple(Host(s.name) for s in self.fleet.snapshots()), ScreenSettings(), self.notes)

    def connect(self, hosts, *, retry):
        self.connected.append((set(hosts), retry))

    def watch(self, hosts):
        self.watched = set(hosts)

    def rest(self):
        self.rested.set()

    def logins(self):
        return self.with_login

    def tunnel_plans(self):
        return self.fleet.plans() if hasattr(self.fleet, "plans") else {}

    def working(self):
        return any(one.open for one in self.fleet.waits()) or any(
            (*(task.running for task in self.fleet.tasks()), *self.fleet.watches())
        )

    def keep_tasks(self, store):
        if hasattr(self.fleet, "keep_tasks"):
            self.fleet.keep_tasks(store)

    def keep_notices(self, store):
        if hasattr(self.fleet, "keep_notices"):
            self.fleet.keep_notices(store)

    def capped(self):
        return ()

    def watched_by_rule(self):
        return ()

    def restore_waits(self, waits):
        if waits:
            self.fleet.restore_waits(waits)

    def close(self):
        assert self.let_close.wait(SOON)
        self.fleet.close()
        self.closed.set()


class Serving:
    """`make`: what the server calls for its backend."""

    def __init__(
        self,
        directory: Path,
        fleet: Any = None,
        *,
        make: Any = None,
        keeping: Keeping = KEEPING,
        home: Home | None = None,
        notes: tuple[str, ...] = ("a note",),
    ) -> None:
        self.home = home or make_home(directory)
        self._notes = notes
        prepare(self.home)
        self.fleet = fleet if fleet is not None else QuietFleet()
        self.backend: FakeBackend | None = None
        self._keeping = keeping
        self._clients: list[KeeperFleet] = []
        self.begin(make)

    def begin(self, make: Any = None) -> None:
        self.server = Server(self.home, listen(self.home), make or self._make, Connection)
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()

    def _make(self) -> FakeBackend:
        self.backend = FakeBackend(self.fleet, self._keeping, self._notes)
        return self.backend

    def dialer(self, *, person: bool = True) -> Dialer:
        return Dialer(self.home, person=person)

    def client(self, names: Any = None, *, person: bool = True, start: bool = True) -> KeeperFleet:
        """A program of the user that has seen all it asked for."""
        fleet = KeeperFleet(self.dialer(person=person), names)
        self._clients.append(fleet)
        if start:
            fleet.start()
            until(lambda: alike(fleet.snapshots(), self.fleet, names), "the first snapshots")
        return fleet

    def raw(self) -> Any:
        """A connection over which nothing has been said."""
        sock = connect(self.home)
        assert sock is not None
        return sock

    def greeted(self, client: str = "raw", *, person: bool = False) -> Any:
        wire = client_wire(self.raw())
        wire.send(Hello(PROTOCOL, "0", client, person))
        wire.receive(SOON)
        return wire

    @property
    def connections(self) -> int:
        return len(self.server._connections)

    def end(self) -> None:
        for client in self._clients:
            client.close()
        self.server.retire()
        self.thread.join(SOON)
        assert not self.thread.is_alive()


def alike(seen: Any, fleet: Any, names: Any = None) -> bool:
    return tuple(seen) == tuple(s for s in fleet.snapshots() if names is None or s.name in names)
