"""The Fleet in memory: a small lab whose values move by themselves."""
# ruff: noqa: ARG002 - the protocol's arguments that a simulation has no use for

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from gpuws.fleet.demo import checkup, images, launching
from gpuws.fleet.demo.lab.host import DemoHost
from gpuws.fleet.demo.lab.hosts import Hosts
from gpuws.fleet.demo.lab.machines import HOTEL, ME, PROFILES
from gpuws.fleet.demo.pane import DemoTerminal
from gpuws.fleet.demo.shell import Where, answer
from gpuws.fleet.demo.streams import DemoProcess, LogStream
from gpuws.fleet.events import Event, HostUpdated, Listener, QuestionsChanged
from gpuws.fleet.local.signals import find, forbidden
from gpuws.link.place import Process, Stream, Terminal
from gpuws.model import workspace
from gpuws.model.actions import Action, Signal
from gpuws.model.captured import Difference
from gpuws.model.draft import ProfileDraft
from gpuws.model.entry import Manner, manner, visitable
from gpuws.model.errors import Cancelled, GpuwsError, Refused, TargetError, UsageError
from gpuws.model.history import GpuHistory
from gpuws.model.image import Image
from gpuws.model.kept_wait import KeptWait, WaitOrder
from gpuws.model.logs import LogWindow
from gpuws.model.plan import Check, Plan, Progress, Report, Want
from gpuws.model.profile import GpuWish, Profile, ProfileSummary
from gpuws.model.question import Answer, Question
from gpuws.model.session import NAME, Session
from gpuws.model.snapshot import HostSnapshot
from gpuws.model.target import Found
from gpuws.model.terminal import Completed, Size
from gpuws.model.text import plain
from gpuws.model.trust import Proposal
from gpuws.model.tunnel import Tunnel
from gpuws.model.workspace import PlaceRef, Ref, Workspace

RUNNING = {"start": "running", "restart": "running"}
ENDED = {"stop": "stopped, exited 143", "kill": "stopped, exited 137"}
DEMO_ENVIRONMENT = ["HF_HOME=/cache/huggingface", "HF_TOKEN=hf_madeUpForTheDemo", "CUDA_DEVICE_ORDER=PCI_BUS_ID"]


