"""Implements `fleet.inside`: programs, terminals, tmux sessions and kernels, and what a read-only host allows of it."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from gpuws.engines.base import present
from gpuws.fleet.local.shared.core import Core
from gpuws.fleet.local.shared.unanswered import look_up
from gpuws.fleet.processes import no_token
from gpuws.model.consent.entry import Manner, manner, visitable
from gpuws.model.errors import GpuwsError, HostError, Refused, TargetError
from gpuws.model.query.target import Found
from gpuws.model.session.terminal import MyTerminal
from gpuws.model.session.tmux import own_words
from gpuws.model.text import plain
from gpuws.model.workspace.aftermath import of_calling, of_detaching, of_killing, of_making
from gpuws.model.workspace.workspace import PlaceRef
from gpuws.tmux.listing import list_sessions
from gpuws.tmux.screens import screen_of
from gpuws.tmux.sessions import (
    attach_argv,
    detach_clients,
    enter_argv,
    kill_session,
    new_session,
    owners,
    rename_session,
)
from gpuws.tmux.visiting import look_argv, write_argv

if TYPE_CHECKING:
    from gpuws.link.place import Place, Process, Stream, Terminal
    from gpuws.model.session.notebook import KernelAct
    from gpuws.model.session.screen import PaneScreen
    from gpuws.model.session.session import Session
    from gpuws.model.session.terminal import Completed, Size

# Known by every terminfo data base of the last ten years; others are looked up on the host.
COMMON_TERMS = frozenset({"xterm-256color", "xterm", "screen", "screen-256color", "tmux-256color", "vt100", "linux"})
FALLBACK_TERM = "xterm-256color"


class LocalInside(Core):
    def run(self, place: PlaceRef, argv: Sequence[str], *, timeout: float = 30.0) -> Completed:
        self._places.need_writable(place)
        return self._places.running(place).run(argv, timeout=timeout)

    def popen(
        self,
        place: PlaceRef,
        argv: Sequence[str],
        *,
        user: str | None = None,
        cwd: str | None = None,
        env: Sequence[str] = (),
    ) -> Process:
        self._places.need_writable(place)
        there = self._places.running(place, user=user, cwd=cwd, env=env)
        return there.popen(_in_directory(place, argv, cwd, env))

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
        self._places.need_writable(place)
        find = self._places.running if argv else self._places.find
        there = find(place, user=user, cwd=cwd, env=env)
        return there.interactive(_in_directory(place, argv, cwd, env), size, term=self._term(place, term))

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
        there, term, found = self._places.find(place), self._term(place, term), self._found(place, session)
        how = how or replace(manner(found), make=True)
        if how.look or not how.own or found.snapshot.readonly:
            there, argv = self._visiting(place, found, how, mine)
        else:
            argv = _entering(found, how, mine)
        return there.interactive(argv, size, term=term)

    def preview(
        self,
        place: PlaceRef,
        session: str | None,
        pane: str | None = None,
        *,
        colours: bool = True,
        lines: int = 100,
    ) -> PaneScreen:
        found = self._found(place, session)
        there, one = self._places.find(place), found.session
        if one is None or not (found.container is None or found.container.mine):
            there, one = self._session(place, found)
        return screen_of(there, one, pane, colours=colours, lines=lines)

    def new_session(self, place: PlaceRef, name: str, *, directory: str = "", argv: Sequence[str] = ()) -> None:
        supervisor = self._hosts.writable(place.host)
        there, mark, inside = self._places.running(place), supervisor.snapshot.me.mark, place.workspace is not None
        listed = supervisor.snapshot.sessions if supervisor.listing else None
        try:
            new_session(there, name, mark, directory=directory, argv=argv, image=inside)
        except HostError as error:
            before = listed and [one for one in listed if one.container == place.workspace]
            look_up(supervisor, error, name, "made", lambda: of_making(name, before, self._sessions(place)))
        supervisor.refresh_sessions(place.workspace)

    def rename_session(self, place: PlaceRef, name: str, new: str) -> None:
        supervisor = self._hosts.writable(place.host)
        there, one = self._session(place, self._found(place, name))
        try:
            rename_session(there, one, new)
        except HostError as error:
            look_up(supervisor, error, name, "renamed", lambda: of_calling(one, new, self._sessions(place)))
        supervisor.refresh_sessions(place.workspace)

    def detach_clients(self, place: PlaceRef, name: str) -> None:
        supervisor = self._hosts.writable(place.host)
        there, one = self._session(place, self._found(place, name))
        try:
            detach_clients(there, one)
        except HostError as error:
            look_up(supervisor, error, name, "left by all", lambda: of_detaching(one, self._sessions(place)))
        supervisor.refresh_sessions(place.workspace)

    def kill_session(self, place: PlaceRef, name: str) -> None:
        supervisor = self._hosts.writable(place.host)
        there, one = self._session(place, self._found(place, name))
        try:
            kill_session(there, one)
        except HostError as error:
            look_up(supervisor, error, name, "ended", lambda: of_killing(one, self._sessions(place)))
        supervisor.refresh_sessions(place.workspace)

    def read_sessions(self, host: str) -> bool:
        return self._hosts.find(host).read_sessions()

    def read_notebooks(self, host: str) -> bool:
        return self._hosts.find(host).read_notebooks()

    def act_on_kernel(self, host: str, kernel: str, act: KernelAct) -> None:
        from gpuws.fleet.local.shared import kernels

        supervisor = self._hosts.writable(host)
        supervisor.link()
        home = supervisor.home_of(kernel)
        if home is None:
            supervisor.read_notebooks()
            home = supervisor.home_of(kernel)
        if home is None:
            raise no_token(host, kernel)
        kernels.act_on(supervisor, home, kernel, act)
        supervisor.read_notebooks()

    def dial_engine(self, host: str) -> Stream:
        return present(self._hosts.writable(host).engine().dial).connect()

    def _sessions(self, place: PlaceRef) -> list[Session]:
        """Those that are there now, whoever they belong to; none in a container that has ended."""
        workspace = self._hosts.workspace(place)
        if workspace is not None and not workspace.enterable:
            return []
        own = workspace is None or workspace.mine
        return [one for there in self._tmux_of(place, own=own) for one in list_sessions(there)]

    def _tmux_of(self, place: PlaceRef, *, own: bool) -> list[Place]:
        """In a container of somebody else as each user whose tmux runs there."""
        here = self._places.find(place)
        return [here] if own else [self._places.find(place, user=user) for user in owners(here)]

    def _found(self, place: PlaceRef, session: str | None) -> Found:
        snapshot = self._hosts.find(place.host).snapshot
        workspace = next((one for one in snapshot.workspaces if one.id == place.workspace), None)
        if place.workspace is not None and workspace is None:
            raise TargetError(f"the container {place.workspace[:12]} is gone from {place.host}", "see gpuws ps -a")
        return Found(snapshot, workspace, session)

    def _visiting(self, place: PlaceRef, found: Found, how: Manner, mine: MyTerminal) -> tuple[Place, list[str]]:
        """As whom and how a session is entered that is there; nothing is started where there is none."""
        visitable(found, how)
        there, one = self._session(place, found)
        if how.look and one.program == "screen":
            said = f"GNU screen shows {plain(one.name)} only to who can write into it"
            raise Refused(said, "gpuws attach --write enters it")
        if how.look:
            argv = look_argv(one.id, how.note, mine, socket=one.socket)
        elif one.program == "screen":
            argv = enter_argv(one, mine, detach_others=how.detach_others)
        else:
            argv = write_argv(one.id, how.note, mine, detach_others=how.detach_others, socket=one.socket)
        return there, argv

    def _session(self, place: PlaceRef, found: Found) -> tuple[Place, Session]:
        """The one that is named, else where something happened last. In a container of somebody else as the user whose
        tmux it is, so that nobody gets more rights by it."""
        own = found.container is None or found.container.mine
        for there in self._tmux_of(place, own=own):
            named = [one for one in list_sessions(there) if one.answers_to(found.suffix)]
            if named:
                return there, max(named, key=lambda one: (one.name == found.suffix, one.activity or 0))
        where = found.label
        said = f"no tmux session {plain(found.suffix)!r} in {where}" if found.suffix else f"no tmux session in {where}"
        raise TargetError(said, f"gpuws tmux ls lists them; gpuws shell {shlex.quote(where)} opens a shell there")

    def _term(self, place: PlaceRef, term: str) -> str:
        """A terminal type that the place knows: full-screen programs refuse to start with another."""
        if term in COMMON_TERMS:
            return term
        try:
            host = self._places.find(PlaceRef(place.host))
            known = host.run(["infocmp", term], timeout=5.0).ok and place.workspace is None
        except GpuwsError:
            known = False
        return term if known else FALLBACK_TERM


def _entering(found: Found, how: Manner, mine: MyTerminal) -> list[str]:
    """The program that enters what is mine; none: the login shell."""
    mark, inside, named = found.snapshot.me.mark, found.container is not None, found.session
    if named is not None and (named.socket or named.program == "screen"):
        return enter_argv(named, mine, detach_others=how.detach_others)
    if found.suffix is None:
        return own_words(mark, detach_others=how.detach_others, mine=mine) if inside else []
    return attach_argv(found.suffix, mark, mine, detach_others=how.detach_others, make=how.make, image=inside)


def _in_directory(place: PlaceRef, argv: Sequence[str], cwd: str | None, env: Sequence[str]) -> list[str]:
    """A container's exec takes both by itself; on a host a shell does it."""
    if place.workspace is not None or not (cwd or env):
        return list(argv)
    command = shlex.join(argv) if argv else '"${SHELL:-sh}" -l'
    steps = [f"cd {shlex.quote(cwd)} &&"] if cwd else []
    return ["/bin/sh", "-c", " ".join([*steps, "exec env", *map(shlex.quote, env), command])]
