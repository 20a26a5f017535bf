"""Going inside a place: programs, terminals, tmux sessions, and what a read-only host allows of it."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from gpuws.link.place import Place, Process, Stream, Terminal
from gpuws.model.entry import Manner, manner, visitable
from gpuws.model.errors import GpuwsError, Refused, TargetError, UsageError
from gpuws.model.session import Session
from gpuws.model.target import Found
from gpuws.model.terminal import Completed, Size
from gpuws.model.text import plain
from gpuws.model.tmux import own_words
from gpuws.model.workspace import PlaceRef
from gpuws.tmux.sessions import attach_argv, kill_session, list_sessions, new_session, owners
from gpuws.tmux.visiting import look_argv, write_argv

if TYPE_CHECKING:
    from gpuws.fleet.local.host.supervisor import Supervisor


# Known by every terminfo data base of the last ten years; others are looked up on the host.
COMMON_TERMS = frozenset({"xterm-256color", "xterm", "screen", "screen-256color", "tmux-256color", "vt100", "linux"})
FALLBACK_TERM = "xterm-256color"


class Insides:
    """`find` gives a host's supervisor."""

    def __init__(self, find: Callable[[str], Supervisor]) -> None:
        self._find = find

    def place(
        self, ref: PlaceRef, *, user: str | None = None, cwd: str | None = None, env: Sequence[str] = ()
    ) -> Place:
        supervisor = self._find(ref.host)
        if ref.workspace is not None:
            return supervisor.engine().place(ref.workspace, user=user, cwd=cwd, env=env)
        if user is not None:
            raise UsageError(f"{ref.host}: -u works in containers only", "log in to the host as that user instead")
        return supervisor.link()

    def dial(self, ref: PlaceRef, port: int) -> Stream:
        """A connection to `port` there, made by the host itself: nothing needs to be published."""
        supervisor = self._find(ref.host)
        if ref.workspace is not None and supervisor.readonly:  # the inside may need a relay, which is a program
            return supervisor.link().dial_tcp(*supervisor.engine().address(ref.workspace, port))
        return self.place(ref).dial_tcp("127.0.0.1", port)

    def run(self, ref: PlaceRef, argv: Sequence[str], timeout: float) -> Completed:
        self._writable(ref)
        return self.place(ref).run(argv, timeout=timeout)

    def popen(
        self, ref: PlaceRef, argv: Sequence[str], user: str | None, cwd: str | None, env: Sequence[str]
    ) -> Process:
        self._writable(ref)
        return self.place(ref, user=user, cwd=cwd, env=env).popen(_in_directory(ref, argv, cwd, env))

    def interactive(
        self,
        ref: PlaceRef,
        argv: Sequence[str],
        size: Size,
        term: str,
        user: str | None,
        cwd: str | None,
        env: Sequence[str],
    ) -> Terminal:
        self._writable(ref)
        place = self.place(ref, user=user, cwd=cwd, env=env)
        return place.interactive(_in_directory(ref, argv, cwd, env), size, term=self._term(ref, term))

    def attach(self, ref: PlaceRef, session: str | None, size: Size, term: str, how: Manner | None) -> Terminal:
        place, term, found = self.place(ref), self._term(ref, term), self._found(ref, session)
        how = how or manner(found)
        if how.look or not how.own or found.snapshot.readonly:
            return self._visit(ref, found, size, term, how)
        mark = found.snapshot.me.mark
        if session is not None:
            argv = attach_argv(session, mark, detach_others=how.detach_others)
        else:
            argv = own_words(mark, detach_others=how.detach_others) if ref.workspace is not None else []
        return place.interactive(argv, size, term=term)

    def new_session(self, ref: PlaceRef, name: str) -> None:
        self._writable(ref)
        new_session(self.place(ref), name, self._find(ref.host).snapshot.me.mark)
        self._find(ref.host).refresh_sessions(ref.workspace)

    def kill_session(self, ref: PlaceRef, name: str) -> None:
        self._writable(ref)
        kill_session(self._session(ref, self._found(ref, name))[0], name)
        self._find(ref.host).refresh_sessions(ref.workspace)

    def _found(self, ref: PlaceRef, session: str | None) -> Found:
        snapshot = self._find(ref.host).snapshot
        container = next((one for one in snapshot.workspaces if one.id == ref.workspace), None)
        if ref.workspace is not None and container is None:
            raise TargetError(f"the container {ref.workspace[:12]} is gone from {ref.host}", "see gpuws ps -a")
        return Found(snapshot, container, session)

    def _visit(self, ref: PlaceRef, found: Found, size: Size, term: str, how: Manner) -> Terminal:
        """Into a session that is there; nothing is started where there is none."""
        visitable(found, how)
        place, one = self._session(ref, found)
        if how.look:
            return place.interactive(look_argv(one.id, how.note), size, term=term)
        return place.interactive(write_argv(one.id, how.note, detach_others=how.detach_others), size, term=term)

    def _session(self, ref: PlaceRef, found: Found) -> tuple[Place, Session]:
        """The one that is named, else where something happened last. In a container of somebody else as the user whose
        tmux it is, so that nobody gets more rights by it."""
        here = self.place(ref)
        own = found.container is None or found.container.mine
        for place in [here] if own else [self.place(ref, user=user) for user in owners(here)]:
            named = [one for one in list_sessions(place) if found.suffix in (None, one.name, one.id)]
            if named:
                return place, max(named, key=lambda one: (one.name == found.suffix, one.activity or 0))
        where = found.label
        said = f"no tmux session {plain(found.suffix)!r} in {where}" if found.suffix else f"no tmux session in {where}"
        raise TargetError(said, f"gpuws tmux ls lists them; gpuws shell {shlex.quote(where)} opens a shell there")

    def _writable(self, ref: PlaceRef) -> None:
        if self._find(ref.host).readonly:
            raise read_only(ref.host)

    def _term(self, ref: PlaceRef, term: str) -> str:
        """A terminal type that the place knows: full-screen programs refuse to start with another."""
        if term in COMMON_TERMS:
            return term
        try:
            known = self.place(PlaceRef(ref.host)).run(["infocmp", term], timeout=5.0).ok and ref.workspace is None
        except GpuwsError:
            known = False
        return term if known else FALLBACK_TERM


def read_only(host: str, remedy: str = "drop `readonly` from hosts.yaml or --readonly") -> Refused:
    return Refused(f"{host} is read-only", remedy)


def _in_directory(ref: PlaceRef, argv: Sequence[str], cwd: str | None, env: Sequence[str]) -> list[str]:
    """A container's exec takes both by itself; on a host a shell does it."""
    if ref.workspace is not None or not (cwd or env):
        return list(argv)
    command = shlex.join(argv) if argv else '"${SHELL:-sh}" -l'
    steps = [f"cd {shlex.quote(cwd)} &&"] if cwd else []
    return ["/bin/sh", "-c", " ".join([*steps, "exec env", *map(shlex.quote, env), command])]