class DemoFleet:
    """Implements `Fleet`. `tick`: seconds between two moves of the lab, 0: it moves only by `step()`.

    `hosts` limits the lab to these names; `question` adds a host whose key nobody has confirmed yet."""

    def __init__(
        self,
        *,
        seed: int = 1,
        clock: Callable[[], float] = time.time,
        tick: float = 1.0,
        question: bool = False,
        hosts: Sequence[str] | None = None,
        readonly: bool = False,
    ) -> None:
        self._clock, self._tick = clock, tick
        self._lock = threading.RLock()
        self._listeners: list[Listener] = []
        self._stop = threading.Event()
        self._images = images.DemoImages()
        self._profiles: tuple[Profile, ...] = PROFILES
        self._hosts = Hosts(seed, clock, hosts, readonly)
        if question:
            self._hosts.ask(HOTEL)

    # life

    def start(self) -> None:
        if self._tick > 0:
            threading.Thread(target=self._run, name="demo-lab", daemon=True).start()
        self._emit([HostUpdated(s) for s in self.snapshots()])
        if self.questions():
            self._emit([QuestionsChanged(self.questions())])

    def close(self) -> None:
        self._stop.set()

    def _run(self) -> None:
        while not self._stop.wait(self._tick):
            self.step()

    def step(self) -> None:
        """One tick of the lab."""
        with self._lock:
            for host in self._hosts.all():
                self._hosts.step(host)
            events: list[Event] = [HostUpdated(host.snapshot()) for host in self._hosts.all()]
        self._emit(events)

    # what is

    def snapshots(self) -> tuple[HostSnapshot, ...]:
        with self._lock:
            return tuple(host.snapshot() for host in self._hosts.all())

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        with self._lock:
            self._listeners.append(listener)
        return lambda: self._unsubscribe(listener)

    def _unsubscribe(self, listener: Listener) -> None:
        with self._lock:
            self._listeners = [known for known in self._listeners if known is not listener]

    def _emit(self, events: Sequence[Event]) -> None:
        with self._lock:
            listeners = tuple(self._listeners)
        for event in events:
            for listener in listeners:
                listener(event)

    def questions(self) -> tuple[Question, ...]:
        with self._lock:
            return self._hosts.questions()

    def answer(self, question_id: str, answer: Answer | None) -> None:
        with self._lock:
            changed = self._hosts.answer(question_id, answer)
            events: list[Event] = [HostUpdated(changed.snapshot())] if changed else []
            events.append(QuestionsChanged(self._hosts.questions()))
        self._emit(events)

    def reconnect(self, host: str) -> None:
        with self._lock:
            found = self._hosts.get(host)
            self._hosts.reconnect(found)
            events = [HostUpdated(found.snapshot())]
        self._emit(events)

    def candidates(self) -> tuple[str, ...]:
        with self._lock:
            return self._hosts.candidates()

    def add_hosts(self, names: Sequence[str]) -> None:
        with self._lock:
            events = [HostUpdated(self._hosts.add(name).snapshot()) for name in names]
        self._emit(events)

    def watch(self, host: str | None) -> None:
        """Clocks and PCIe are shown of this one only; all else is seen always."""
        with self._lock:
            for one in self._hosts.all():
                one.watched = one.name == host

    def history(self, host: str) -> tuple[GpuHistory, ...]:
        with self._lock:
            return self._hosts.get(host).past()

    def signal(self, host: str, pid: int, signal: Signal) -> None:
        """Every program of the demo ends on any signal."""
        with self._lock:
            found = self._hosts.up(host, writing=True)
            process = find(found.snapshot(), pid)
            if process.container is None and process.user != ME:
                raise forbidden(host, process)
            found.end_process(pid)
            events = [HostUpdated(found.snapshot())]
        self._emit(events)

    def checkup(self, host: str, *, idle_after: float) -> tuple[Check, ...]:
        with self._lock:
            return checkup.examine(self._hosts.get(host).snapshot(), self._clock(), idle_after)

    # workspaces

    def profiles(self) -> tuple[ProfileSummary, ...]:
        return tuple(launching.summary(profile) for profile in self._profiles)

    def save_profile(self, draft: ProfileDraft) -> str:
        with self._lock:
            self._profiles = (*self._profiles, launching.drafted(draft, self._profiles))
        return f"the demo's profile {draft.name}"

    def profile_file(self, name: str) -> str:
        raise Refused("the demo's profiles are not in files", "a new profile can be made, for as long as the demo runs")

    def propose(self, profile: str) -> Proposal:
        raise Refused("the demo's profiles are nobody else's", "there is nothing to accept")

    def accept(self, proposal_id: str) -> None:
        self.propose(proposal_id)

    def plan(self, host: str, profile: str, want: Want) -> Plan:
        with self._lock:
            snapshot = self._hosts.up(host, writing=True).snapshot()
        return launching.make_plan(snapshot, launching.find_profile(profile, self._profiles), want)

    def launch(self, plan: Plan, report: Report, cancel: threading.Event) -> Ref:
        for stage in launching.stages(plan):
            report(stage)
            if cancel.wait(self._tick / 4):
                raise Cancelled(f"the launch of {plan.spec.name} was cancelled")
        with self._lock:
            host = self._hosts.up(plan.host, writing=True)
            if any(c.name == plan.spec.name for c in host.containers.values()):
                raise GpuwsError(f"{plan.host} has a container {plan.spec.name!r}", "choose another name")
            container = launching.container_of(plan, self._clock())
            tmux = plan.spec.profile.tmux
            host.add(container, tmux.session if tmux else None)
            events = [HostUpdated(host.snapshot())]
        self._emit(events)
        report(Progress("done", f"{plan.host}/{plan.spec.name}", 1.0))
        return container.ref

    def act(self, ref: Ref, action: Action, *, force: bool = False, grace: float | None = None) -> None:
        with self._lock:
            host = self._hosts.up(ref.host, writing=True)
            self._change(host, _container(host, ref.id), action, force)
            events = [HostUpdated(host.snapshot())]
        self._emit(events)

    def _change(self, host: DemoHost, container: Workspace, action: Action, force: bool) -> None:
        if action == "remove":
            if container.enterable and not force:
                raise GpuwsError(f"{container.name} is running", "stop it first, or force its removal")
            host.remove(container)
            return
        if action == "kill" and not container.enterable:
            raise GpuwsError(f"{container.name} is not running")
        if container.enterable and action != "start":
            host.end_programs(container)
        if action in RUNNING:
            host.containers[container.id] = replace(
                container, state="running", status="running", actions=workspace.RUNNING, reason=None, failed=False
            )
        elif container.enterable:
            host.containers[container.id] = replace(
                container, state="exited", status="exited", actions=workspace.ENDED, reason=ENDED[action]
            )

    def logs(self, ref: Ref, window: LogWindow) -> Stream:
        with self._lock:
            container = _container(self._hosts.up(ref.host), ref.id)
        return LogStream(container, window, self._clock, self._tick or 1.0)

    def inspect(self, ref: Ref) -> dict[str, object]:
        with self._lock:
            found = _container(self._hosts.up(ref.host), ref.id)
        return {
            "Id": found.id,
            "Name": f"/{found.name}",
            "State": {"Status": found.status, "Running": found.enterable},
            "Config": {"Image": found.oci.image, "Labels": dict(found.labels), "Env": DEMO_ENVIRONMENT},
            "HostConfig": {"Memory": found.memory_limit or 0, "Binds": list(found.oci.mounts)},
        }

    # images

    def images(self, host: str) -> tuple[Image, ...]:
        with self._lock:
            return self._images.of(self._hosts.up(host).snapshot(), self._clock())

    def pull_image(self, host: str, reference: str, report: Report, cancel: threading.Event) -> None:
        with self._lock:
            snapshot = self._hosts.up(host, writing=True).snapshot()
        for step in images.pulling(reference):
            report(step)
            if cancel.wait(self._tick / 4):
                raise Cancelled(f"the pull of {reference} was cancelled")
        with self._lock:
            self._images.add(snapshot, reference, self._clock())
        report(Progress("done", reference, 1.0))

    def remove_image(self, host: str, image_id: str, *, force: bool = False) -> None:
        with self._lock:
            self._images.remove(self._hosts.up(host, writing=True).snapshot(), image_id, self._clock())

    def prune_images(self, host: str) -> int:
        with self._lock:
            return self._images.prune(self._hosts.up(host, writing=True).snapshot(), self._clock())

    def newer_image(self, host: str, reference: str) -> bool | None:
        with self._lock:
            self._images.find(self._hosts.up(host).snapshot(), reference, self._clock())
        return reference == images.UNUSED

    # what to make of a container

    def capture(self, ref: Ref, *, compose: bool = False) -> str:
        with self._lock:
            return images.captured(_container(self._hosts.up(ref.host), ref.id))

    def save_captured(self, ref: Ref, name: str) -> str:
        with self._lock:
            source = _container(self._hosts.up(ref.host), ref.id)
            self._profiles = (*self._profiles, launching.captured(name, source, self._profiles))
        return f"the demo's profile {name}"

    def drift(self, ref: Ref) -> tuple[Difference, ...]:
        with self._lock:
            return images.differences(_container(self._hosts.up(ref.host), ref.id))

    def recreate(self, ref: Ref, report: Report, cancel: threading.Event) -> Ref:
        for stage in ("creating", "stopping", "starting"):
            report(Progress(stage))
            if cancel.wait(self._tick / 4):
                raise Cancelled("cancelled: the container is as it was")
        self.act(ref, "restart")
        return ref

    def plan_clone(self, ref: Ref, host: str, want: Want) -> Plan:
        with self._lock:
            source = _container(self._hosts.up(ref.host), ref.id)
            snapshot = self._hosts.up(host, writing=True).snapshot()
        wish = want.gpus or GpuWish(count=len(source.gpus))
        profile = Profile(source.profile or source.name, image=source.oci.image, mem_limit=source.memory_limit)
        return launching.make_plan(snapshot, profile, replace(want, name=want.name or source.name, gpus=wish))

    # inside

    def run(self, place: PlaceRef, argv: Sequence[str], *, timeout: float = 30.0) -> Completed:
        reply = answer(argv, self._where(place))
        return Completed(reply.status, reply.text.encode())

    def popen(
        self,
        place: PlaceRef,
        argv: Sequence[str],
        *,
        user: str | None = None,
        cwd: str | None = None,
        env: Sequence[str] = (),
    ) -> Process:
        where = self._where(place, user, cwd, env)
        if list(argv) == ["cat"]:
            return DemoProcess(answer(("true",), where), echoes=True)
        return DemoProcess(answer(argv, where))

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
        return DemoTerminal(self._where(place, user, cwd, env), size, argv=tuple(argv))

    def attach(
        self,
        place: PlaceRef,
        session: str | None,
        size: Size,
        *,
        term: str = "xterm-256color",
        how: Manner | None = None,
    ) -> Terminal:
        where, found = self._where(place, writing=False), self._found(place, session)
        how = how or manner(found)
        known = [s for s in where.snapshot.sessions if s.container == where.container]
        named = [s for s in known if session in (s.name, s.id)] if session else known if where.container else []
        if how.look or not how.own:
            visitable(found, how)
            named = named or _unlisted(found)
            if not named:
                raise TargetError(f"no tmux session in {found.label}", "gpuws shell opens a shell there")
            return DemoTerminal(where, size, session=named[0], look=how.look)
        self._where(place)  # refused where nothing may be changed
        if session is None:
            return DemoTerminal(where, size, session=named[0] if named else None)
        return DemoTerminal(where, size, session=named[0] if named else self._make_session(place, session))

    def _found(self, place: PlaceRef, session: str | None) -> Found:
        with self._lock:
            host = self._hosts.up(place.host, writing=False)
            return Found(host.snapshot(), _container(host, place.workspace) if place.workspace else None, session)

    def _where(
        self,
        place: PlaceRef,
        user: str | None = None,
        cwd: str | None = None,
        env: Sequence[str] = (),
        *,
        writing: bool = True,
    ) -> Where:
        with self._lock:
            host = self._hosts.up(place.host, writing=writing)
            inside = _container(host, place.workspace) if place.workspace else None
            if inside and not inside.enterable:
                raise GpuwsError(f"{inside.name} is not running", f"gpuws start {place.host}/{inside.name}")
            return Where(host.snapshot(), inside.name if inside else None, user or ME, cwd, tuple(env))

    def new_session(self, place: PlaceRef, name: str) -> None:
        self._make_session(place, name)

    def _make_session(self, place: PlaceRef, name: str) -> Session:
        where = self._where(place)
        if not NAME.match(name):
            raise UsageError(f"{name!r} can't name a tmux session", "no dots, colons or leading dash")
        with self._lock:
            host = self._hosts.up(place.host)
            if any(s.name == name and s.container == where.container for s in host.sessions):
                raise GpuwsError(f"{where.hostname} has a session {name!r}")
            made = host.open_session(name, where.container)
            events = [HostUpdated(host.snapshot())]
        self._emit(events)
        return made

    def kill_session(self, place: PlaceRef, name: str) -> None:
        where = self._where(place)
        with self._lock:
            host = self._hosts.up(place.host)
            kept = [s for s in host.sessions if name not in (s.name, s.id) or s.container != where.container]
            if len(kept) == len(host.sessions):
                raise TargetError(f"no session {name!r} on {where.hostname}", "see gpuws tmux ls")
            host.sessions = kept
            events = [HostUpdated(host.snapshot())]
        self._emit(events)

    def dial_engine(self, host: str) -> Stream:
        raise Refused("the demo has no engine that programs could reach")

    # waits

    def begin_wait(self, order: WaitOrder, environ: Mapping[str, str]) -> KeptWait:
        raise Refused("nothing outlives the demo, no wait either")

    def cancel_wait(self, wait_id: str) -> None:
        """None ever goes on."""

    def waits(self) -> tuple[KeptWait, ...]:
        return ()

    # tunnels

    def open_tunnel(self, place: PlaceRef, port: int, local_port: int | None = None, *, keep: bool = True) -> Tunnel:
        raise Refused("the demo opens no ports")

    def open_jupyter(self, place: PlaceRef, local_port: int | None = None, *, keep: bool = True) -> Tunnel:
        raise Refused("the demo opens no ports")

    def close_tunnel(self, tunnel_id: str) -> None:
        """None is ever open."""

    def tunnels(self) -> tuple[Tunnel, ...]:
        return ()


def _unlisted(found: Found) -> list[Session]:
    """In somebody else's container: what runs on its GPUs, in a session of which nothing was listed."""
    if found.container is None or found.suffix not in (None, "main"):
        return []
    running = (process for gpu in found.snapshot.gpus for process in gpu.processes)
    inside = (one.command for one in running if one.container == found.container.name and one.command)
    return [Session("main", command=plain(command, 40)) for command in inside][:1]


def _container(host: DemoHost, container_id: str) -> Workspace:
    try:
        return host.containers[container_id]
    except KeyError:
        raise TargetError(f"no container {container_id[:12]} on {host.name}", "see gpuws ps -a") from None
