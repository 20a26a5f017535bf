"""The keeper's fleet, as the programs of the user see it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec

from gpuws.fleet.publisher import Hub
from gpuws.keeper.client.door import Door, good
from gpuws.keeper.client.leased_tunnels import Borrowed
from gpuws.keeper.client.view import View
from gpuws.keeper.wire.framing import Wire, encode
from gpuws.keeper.wire.messages import Call, Cancel, FromKeeper, Message, Progressed, Reconnect, Result
from gpuws.model.entry import Manner
from gpuws.model.errors import Cancelled, GpuwsError
from gpuws.quick.connection import Connection, Opened
from gpuws.quick.failures import keeper_ended
from gpuws.quick.framing import Broken
from gpuws.quick.streams import CarriedProcess, CarriedStream, CarriedTerminal

if TYPE_CHECKING:  # commands that only look start without what the others need
    from gpuws.fleet.base import Action, Listener, Process, Signal, Stream, Terminal
    from gpuws.model.captured import Difference
    from gpuws.model.draft import ProfileDraft
    from gpuws.model.history import GpuHistory
    from gpuws.model.image import Image
    from gpuws.model.kept_wait import KeptWait, WaitOrder
    from gpuws.model.logs import LogWindow
    from gpuws.model.plan import Check, Plan, Progress, Report, Want
    from gpuws.model.profile import ProfileSummary
    from gpuws.model.question import Answer, Question
    from gpuws.model.snapshot import HostSnapshot
    from gpuws.model.terminal import Completed, Size
    from gpuws.model.trust import Proposal
    from gpuws.model.tunnel import Tunnel
    from gpuws.model.workspace import PlaceRef, Ref

GLANCE = 0.1  # seconds between looks whether the user cancelled
CATCH_UP = 2.0  # seconds from the word that something is done to the sight of it


class KeeperFleet:
    """Implements `Fleet`. `names`: the hosts to look at, None: all. `wire`: a connection that is open already.

    What it shows comes by one connection; each verb has one of its own, so that none waits for another."""

    def __init__(
        self,
        door: Door,
        names: Collection[str] | None = None,
        wire: Wire[FromKeeper] | None = None,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self._door = door
        self._first = wire
        self._environ = environ
        self._hub = Hub()
        self._borrowed = Borrowed()
        self._hub.subscribe(self._borrowed.on_event)
        self._view = View(door, names, self._hub.publish, lost=self._borrowed.lost, found=self._borrowed.open_again)

    def start(self) -> None:
        self._view.start(self._first)

    def close(self) -> None:
        self._view.close()
        if self._first is not None:
            self._first.close()

    # what is

    def snapshots(self) -> tuple[HostSnapshot, ...]:
        return self._view.snapshots

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        return self._hub.subscribe(listener)

    def questions(self) -> tuple[Question, ...]:
        return self._view.questions

    def answer(self, question_id: str, answer: Answer | None) -> None:
        self._view.reply(question_id, answer)

    def reconnect(self, host: str) -> None:
        self._view.tell(Reconnect(host))

    def candidates(self) -> tuple[str, ...]:
        return self._do("candidates")

    def add_hosts(self, names: Sequence[str]) -> None:
        self._do("add_hosts", names=tuple(names))

    def watch(self, host: str | None) -> None:
        self._view.watch(host)

    def history(self, host: str) -> tuple[GpuHistory, ...]:
        return self._do("history", host=host)

    def signal(self, host: str, pid: int, signal: Signal) -> None:
        self._do("signal", host=host, pid=pid, signal=signal)

    def checkup(self, host: str, *, idle_after: float) -> tuple[Check, ...]:
        return self._do("checkup", host=host, idle_after=idle_after)

    # workspaces

    def profiles(self) -> tuple[ProfileSummary, ...]:
        return self._do("profiles")

    def save_profile(self, draft: ProfileDraft) -> str:
        return self._do("save_profile", draft=draft)

    def profile_file(self, name: str) -> str:
        return self._do("profile_file", name=name)

    def propose(self, profile: str) -> Proposal:
        return self._do("propose", profile=profile)

    def accept(self, proposal_id: str) -> None:
        self._do("accept", proposal_id=proposal_id)

    def plan(self, host: str, profile: str, want: Want) -> Plan:
        want = replace(want, environ=want.environ or dict(self._environ))
        return self._do("plan", host=host, profile=profile, want=want)

    def launch(self, plan: Plan, report: Report, cancel: threading.Event) -> Ref:
        return self._do_long("launch", report, cancel, plan=plan)

    def act(self, ref: Ref, action: Action, *, force: bool = False, grace: float | None = None) -> None:
        self._do("act", ref=ref, action=action, force=force, grace=grace)

    def logs(self, ref: Ref, window: LogWindow) -> Stream:
        return CarriedStream(self._open("logs", ref=ref, window=window))

    def inspect(self, ref: Ref) -> dict[str, object]:
        return self._do("inspect", ref=ref)

    # images

    def images(self, host: str) -> tuple[Image, ...]:
        return self._do("images", host=host)

    def pull_image(self, host: str, reference: str, report: Report, cancel: threading.Event) -> None:
        self._do_long("pull_image", report, cancel, host=host, reference=reference)

    def remove_image(self, host: str, image_id: str, *, force: bool = False) -> None:
        self._do("remove_image", host=host, image_id=image_id, force=force)

    def prune_images(self, host: str) -> int:
        return self._do("prune_images", host=host)

    def newer_image(self, host: str, reference: str) -> bool | None:
        return self._do("newer_image", host=host, reference=reference)

    # what to make of a container

    def capture(self, ref: Ref, *, compose: bool = False) -> str:
        return self._do("capture", ref=ref, compose=compose)

    def save_captured(self, ref: Ref, name: str) -> str:
        return self._do("save_captured", ref=ref, name=name)

    def drift(self, ref: Ref) -> tuple[Difference, ...]:
        return self._do("drift", ref=ref)

    def recreate(self, ref: Ref, report: Report, cancel: threading.Event) -> Ref:
        return self._do_long("recreate", report, cancel, ref=ref)

    def plan_clone(self, ref: Ref, host: str, want: Want) -> Plan:
        want = replace(want, environ=want.environ or dict(self._environ))
        return self._do("plan_clone", ref=ref, host=host, want=want)

    # inside

    def run(self, place: PlaceRef, argv: Sequence[str], *, timeout: float = 30.0) -> Completed:
        return self._do("run", place=place, argv=tuple(argv), timeout=timeout)

    def popen(
        self,
        place: PlaceRef,
        argv: Sequence[str],
        *,
        user: str | None = None,
        cwd: str | None = None,
        env: Sequence[str] = (),
    ) -> Process:
        given = {"place": place, "argv": tuple(argv), "user": user, "cwd": cwd, "env": tuple(env)}
        return CarriedProcess(self._open("popen", **given))

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
        given = {"place": place, "argv": tuple(argv), "user": user, "cwd": cwd, "env": tuple(env)}
        return CarriedTerminal(self._open("interactive", size=size, term=term, **given))

    def attach(
        self,
        place: PlaceRef,
        session: str | None,
        size: Size,
        *,
        term: str = "xterm-256color",
        how: Manner | None = None,
    ) -> Terminal:
        return CarriedTerminal(self._open("attach", place=place, session=session, size=size, term=term, how=how))

    def new_session(self, place: PlaceRef, name: str) -> None:
        self._do("new_session", place=place, name=name)

    def kill_session(self, place: PlaceRef, name: str) -> None:
        self._do("kill_session", place=place, name=name)

    def dial_engine(self, host: str) -> Stream:
        return CarriedStream(self._open("dial_engine", host=host))

    # tunnels

    def open_tunnel(self, place: PlaceRef, port: int, local_port: int | None = None, *, keep: bool = True) -> Tunnel:
        tunnel = self._do("open_tunnel", place=place, port=port, local_port=local_port, keep=keep)
        if not keep:
            self._borrowed.add(tunnel, lambda: self.open_tunnel(place, port, tunnel.local_port, keep=False))
        return tunnel

    def open_jupyter(self, place: PlaceRef, local_port: int | None = None, *, keep: bool = True) -> Tunnel:
        tunnel = self._do("open_jupyter", place=place, local_port=local_port, keep=keep)
        if not keep:
            self._borrowed.add(tunnel, lambda: self.open_jupyter(place, tunnel.local_port, keep=False))
        return tunnel

    def close_tunnel(self, tunnel_id: str) -> None:
        self._borrowed.drop(tunnel_id)
        self._do("close_tunnel", tunnel_id=tunnel_id)

    def tunnels(self) -> tuple[Tunnel, ...]:
        return self._borrowed.beside(self._view.tunnels)

    # waits

    def begin_wait(self, order: WaitOrder, environ: Mapping[str, str]) -> KeptWait:
        return self._do("begin_wait", order=order, environ=dict(environ))

    def cancel_wait(self, wait_id: str) -> None:
        self._do("cancel_wait", wait_id=wait_id)

    def waits(self) -> tuple[KeptWait, ...]:
        return self._view.waits

    # own

    def _do(self, verb: str, **given: object) -> Any:
        answer = self._door.ask(_call(verb, given))
        if not isinstance(answer, Result):
            raise GpuwsError(f"the keeper answered {verb} with {type(answer).__name__}")
        return self._seen(verb, answer)

    def _do_long(self, verb: str, report: Report, cancel: threading.Event, **given: object) -> Any:
        wire = self._door.open()
        try:
            wire.send(_call(verb, given))
            told = False
            while True:
                if cancel.is_set() and not told:
                    told = True
                    wire.send(Cancel())
                try:
                    message = good(wire.receive(GLANCE))
                except TimeoutError:
                    continue
                if isinstance(message, Progressed):
                    report(_progress(message))
                elif isinstance(message, Result):
                    return self._seen(verb, message)
        except Broken as broken:
            if cancel.is_set():
                raise Cancelled("cancelled") from broken
            raise keeper_ended() from broken
        finally:
            wire.close()

    def _seen(self, verb: str, answer: Result) -> Any:
        """The verb's value, once what it did shows in the snapshots."""
        from gpuws.keeper.wire.verbs import SHOWN

        if verb in SHOWN:
            self._view.catch_up(CATCH_UP)
        return _value(verb, answer)

    def _open(self, verb: str, **given: object) -> Opened:
        """The stream that a verb opens."""
        wire = self._door.open()
        connection = Connection(wire.frames)
        try:
            wire.send(_call(verb, given))
            opened = connection.opened()
            if opened is None:
                raise GpuwsError(f"the keeper did not open what {verb} asked for")
            return opened
        except Broken as broken:
            connection.close()
            raise keeper_ended() from broken
        except BaseException:
            connection.close()
            raise


def _call(verb: str, given: Mapping[str, object]) -> Message:
    return Call(verb, msgspec.Raw(encode(given)))


def _progress(message: Progressed) -> Progress:
    from gpuws.model import plan

    return msgspec.msgpack.decode(message.value, type=plan.Progress)


def _value(verb: str, answer: Result) -> Any:
    from gpuws.keeper.wire.verbs import value_decoder

    try:
        return value_decoder(verb).decode(answer.value)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise GpuwsError(f"the keeper's answer to {verb} makes no sense: {error}") from error
