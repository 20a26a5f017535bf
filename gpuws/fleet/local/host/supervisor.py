"""One host: connect, serve, lose, come back. A slow or dead host costs the others nothing."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Literal

from gpuws.fleet.local.host.backoff import Crowd, Retries
from gpuws.fleet.local.host.snapshot_builder import SnapshotBuilder
from gpuws.fleet.local.shared.dependencies import Connector
from gpuws.fleet.local.shared.questions import Questions
from gpuws.fleet.local.shared.stops import Stops
from gpuws.link.place import Link
from gpuws.model.errors import (
    AuthFailed,
    Blocked,
    GpuwsError,
    HostError,
    HostKeyChanged,
    HostKeyUnknown,
    NeedsPerson,
    Silent,
    TurnedAway,
    Unreachable,
)
from gpuws.model.host.host import Host, HostState
from gpuws.model.host.question import Answer, Question
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.settings import Settings
from gpuws.model.timeline import Subject, Timeline, Window

if TYPE_CHECKING:
    from gpuws.engines.base import Engine
    from gpuws.fleet.local.host.services import Heard, Services
    from gpuws.jupyter.kernels import Reached
    from gpuws.model.host.busiest import LoadTold
    from gpuws.model.workspace.usage import Counters

log = logging.getLogger(__name__)
TICK = 1.0  # seconds between looks at the age of what is shown
SOON = 0.01  # seconds after what is shown is old, until that is told


Command = Literal["reconnect", "hurry", "again", "lost", "rest", "wake", "stop"]

_STATES: dict[type[GpuwsError], HostState] = {
    AuthFailed: HostState.AUTH_FAILED,
    HostKeyChanged: HostState.HOST_KEY_CHANGED,
    HostKeyUnknown: HostState.ASKING,
    NeedsPerson: HostState.ASKING,
    Blocked: HostState.BLOCKED,
}


class Supervisor:
    """A daemon thread with a mailbox. All other threads of a host are started and ended by it.

    `acquainted` adds what the fleet knows of the same machine by other names; it must return at once. `at_hand`:
    notebook servers of a host, by its name, whose tokens are known already. `crowd`: shared with the other hosts."""

    def __init__(
        self,
        host: Host,
        settings: Settings,
        connector: Connector,
        questions: Questions,
        publish: Callable[[HostSnapshot], None],
        acquainted: Callable[[HostSnapshot], HostSnapshot],
        at_hand: Callable[[str], Sequence[Reached]] = lambda _: (),
        crowd: Crowd | None = None,
        stops: Stops | None = None,
    ) -> None:
        self.host = host
        self._connector = connector
        self._questions = questions
        self._acquainted = acquainted
        self._at_hand = at_hand
        self._stops = stops or Stops()
        self._builder = SnapshotBuilder(host, settings, lambda snapshot: publish(acquainted(snapshot)))
        self._mailbox: queue.SimpleQueue[tuple[Command, int]] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._link: Link | None = None
        self._services: Services | None = None
        self._watched = False
        self._listening: frozenset[Heard] = frozenset()
        self._watching = threading.Lock()  # whoever looks from now on is not missed by services that are just beginning
        self._started = False
        self._resting = False
        self._retries = Retries(crowd)
        self._alone_until = 0.0  # monotonic: it wants no attempt before
        self._person = False  # somebody asked for the next attempt, so it may ask them again
        self._refusal: HostError | None = None  # the last attempt ended so
        self._attempt = 0

    @property
    def told(self) -> HostSnapshot:
        """What this host says by itself."""
        return self._builder.snapshot

    @property
    def snapshot(self) -> HostSnapshot:
        """The same, with what is known of its machine by other names."""
        return self._acquainted(self._builder.snapshot)

    @property
    def readonly(self) -> bool:
        return self.snapshot.readonly

    def history(self, subject: Subject, window: Window) -> Timeline:
        return self._builder.history(subject, window)

    @property
    def started(self) -> bool:
        return self._started

    @property
    def linked(self) -> bool:
        """Its link is up, as far as is known here."""
        link = self._link
        return link is not None and link.alive

    @property
    def listing(self) -> bool:
        """The list of its workspaces follows what happens there."""
        return self.linked and not self._resting

    @property
    def needed_human(self) -> bool:
        """A person answered a question for the link that is up now, or for a jump host's before it."""
        link = self._link
        return link is not None and link.alive and link.needed_human

    def start(self, *, person: bool = False) -> None:
        """`person`: somebody wants just this, and may be asked again who was before."""
        self._started, self._person = True, person
        threading.Thread(target=self._run, name=f"host {self.host.name}", daemon=True).start()

    def wake(self, *, retry: bool) -> None:
        """Somebody wants to see this host. `retry`: also where a login was refused, unless that would ask a person
        again: that takes more than looking."""
        if not self._started:
            self.start()
            return
        resting, self._resting = self._resting, False
        link = self._link
        if resting and link is not None and link.alive:
            self._builder.forget()
            self._mailbox.put(("wake", 0))
        elif self._failed(retry):
            self._builder.set_status(state=HostState.CONNECTING, error=None, remedy="", retry_at=None)
            self._mailbox.put(("reconnect", 0))

    def hurry(self) -> None:
        """Somebody waits for this host, as traffic through a tunnel does: it is tried at once, and then often for as
        long as this is said again. Of no effect while its link is up, or where only a person leads on; returns at
        once."""
        if not self._started:
            self.start()
        if self._retries.want() and not self.linked:
            self._mailbox.put(("hurry", 0))

    def again(self) -> None:
        """The network is another, or this machine woke: what is awaited in vain is tried again, in turn with the other
        hosts. Of no effect while its link is up, or where only a person leads on; returns at once."""
        if self._started and not self.linked:
            self._mailbox.put(("again", 0))

    def rest(self) -> None:
        """Nobody looks: keep the link, read nothing over it."""
        self._resting = True
        self._mailbox.put(("rest", 0))

    def use(self, host: Host, settings: Settings) -> None:
        """A changed configuration that needs no other link."""
        self.host = host
        self._builder.use(host, settings)

    def close(self) -> None:
        """Returns at once; nothing is waited for."""
        self._stopping.set()
        self._questions.withdraw(self.host.name)
        self._mailbox.put(("stop", 0))
        self._end_services()
        self._drop_link()

    def reconnect(self) -> None:
        """Somebody wants it now. Of a host that is away this is said by what waits for it, too: there nothing is
        dialled that asks a person."""
        self._questions.withdraw(self.host.name)
        self._mailbox.put(("reconnect", int(self.told.state is not HostState.DOWN)))

    def logged_in(self, where: Hashable) -> None:
        """Somebody is logged in there: go on if that is what this host waited for; returns at once."""
        refusal = self._refusal
        if refusal is not None and refusal.login == where:
            self._mailbox.put(("reconnect", 0))

    def watch(self, on: bool) -> None:
        """Somebody looks at this host, or nobody does any more: while it is away it is tried often; returns at once."""
        if self._retries.look(on) and not self.linked:
            self._mailbox.put(("hurry", 0))
        with self._watching:
            self._watched = on
            if self._services is not None:
                self._services.watch(on)

    def listen(self, to: frozenset[Heard]) -> None:
        """Somebody is to be told of these; returns at once."""
        with self._watching:
            if to != self._listening and self._services is not None:
                self._services.listen(to)
            self._listening = to

    def look_closely(self, on: bool) -> None:
        """Read what is read of GPUs only for somebody who looks, whether or not anybody watches; returns at once."""
        if self._services is not None:
            self._services.look_closely(on or self._watched)

    def busiest(self) -> LoadTold:
        """`Services.busiest`; `Unreachable` while there is no link."""
        self.link()
        if self._services is None:
            raise Unreachable(f"{self.host.name} is not connected yet")
        return self._services.busiest()

    def usage(self, ids: Sequence[str]) -> tuple[Counters, ...]:
        """`Services.usage`; `Unreachable` while there is no link."""
        self.link()
        if self._services is None:
            raise Unreachable(f"{self.host.name} is not connected yet")
        return self._services.usage(ids)

    def refresh(self) -> None:
        """`Services.refresh`."""
        if self._services is not None:
            self._services.refresh()

    def list_again(self, since: float) -> None:
        """`Services.list_again`; `Unreachable` where the engine does not answer."""
        self.engine()
        if self._services is None or not self._services.list_again(since):
            engine = self.snapshot.engine
            raise Unreachable(
                f"{self.host.name}: {(engine and engine.error) or 'its container engine does not answer'}"
            )

    def refresh_sessions(self, workspace: str | None) -> None:
        """`Services.refresh_sessions`."""
        if self._services is not None:
            self._services.refresh_sessions(workspace)

    def read_sessions(self) -> bool:
        """`Services.read_sessions`."""
        return self._services is not None and self._services.read_sessions()

    def read_notebooks(self) -> bool:
        """`Services.read_notebooks`."""
        return self._services is not None and self._services.read_notebooks()

    def home_of(self, kernel: str) -> Reached | None:
        """`Services.home_of`."""
        return self._services.home_of(kernel) if self._services is not None else None

    def link(self) -> Link:
        """The live link; `Unreachable` with the reason while there is none."""
        link = self._link
        if link is not None and link.alive:
            return link
        snapshot = self.snapshot
        raise Unreachable(
            f"{self.host.name} is {snapshot.state}: {snapshot.error or snapshot.phase or 'not connected yet'}",
            snapshot.remedy,
        )

    def engine(self, workspace: str | None = None) -> Engine:
        """The host's engines as one, or the one that keeps `workspace` (id); GpuwsError with the reason where there is
        none."""
        self.link()
        if self._services is None:
            raise Unreachable(f"{self.host.name} is not connected yet")
        return self._services.engine(workspace)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._await_turn()
            link = self._connect()
            if link is not None:
                self._serve(link)
        self._retries.afresh()

    def _await_turn(self) -> None:
        """Where nobody waits for it: a lab that went comes back one by one."""
        begin = time.monotonic() + self._retries.turn()
        while (left := begin - time.monotonic()) > 0 and self._sleep(left) == "again":
            continue

    def _connect(self) -> Link | None:
        self._builder.next_generation()
        if not self.snapshot.complete and not self._retries.hurried:
            self._builder.set_status(state=HostState.CONNECTING)
        self._builder.set_status(phase="connecting", retry_at=None)
        self._refusal = None
        person, self._person = self._person, False
        try:
            return self._attempted(person=person)
        except GpuwsError as error:
            self._refused(error)
        except Exception as error:  # a bug must cost this host its connection, never the thread
            log.exception("connecting to %s", self.host.name)
            self._refused(
                Unreachable(f"{self.host.name}: connecting failed in a way gpuws does not understand: {error}")
            )
        return None

    def _attempted(self, *, person: bool) -> Link:
        """What it asks nobody needs to answer once it is over."""
        attempt = self._attempt
        try:
            return self._connector.connect(
                self.host,
                lambda question: self._ask(question, attempt),
                self._phase,
                person=person,
                hurried=self._retries.hurried,
            )
        finally:
            self._attempt += 1
            self._questions.withdraw(self.host.name)

    def _refused(self, error: GpuwsError) -> None:
        """Only what was not refused by anybody is tried again by itself."""
        if isinstance(error, HostError):
            self._refusal = error
        state = next((s for kind, s in _STATES.items() if isinstance(error, kind)), HostState.DOWN)
        message = error.message.removeprefix(f"{self.host.name}: ")  # the row names the host already
        status = {"state": state, "phase": "", "error": message, "remedy": error.remedy}
        if isinstance(error, Unreachable):
            firm = error.wait if isinstance(error, TurnedAway) else 0.0
            wait = max(self._retries.failed(silent=isinstance(error, Silent)), firm)
            self._alone_until = time.monotonic() + firm
            self._builder.set_status(**status, retry_at=time.time() + wait)
            self._sleep(wait, firm=firm)
        else:
            self._builder.set_status(**status, retry_at=None)
            known = error.known if isinstance(error, HostError) else None
            self._until(known) if known is not None else self._sleep(None)

    def _serve(self, link: Link) -> None:
        self._retries.afresh()
        while not self._mailbox.empty():  # what was wanted until now
            self._mailbox.get()
        generation = self._builder.generation
        if self._stopping.is_set():
            link.close()
            return
        self._link = link
        link.on_lost(lambda reason: self._lost(link, generation, reason))
        facts = link.facts()
        backend, why = (facts.backend, facts.why) if facts else ("", "")
        greeting, besides = (facts.told, facts.besides) if facts else ((), ())
        status = {"state": HostState.UP, "phase": "", "error": None, "remedy": "", "latency": link.latency}
        self._builder.set_status(**status, backend=backend, backend_why=why, greeting=greeting, besides=besides)
        if not self._resting:
            self._begin_services(link, generation)
        command = self._watch_over(link, generation)
        self._person = command == "reconnect"
        self._end_services()
        self._drop_link()
        if command == "lost":
            self._retries.lost()

    def _watch_over(self, link: Link, generation: int) -> Command:
        old: float | None = None  # seconds until what is shown is
        while True:
            try:
                command, sender = self._mailbox.get(timeout=TICK if old is None else min(TICK, old + SOON))
            except queue.Empty:
                if link.latency != self.snapshot.latency:
                    self._builder.set_status(latency=link.latency)
                old = self._builder.check_age(time.time())
                continue
            if command == "rest":
                self._end_services()
            elif command == "wake":
                self._begin_services(link, generation)
            elif command not in ("hurry", "again") and (command != "lost" or sender == generation):
                return command

    def _lost(self, link: Link, generation: int, reason: str) -> None:
        if self._link is not link:  # closed by us
            return
        if not self._stopping.is_set():
            self._builder.set_status(state=HostState.STALE, error=f"link lost: {reason}", phase="reconnecting")
        self._mailbox.put(("lost", generation))

    def _sleep(self, seconds: float | None, *, firm: float = 0.0) -> Command | None:
        """Until the time is up (None), or something happened for which it is to be tried now. `firm`: seconds in which
        only a person ends it."""
        deadline = None if seconds is None else time.monotonic() + seconds
        earliest = time.monotonic() + firm
        while not self._stopping.is_set():
            try:
                command, said = self._mailbox.get(
                    timeout=None if deadline is None else max(deadline - time.monotonic(), 0.01)
                )
            except queue.Empty:
                return None
            if command in ("hurry", "again") and deadline is not None:
                if command == "again":
                    self._retries.again()
                if time.monotonic() >= earliest:
                    return command  # why it is away stays to be seen until it is up
                deadline = earliest
            if command in ("reconnect", "stop"):
                self._person = bool(said)
                self._retries.afresh()
                self._builder.set_status(state=HostState.CONNECTING, error=None, remedy="", retry_at=None)
                return command
        return None

    def _until(self, known: Callable[[], bool]) -> None:
        """A person says so, or the host key that was refused is known now: then nobody is asked."""
        while not self._stopping.is_set():
            if self._sleep(TICK, firm=TICK) in ("reconnect", "stop"):
                return
            if known():
                self._builder.set_status(state=HostState.CONNECTING, error=None, remedy="", retry_at=None)
                return

    def _begin_services(self, link: Link, generation: int) -> None:
        """They are loaded now, while sshd sets up the session."""
        from gpuws.fleet.local.host.services import Services

        tell = partial(self._builder.change, generation)
        self._services = Services(
            self.host, link, tell, lambda: self.snapshot, lambda: self._at_hand(self.host.name), self._stops
        )
        self._services.start()
        with self._watching:
            self._services.watch(self._watched)
            self._services.listen(self._listening)

    def _end_services(self) -> None:
        """The last ones stay at hand: a host that rests still answers verbs."""
        if self._services is not None:
            self._services.close()

    def _drop_link(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            link.close()

    def _failed(self, retry: bool) -> bool:
        """It waits for a time, or for a person who does not have to be asked again."""
        if self.snapshot.state is HostState.DOWN:
            return retry or time.monotonic() >= self._alone_until
        refusal = self._refusal
        if refusal is not None and refusal.known is not None and refusal.known():
            return True
        return retry and refusal is not None and not refusal.asks

    def _phase(self, phase: str) -> None:
        self._builder.set_status(phase=phase)

    def _ask(self, question: Question, attempt: int) -> Answer | None:
        before = self.snapshot
        self._builder.set_status(state=HostState.ASKING, phase="waiting for you")
        answer = self._questions.ask(self.host.name, replace(question, host=self.host.name))
        if attempt == self._attempt:
            self._builder.set_status(state=before.state, phase=before.phase)
        return answer
