"""The fleet that does it itself: one supervisor per host, in this program.

Hosts are dialled as soon as this is loaded: what only a verb needs is loaded by that verb."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from gpuws.fleet.events import HostUpdated, Listener, QuestionsChanged, TunnelsChanged, WaitsChanged
from gpuws.fleet.local.host.supervisor import Supervisor
from gpuws.fleet.local.inside import Insides, read_only
from gpuws.fleet.local.open_tunnels import Tunnels
from gpuws.fleet.local.questions import Questions
from gpuws.fleet.publisher import Hub
from gpuws.model.actions import Action, Signal
from gpuws.model.errors import GpuwsError, Refused, TargetError, Unreachable
from gpuws.model.machine import acquainted, machine_of
from gpuws.model.workspace import PlaceRef, Ref, Workspace

if TYPE_CHECKING:
    from gpuws.engines.base import Site
    from gpuws.fleet.local.dependencies import Connector, InventorySource, ProfileDesk, ProfileSource, TrustDesk
    from gpuws.fleet.local.wait_queue import KeptWaits
    from gpuws.link.place import Process, Stream, Terminal
    from gpuws.model.captured import Difference
    from gpuws.model.draft import ProfileDraft
    from gpuws.model.entry import Manner
    from gpuws.model.history import GpuHistory
    from gpuws.model.host import Host
    from gpuws.model.image import Image
    from gpuws.model.kept_wait import KeptWait, WaitOrder
    from gpuws.model.logs import LogWindow
    from gpuws.model.plan import Check, Plan, Report, Want
    from gpuws.model.profile import ProfileSummary
    from gpuws.model.question import Answer, Question
    from gpuws.model.reading import Machine
    from gpuws.model.settings import Settings
    from gpuws.model.snapshot import HostSnapshot
    from gpuws.model.terminal import Completed, Size
    from gpuws.model.trust import Proposal
    from gpuws.model.tunnel import Tunnel

YOUNG = 300.0  # seconds: a container this new may still be starting its notebook server


class LocalFleet:
    """Implements `Fleet` over SSH and Docker. `environ` answers what profiles take from the caller."""

    def __init__(
        self,
        hosts: Sequence[Host],
        settings: Settings,
        connector: Connector,
        profiles: ProfileSource,
        inventory: InventorySource,
        desk: ProfileDesk,
        trust: TrustDesk,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self._settings = settings
        self._connector = connector
        self._profiles = profiles
        self._inventory = inventory
        self._desk = desk
        self._trust = trust
        self._environ = environ
        self._hub = Hub()
        self._questions = Questions(lambda pending: self._hub.publish(QuestionsChanged(pending)))
        self._insides = Insides(self._supervisor)
        self._tunnels = Tunnels(
            self._insides.dial, self._reachable, lambda tunnels: self._hub.publish(TunnelsChanged(tunnels))
        )
        self._waits: KeptWaits | None = None
        self._making_waits = threading.Lock()
        self._names: dict[Machine, set[str]] = {}  # by which a machine was ever known; some may be another's by now
        self._supervisors: dict[str, Supervisor] = {}
        self._supervisors = {host.name: self._supervise(host) for host in hosts}
        self._started = False

    def start(self) -> None:
        self._started = True
        for supervisor in self._supervisors.values():
            supervisor.start()

    def close(self) -> None:
        self._questions.close()
        if self._waits is not None:
            self._waits.close()
        self._tunnels.close_all()
        for supervisor in self._supervisors.values():
            supervisor.close()
        self._connector.close()

    # what is

    def snapshots(self) -> tuple[HostSnapshot, ...]:
        return tuple(supervisor.snapshot for supervisor in self._supervisors.values())

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        return self._hub.subscribe(listener)

    def questions(self) -> tuple[Question, ...]:
        return self._questions.pending()

    def answer(self, question_id: str, answer: Answer | None) -> None:
        self._questions.answer(question_id, answer)

    def reconnect(self, host: str) -> None:
        self._supervisor(host).reconnect()

    def candidates(self) -> tuple[str, ...]:
        return tuple(name for name in self._inventory.candidates() if name not in self._supervisors)

    def add_hosts(self, names: Sequence[str]) -> None:
        for host in self._inventory.add(names):
            if host.name not in self._supervisors:
                self._supervisors = {**self._supervisors, host.name: self._supervise(host)}
                if self._started:
                    self._supervisors[host.name].start()

    def watch(self, host: str | None) -> None:
        self.watch_all({host} if host else set())

    def watch_all(self, hosts: Collection[str]) -> None:
        """As `watch`, for several who look."""
        for name, supervisor in self._supervisors.items():
            supervisor.watch(name in hosts)

    def history(self, host: str) -> tuple[GpuHistory, ...]:
        return self._supervisor(host).history()

    def signal(self, host: str, pid: int, signal: Signal) -> None:
        from gpuws.fleet.local import signals

        signals.send(self._supervisor(host), pid, signal)

    def checkup(self, host: str, *, idle_after: float) -> tuple[Check, ...]:
        from gpuws.fleet.local import checkup

        return checkup.examine(self._supervisor(host), self._hub, idle_after)

    # workspaces

    def profiles(self) -> tuple[ProfileSummary, ...]:
        return self._profiles.summaries()

    def save_profile(self, draft: ProfileDraft) -> str:
        return str(self._desk.save(draft))

    def profile_file(self, name: str) -> str:
        return str(self._desk.file_to_edit(name))

    def propose(self, profile: str) -> Proposal:
        return self._trust.propose(profile)

    def accept(self, proposal_id: str) -> None:
        self._trust.accept(proposal_id)

    def plan(self, host: str, profile: str, want: Want) -> Plan:
        supervisor = self._supervisor(host)
        engine, site = supervisor.engine(), self._site(host)
        there = replace(supervisor.host, user=supervisor.host.user or site.facts.login)  # ${user} in a profile
        environ = want.environ or self._environ
        recipe = self._profiles.load(profile, there, overrides=want.overrides, environ=environ)
        return engine.plan(recipe, want, site)

    def launch(self, plan: Plan, report: Report, cancel: threading.Event) -> Ref:
        supervisor = self._writable(plan.host)

        def recheck() -> None:
            _still_free(plan, supervisor.snapshot)

        recheck()
        try:
            return Ref(plan.host, supervisor.engine().launch(plan, report, cancel, recheck))
        finally:
            supervisor.refresh()

    def act(self, ref: Ref, action: Action, *, force: bool = False, grace: float | None = None) -> None:
        supervisor = self._writable(ref.host)
        engine = supervisor.engine()
        verbs: dict[Action, Callable[[], None]] = {
            "start": lambda: engine.start(ref.id),
            "stop": lambda: engine.stop(ref.id, grace),
            "restart": lambda: engine.restart(ref.id, grace),
            "kill": lambda: engine.kill(ref.id),
            "remove": lambda: engine.remove(ref.id, force),
        }
        try:
            verbs[action]()
        finally:
            supervisor.refresh()

    def logs(self, ref: Ref, window: LogWindow) -> Stream:
        return self._supervisor(ref.host).engine().logs(ref.id, window)

    def inspect(self, ref: Ref) -> dict[str, object]:
        return self._supervisor(ref.host).engine().inspect(ref.id)

    # images

    def images(self, host: str) -> tuple[Image, ...]:
        return tuple(self._supervisor(host).engine().images())

    def pull_image(self, host: str, reference: str, report: Report, cancel: threading.Event) -> None:
        self._writable(host).engine().pull_image(reference, report, cancel)

    def remove_image(self, host: str, image_id: str, *, force: bool = False) -> None:
        self._writable(host).engine().remove_image(image_id, force)

    def prune_images(self, host: str) -> int:
        return self._writable(host).engine().prune_images()

    def newer_image(self, host: str, reference: str) -> bool | None:
        return self._supervisor(host).engine().newer_image(reference)

    # what to make of a container

    def capture(self, ref: Ref, *, compose: bool = False) -> str:
        from gpuws.fleet.local import recipes

        return recipes.capture(self._supervisor(ref.host), self._site(ref.host), ref, compose=compose)

    def save_captured(self, ref: Ref, name: str) -> str:
        return str(self._desk.save_text(name, self.capture(ref)))

    def drift(self, ref: Ref) -> tuple[Difference, ...]:
        from gpuws.fleet.local import recipes

        supervisor, site = self._supervisor(ref.host), self._site(ref.host)
        return recipes.drift(supervisor, site, ref, self._profiles, self._environ)

    def recreate(self, ref: Ref, report: Report, cancel: threading.Event) -> Ref:
        from gpuws.fleet.local import recipes

        return recipes.recreate(self._writable(ref.host), ref, report, cancel)

    def plan_clone(self, ref: Ref, host: str, want: Want) -> Plan:
        from gpuws.fleet.local import recipes

        want = replace(want, environ=want.environ or self._environ)
        source, target = self._supervisor(ref.host), self._supervisor(host)
        return recipes.plan_clone(source, self._site(ref.host), ref, target, self._site(host), want)

    # inside

    def run(self, place: PlaceRef, argv: Sequence[str], *, timeout: float = 30.0) -> Completed:
        return self._insides.run(place, argv, timeout)

    def popen(
        self,
        place: PlaceRef,
        argv: Sequence[str],
        *,
        user: str | None = None,
        cwd: str | None = None,
        env: Sequence[str] = (),
    ) -> Process:
        return self._insides.popen(place, argv, user, cwd, env)

    def interactive(
        self,
        place: PlaceRef,
        argv: Sequence[str],
        size: Size,
        *,
        term: str = "xterm-256color",
        user: str | None = None,
        cwd: str | None = None,
        env: Sequence[str] = (),
    ) -> Terminal:
        return self._insides.interactive(place, argv, size, term, user, cwd, env)

    def attach(
        self,
        place: PlaceRef,
        session: str | None,
        size: Size,
        *,
        term: str = "xterm-256color",
        how: Manner | None = None,
    ) -> Terminal:
        return self._insides.attach(place, session, size, term, how)

    def new_session(self, place: PlaceRef, name: str) -> None:
        self._insides.new_session(place, name)

    def kill_session(self, place: PlaceRef, name: str) -> None:
        self._insides.kill_session(place, name)

    def dial_engine(self, host: str) -> Stream:
        return self._writable(host).engine().dial()

    # tunnels

    def open_tunnel(self, place: PlaceRef, port: int, local_port: int | None = None, *, keep: bool = True) -> Tunnel:  # noqa: ARG002 - all end with this program
        self._reachable_or_raise(place)
        from gpuws.model.tunnel import TunnelTarget

        return self._tunnels.open(TunnelTarget(place, self._label(place), port), local_port)

    def open_jupyter(self, place: PlaceRef, local_port: int | None = None, *, keep: bool = True) -> Tunnel:  # noqa: ARG002
        from gpuws.fleet.local.notebooks import PATIENCE, open_jupyter

        self._reachable_or_raise(place)
        container = self._container(place)
        created = container.created if container else None
        young = created is not None and time.time() - created < YOUNG
        patience = PATIENCE if young else 2.0
        return open_jupyter(self._insides, self._tunnels, place, self._label(place), local_port, patience)

    def close_tunnel(self, tunnel_id: str) -> None:
        self._tunnels.close(tunnel_id)

    def tunnels(self) -> tuple[Tunnel, ...]:
        return self._tunnels.list()

    # waits

    def begin_wait(self, order: WaitOrder, environ: Mapping[str, str]) -> KeptWait:
        return self._kept_waits().begin(order, environ)

    def cancel_wait(self, wait_id: str) -> None:
        self._kept_waits().cancel(wait_id)

    def waits(self) -> tuple[KeptWait, ...]:
        return self._waits.list() if self._waits is not None else ()

    # own

    def _kept_waits(self) -> KeptWaits:
        from gpuws.fleet.local.wait_queue import KeptWaits

        with self._making_waits:
            if self._waits is None:
                self._waits = KeptWaits(self, lambda waits: self._hub.publish(WaitsChanged(waits)))
            return self._waits

    def _supervise(self, host: Host) -> Supervisor:
        return Supervisor(
            host,
            self._settings,
            self._connector,
            self._questions,
            lambda snapshot: self._hub.publish(HostUpdated(snapshot)),
            self._acquainted,
        )

    def _acquainted(self, snapshot: HostSnapshot) -> HostSnapshot:
        """It takes no lock, as each change of any host comes by: what the others told last is read as it stands."""
        names: set[str] = set()
        if machine := machine_of(snapshot):
            names = self._names.setdefault(machine, names)
            names.add(snapshot.name)
        told = (one.told for name, one in self._supervisors.items() if name in names) if len(names) > 1 else ()
        return acquainted(snapshot, told, strict=self._connector.readonly_elsewhere(snapshot.name))

    def _supervisor(self, host: str) -> Supervisor:
        if host not in self._supervisors:
            raise TargetError(f"no host {host!r}", "known hosts: " + (", ".join(self._supervisors) or "none"))
        return self._supervisors[host]

    def _site(self, host: str) -> Site:
        """What planning must know of `host`; GpuwsError before it has told."""
        from gpuws.engines.base import Site
        from gpuws.model.owed import shortfall

        supervisor = self._supervisor(host)
        snapshot = supervisor.snapshot
        if snapshot.facts is None:
            raise Unreachable(f"{host} has not told yet who you are there", "try again in a moment")
        return Site(
            replace(supervisor.host, readonly=supervisor.readonly),
            snapshot.facts,
            snapshot.gpus,
            snapshot.me.owner,
            self._settings.workstation,
            snapshot.driver,
            snapshot.cuda,
            shortfall(snapshot, frozenset({"telemetry"})),
        )

    def _writable(self, host: str) -> Supervisor:
        supervisor = self._supervisor(host)
        if supervisor.readonly:
            raise read_only(host)
        return supervisor

    def _reachable(self, host: str) -> bool:
        try:
            self._supervisor(host).link()
        except GpuwsError:
            return False
        return True

    def _reachable_or_raise(self, place: PlaceRef) -> None:
        supervisor = self._supervisor(place.host)
        supervisor.link()
        if place.workspace is None and supervisor.readonly:
            raise read_only(place.host, "tunnels to its containers are allowed")

    def _container(self, place: PlaceRef) -> Workspace | None:
        containers = self._supervisor(place.host).snapshot.workspaces
        return next((c for c in containers if c.id == place.workspace), None)

    def _label(self, place: PlaceRef) -> str:
        if place.workspace is None:
            return place.host
        container = self._container(place)
        return f"{place.host}/{container.name if container else place.workspace[:12]}"


def _still_free(plan: Plan, snapshot: HostSnapshot) -> None:
    """Time passed since the plan: GPUs that were free then must be free now; the others were taken knowingly."""
    from gpuws.model.placement import lost

    if taken := lost(plan, snapshot.gpus):
        raise Refused(f"{plan.host}: taken since it was planned: {'; '.join(taken)}", "plan again")
