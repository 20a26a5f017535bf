"""Implements `fleet.inside`: scripted programs and terminals."""
# ruff: noqa: ARG002 - the protocol's arguments that a simulation has no use for

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from gpuws.fleet.demo.core import DemoCore, workspace_on
from gpuws.fleet.demo.lab.machines import ME
from gpuws.fleet.demo.shell import Where, answer
from gpuws.fleet.events import HostUpdated
from gpuws.fleet.processes import no_token
from gpuws.link.place import Process, Stream, Terminal
from gpuws.model.consent.entry import Manner, manner, visitable
from gpuws.model.errors import GpuwsError, Refused, TargetError, UsageError
from gpuws.model.query.target import Found
from gpuws.model.session.session import NAME, Session
from gpuws.model.session.terminal import Completed, MyTerminal, Size
from gpuws.model.session.tmux import NO_SESSION
from gpuws.model.text import plain
from gpuws.model.workspace.workspace import PlaceRef

if TYPE_CHECKING:
    from gpuws.fleet.demo.lab.host import DemoHost
    from gpuws.fleet.demo.pane import Ended
    from gpuws.model.session.notebook import KernelAct
    from gpuws.model.session.screen import PaneScreen


class DemoInside(DemoCore):
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
        from gpuws.fleet.demo.streams import DemoProcess

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
        from gpuws.fleet.demo.pane import DemoTerminal

        return DemoTerminal(self._where(place, user, cwd, env), size, argv=tuple(argv))

    def attach(
        self,
        place: PlaceRef,
        session: str | None,
        size: Size,
        *,
        term: str = "xterm-256color",
        how: Manner | None = None,
        mine: MyTerminal = MyTerminal(),  # noqa: B008 - frozen
    ) -> Terminal:
        from gpuws.fleet.demo.pane import DemoTerminal

        where, found = self._where(place, writing=False), self._found(place, session)
        how = how or replace(manner(found), make=True)
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
            entered = named[0] if named else None
            return DemoTerminal(where, size, session=entered, told=self._teller(place.host, entered))
        if not named and not how.make:
            return DemoTerminal(where, size, argv=("sh", "-c", f"exit {NO_SESSION}"))
        entered = named[0] if named else self._make_session(place, session)
        return DemoTerminal(where, size, session=entered, told=self._teller(place.host, entered))

    def preview(
        self,
        place: PlaceRef,
        session: str | None,
        pane: str | None = None,
        *,
        colours: bool = True,
        lines: int = 100,
    ) -> PaneScreen:
        from gpuws.fleet.demo.lab.screens import shown

        where, found = self._where(place, writing=False), self._found(place, session)
        known = [s for s in where.snapshot.sessions if s.container == where.container] or _unlisted(found)
        named = [s for s in known if session in (None, s.name, s.id)]
        if not named:
            raise TargetError(f"no tmux session in {found.label}", "it may have ended: gpuws tmux ls lists them")
        return shown(named[0], where, colours=colours, lines=lines)

    def new_session(self, place: PlaceRef, name: str, *, directory: str = "", argv: Sequence[str] = ()) -> None:
        self._make_session(place, name, " ".join(argv))

    def rename_session(self, place: PlaceRef, name: str, new: str) -> None:
        if not NAME.match(new):
            raise UsageError(f"{new!r} can't name a tmux session", "no dots, colons or leading dash")
        self._change_session(place, name, lambda host, session: host.rename_session(session, new))

    def detach_clients(self, place: PlaceRef, name: str) -> None:
        self._change_session(place, name, lambda host, session: host.leave(session))

    def kill_session(self, place: PlaceRef, name: str) -> None:
        self._change_session(place, name, lambda host, session: host.end_session(session))

    def read_sessions(self, host: str) -> bool:
        return True

    def read_notebooks(self, host: str) -> bool:
        return True

    def act_on_kernel(self, host: str, kernel: str, act: KernelAct) -> None:
        with self._lock:
            found = self._hosts.up(host, writing=True)
            if not found.act_on_kernel(kernel, act):
                raise no_token(host, kernel)
            events = [HostUpdated(found.snapshot())]
        self._emit(events)

    def _change_session(self, place: PlaceRef, name: str, change: Callable[[DemoHost, Session], None]) -> None:
        where = self._where(place)
        with self._lock:
            host = self._hosts.up(place.host)
            named = [s for s in host.sessions if name in (s.name, s.id) and s.container == where.container]
            if not named:
                raise TargetError(f"no session {name!r} on {where.hostname}", "see gpuws tmux ls")
            for session in named:
                change(host, session)
            events = [HostUpdated(host.snapshot())]
        self._emit(events)

    def dial_engine(self, host: str) -> Stream:
        raise Refused("the demo has no engine that programs could reach")

    def _teller(self, name: str, session: Session | None) -> Callable[[Ended], None]:
        """Somebody is there now; and what is ended in the terminal has ended in the lab."""

        with self._lock:
            host = self._hosts.get(name)
            if session is not None:
                host.visit(session)
            events = [HostUpdated(host.snapshot())]
        self._emit(events)

        def told(what: Ended) -> None:
            with self._lock:
                host = self._hosts.get(name)
                if session is not None:
                    (host.interrupt if what == "program" else host.end_session)(session)
                events = [HostUpdated(host.snapshot())]
            self._emit(events)

        return told

    def _found(self, place: PlaceRef, session: str | None) -> Found:
        with self._lock:
            host = self._hosts.up(place.host, writing=False)
            return Found(host.snapshot(), workspace_on(host, place.workspace) if place.workspace else None, session)

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
            inside = workspace_on(host, place.workspace) if place.workspace else None
            if inside and not inside.enterable:
                raise GpuwsError(f"{inside.name} is not running", f"gpuws start {place.host}/{inside.name}")
            return Where(host.snapshot(), inside.name if inside else None, user or ME, cwd, tuple(env))

    def _make_session(self, place: PlaceRef, name: str, command: str = "") -> Session:
        where = self._where(place)
        if not NAME.match(name):
            raise UsageError(f"{name!r} can't name a tmux session", "no dots, colons or leading dash")
        with self._lock:
            host = self._hosts.up(place.host)
            if any(s.name == name and s.container == where.container for s in host.sessions):
                raise GpuwsError(f"{where.hostname} has a session {name!r}")
            made = host.open_session(name, where.container, command)
            events = [HostUpdated(host.snapshot())]
        self._emit(events)
        return made


def _unlisted(found: Found) -> list[Session]:
    """In somebody else's container: what runs on its GPUs, in a session of which nothing was listed."""
    if found.container is None or found.suffix not in (None, "main"):
        return []
    running = (process for gpu in found.snapshot.gpus for process in gpu.processes)
    inside = (one.command for one in running if one.container == found.container.name and one.command)
    return [Session("main", command=plain(command, 40)) for command in inside][:1]
