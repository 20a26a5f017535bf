"""Going inside a place: programs, terminals, tmux sessions, and what a read-only host allows of it."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from gpuws.link.place import Place, Process, Stream, Terminal
from gpuws.model.container import PlaceRef
from gpuws.model.errors import GpuwsError, Refused, UsageError
from gpuws.model.terminal import Completed, Size
from gpuws.tmux.sessions import attach_argv, kill_session, new_session, own_argv, view_argv

if TYPE_CHECKING:
    from gpuws.fleet.supervisor import Supervisor


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
        if ref.container is not None:
            return supervisor.engine().place(ref.container, user=user, cwd=cwd, env=env)
        if user is not None:
            raise UsageError(f"{ref.host}: -u works in containers only", "log in to the host as that user instead")
        return supervisor.link()

    def dial(self, ref: PlaceRef, port: int) -> Stream:
        """A connection to `port` there, made by the host itself: nothing needs to be published."""
        supervisor = self._find(ref.host)
        if ref.container is not None and supervisor.readonly:  # the inside may need a relay, which is a program
            return supervisor.link().dial_tcp(*supervisor.engine().address(ref.container, port))
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

    def attach(self, ref: PlaceRef, session: str | None, size: Size, term: str) -> Terminal:
        place = self.place(ref)
        term = self._term(ref, term)
        if self._find(ref.host).readonly:
            return self._look_on(ref, place, session, size, term)
        if session is None:
            return place.interactive([] if ref.container is None else own_argv(self._mark(ref)), size, term=term)
        return place.interactive(attach_argv(session, self._mark(ref)), size, term=term)

    def new_session(self, ref: PlaceRef, name: str) -> None:
        self._writable(ref)
        new_session(self.place(ref), name, self._mark(ref))
        self._find(ref.host).refresh_sessions(ref.container)

    def kill_session(self, ref: PlaceRef, name: str) -> None:
        self._writable(ref)
        kill_session(self.place(ref), name)
        self._find(ref.host).refresh_sessions(ref.container)

    def _look_on(self, ref: PlaceRef, place: Place, session: str | None, size: Size, term: str) -> Terminal:
        if session is None or ref.container is not None:
            raise read_only(ref.host, "name a tmux session of the host to look on: gpuws attach HOST:SESSION")
        return place.interactive(view_argv(session), size, term=term)

    def _writable(self, ref: PlaceRef) -> None:
        if self._find(ref.host).readonly:
            raise read_only(ref.host)

    def _mark(self, ref: PlaceRef) -> str:
        return self._find(ref.host).snapshot.me.mark

    def _term(self, ref: PlaceRef, term: str) -> str:
        """A terminal type that the place knows: full-screen programs refuse to start with another."""
        if term in COMMON_TERMS:
            return term
        try:
            known = self.place(PlaceRef(ref.host)).run(["infocmp", term], timeout=5.0).ok and ref.container is None
        except GpuwsError:
            known = False
        return term if known else FALLBACK_TERM


def read_only(host: str, remedy: str = "drop `readonly` from hosts.yaml or --readonly") -> Refused:
    return Refused(f"{host} is read-only", remedy)


def _in_directory(ref: PlaceRef, argv: Sequence[str], cwd: str | None, env: Sequence[str]) -> list[str]:
    """A container's exec takes both by itself; on a host a shell does it."""
    if ref.container is not None or not (cwd or env):
        return list(argv)
    command = shlex.join(argv) if argv else '"${SHELL:-sh}" -l'
    steps = [f"cd {shlex.quote(cwd)} &&"] if cwd else []
    return ["/bin/sh", "-c", " ".join([*steps, "exec env", *map(shlex.quote, env), command])]
