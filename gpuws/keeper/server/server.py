"""The keeper: one fleet for all programs of a user, for as long as somebody needs it."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Protocol

from gpuws import __version__
from gpuws.fleet.base import Fleet
from gpuws.fleet.events import Event, HostsChanged, HostUpdated, TunnelsChanged, WaitsChanged
from gpuws.history.recorder import Recorder
from gpuws.keeper.home import Home
from gpuws.keeper.server.backend import Backend
from gpuws.keeper.server.clients import Clients
from gpuws.keeper.server.entrance import entrance
from gpuws.keeper.server.gpus_text import ready
from gpuws.keeper.server.leases import Leases
from gpuws.keeper.server.lifetime import Lifetime
from gpuws.keeper.server.notice_file import NoticeFile
from gpuws.keeper.server.questions import SharedQuestions
from gpuws.keeper.server.restoring import restore
from gpuws.keeper.server.saved import forget_saved, read_tunnels, read_waits, save
from gpuws.keeper.server.task_files import TaskFiles
from gpuws.keeper.wire.messages import Condition, Description, Entry, FromClient, Ready
from gpuws.keeper.wire.tasks import written
from gpuws.keeper.wire.typed import Wire, keeper_wire
from gpuws.keeper.wire.verbs import Given, Verb
from gpuws.model.errors import GpuwsError
from gpuws.model.host.host import HostState
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.query.target import Found
from gpuws.model.session.tunnel import Tunnel, TunnelPlan
from gpuws.model.settings import Keeping
from gpuws.quick.endpoint import peer_uid
from gpuws.quick.greeting import ADOPTED

log = logging.getLogger(__name__)
MOST = 256  # connections at once


class Served(Protocol):
    """A client that is being answered. `client`: its name, "" before it said so; `needs_keeper`: it did more than ask
    how the keeper is."""

    needs_keeper: bool

    @property
    def client(self) -> str: ...

    def run(self) -> None:
        """Answer until it leaves."""

    def close(self) -> None: ...


Serve = Callable[["Server", Wire[FromClient]], Served]


class Server:
    """`make` reads the configuration and makes the fleet, when the first client asks for it; `serve` answers one."""

    def __init__(self, home: Home, listener: socket.socket, make: Callable[[], Backend], serve: Serve) -> None:
        self._home = home
        self._listener = listener
        self._make = make
        self._serve_one = serve
        self._lock = threading.Lock()
        self._making = threading.RLock()
        self._writing = threading.Lock()
        self._backend: Backend | None = None
        self._history: Recorder | None = None
        self._connections: set[Served] = set()
        self._stop = threading.Event()
        self._began = time.time()
        self._saved: tuple[TunnelPlan, ...] = ()
        self._forgetting = False
        self.clients = Clients(self._gone)
        self.leases = Leases()
        self.questions = SharedQuestions(lambda: self.fleet, self.clients)
        self._states: dict[str, HostState] = {}  # as logged last
        self.lifetime = Lifetime(self._keeping, self._busy)

    def run(self) -> None:
        """Until it is told to stop, or nobody needs it any more."""
        threading.Thread(target=self._accept, name="accept", daemon=True).start()
        log.info("keeper %d of gpuws %s for %s", os.getpid(), __version__, self._home.paths.config_dir)
        while not self._stop.wait(self.lifetime.tick):
            if self.lifetime.should_end(time.time(), self._backend):
                log.info("nobody needs the keeper any more")
                break
        self.close()

    def retire(self, *, forget: bool = False) -> None:
        if forget:
            with self._writing:
                self._forgetting = True
                forget_saved(self._home.tunnels)
                forget_saved(self._home.waits)
            self._forget_watches()
        self._stop.set()

    def _forget_watches(self) -> None:
        if self._backend is not None:
            for watch in self._backend.fleet.watches():
                self._backend.fleet.end_watch(watch.id)

    def close(self) -> None:
        """Give everything back; the tunnels that are kept stay written down."""
        self._stop.set()
        log.info("keeper %d ends", os.getpid())
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # frees the thread that accepts
        self._listener.close()
        self._home.socket.unlink(missing_ok=True)
        if self._backend is not None:
            self._backend.close()
        if self._history is not None:
            self._history.close()
        for connection in self._all():
            connection.close()

    # the fleet

    @property
    def fleet(self) -> Fleet:
        return self.backend.fleet

    @property
    def backend(self) -> Backend:
        """Raises what is wrong with the configuration; asked again, it is read again."""
        with self._making:
            if self._backend is None:
                self._backend = self._make()
                self._history = Recorder(self._home.history, lambda: self._keeping().history)
                self._backend.fleet.subscribe(self._on_event)
                restore(self._backend.fleet, read_tunnels(self._home.tunnels), self._restored)
                self._backend.restore_waits(read_waits(self._home.waits))
                self._backend.keep_tasks(TaskFiles(self._home.tasks))
                self._backend.keep_notices(NoticeFile(self._home.notices))
                self._save_tunnels()
            return self._backend

    def describe(self) -> Description:
        return self.backend.describe()

    def tunnels(self) -> tuple[Tunnel, ...]:
        """With word of which stay when their program ends."""
        return tuple(replace(one, kept=self.leases.kept(one.id)) for one in self.fleet.tunnels())

    def known(self) -> tuple[HostSnapshot, ...]:
        """Without reading a file or dialling anything."""
        backend = self._backend
        return backend.fleet.snapshots() if backend else ()

    def ready(self, hosts: Collection[str], tags: Collection[str]) -> Ready:
        return ready(self.describe(), self.known(), hosts, tags, time.time())

    def entrance(self, verb: Entry, word: str) -> Found | None:
        asking = {question.host for question in self.fleet.questions()}
        return entrance(self.describe(), self.known(), asking, verb, word)

    def connect(self, hosts: Collection[str] | None, *, person: bool) -> None:
        known = [host.name for host in self.backend.describe().hosts]
        self.backend.connect([name for name in known if hosts is None or name in hosts], retry=person)

    def watch(self) -> None:
        self.backend.watch(self.clients.watched())

    def do(self, verb: Verb, given: Given, client: str) -> object:
        """A verb that answers with a value."""
        value = getattr(self.fleet, verb.name)(**given)
        if verb.crossing.lease == "opened":
            self._lease(value, client, keep=given["keep"])
        elif verb.crossing.lease == "closed":
            self.leases.drop(given["tunnel_id"])
            self._save_tunnels()
        log.info("%s for %s", verb.name, client)
        return value

    def _lease(self, tunnel: Tunnel, client: str, *, keep: bool) -> None:
        self.leases.take(tunnel.id, client, keep=keep)
        self._save_tunnels()
        if not keep and client not in self.clients.names():  # it left while this was done
            self._gone(client)

    def adopt(self, environ: Mapping[str, str]) -> None:
        for name in ADOPTED:
            if environ.get(name):
                os.environ[name] = environ[name]

    def condition(self) -> Condition:
        backend = self._backend
        now = time.time()
        return Condition(
            pid=os.getpid(),
            version=__version__,
            config_dir=os.fspath(self._home.paths.config_dir),
            log=os.fspath(self._home.log),
            age=now - self._began,
            clients=len({one.client for one in self._all() if one.needs_keeper}),
            hosts=tuple(s.name for s in backend.fleet.snapshots() if s.state.reached) if backend else (),
            tunnels=self.tunnels() if backend else (),
            ends_in=self.lifetime.ends_in(now, backend),
            waits=backend.fleet.waits() if backend else (),
            watches=tuple(one.label for one in backend.fleet.watches()) if backend else (),
            watched=backend.watched_by_rule() if backend else (),
            capped=backend.capped() if backend else (),
            tasks=written(backend.fleet.tasks() if backend else TaskFiles(self._home.tasks).tasks()),
        )

    # connections

    def others(self, client: str) -> int:
        """How many other programs are connected, and tasks that go on without any."""
        tasks = self._backend.fleet.tasks() if self._backend else ()
        programs = {connection.client for connection in self._all()} - {client, ""}
        return len(programs) + sum(task.running for task in tasks)

    def forget(self, connection: Served) -> None:
        with self._lock:
            self._connections.discard(connection)

    def _all(self) -> list[Served]:
        with self._lock:
            return list(self._connections)

    def _accept(self) -> None:
        while not self._stop.is_set():
            try:
                sock, _ = self._listener.accept()
            except OSError:
                if self._stop.wait(0.1):  # closed, or no descriptors are left for a moment
                    return
                continue
            if _mine(sock):
                self._serve(sock)
            else:
                sock.close()

    def _serve(self, sock: socket.socket) -> None:
        connection = self._serve_one(self, keeper_wire(sock))
        with self._lock:
            full = len(self._connections) >= MOST
            if not full:
                self._connections.add(connection)
        if full:
            log.warning("more than %d connections at once", MOST)
            connection.close()
            return
        threading.Thread(target=connection.run, name="connection", daemon=True).start()

    # own

    def _gone(self, client: str) -> None:
        """A program left: what it alone held ends."""
        backend = self._backend
        if backend is None or client in self.clients.names():
            return
        for tunnel_id in self.leases.end(client):
            try:
                backend.fleet.close_tunnel(tunnel_id)
            except GpuwsError as error:
                log.info("closing a tunnel: %s", error.message)
        self.questions.review()
        self.watch()

    def _on_event(self, event: Event) -> None:
        self.questions.on_event(event)
        if isinstance(event, HostUpdated):
            self._log_state(event.snapshot)
            if self._history is not None:
                self._history.saw(event.snapshot)
        elif isinstance(event, TunnelsChanged):
            self._save_tunnels()
        elif isinstance(event, WaitsChanged):
            self._save_waits()
        elif isinstance(event, HostsChanged) and self._backend is not None:
            self._backend.connect(self.clients.seen(event.names), retry=False)

    def _log_state(self, host: HostSnapshot) -> None:
        """From the thread that brings the change of this host; a line whenever its state is another."""
        if self._states.get(host.name) is not host.state:
            self._states[host.name] = host.state
            log.info("%s: %s%s", host.name, host.state.value, f": {host.error}" if host.error else "")

    def _restored(self, tunnel_id: str) -> None:
        self.leases.take(tunnel_id, "", keep=True)

    def _save_tunnels(self) -> None:
        """Which tunnels a next keeper has to open, whenever that changed."""
        if self._backend is None:
            return
        with self._writing:
            plans = tuple(plan for key, plan in self._backend.tunnel_plans().items() if self.leases.kept(key))
            if plans != self._saved and not (self._forgetting or self._stop.is_set()):
                self._saved = plans
                save(self._home.tunnels, plans)

    def _save_waits(self) -> None:
        """As they are now: of two events at once the older must not be written last, or a launch is done twice."""
        if self._backend is None:
            return
        with self._writing:
            if not (self._forgetting or self._stop.is_set()):
                save(self._home.waits, self._backend.fleet.waits())

    def _keeping(self) -> Keeping:
        return self._backend.keeping if self._backend else Keeping()

    def _busy(self) -> bool:
        return any(connection.needs_keeper for connection in self._all())


def _mine(sock: socket.socket) -> bool:
    try:
        uid = peer_uid(sock)
    except OSError:  # where it left already, some systems tell no more whose it was
        return False
    if uid != os.getuid():
        log.warning("uid %d was turned away", uid)
    return uid == os.getuid()
