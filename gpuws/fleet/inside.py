"""The inside of a host or of a workspace: programs, terminals, tmux sessions, Jupyter kernels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from gpuws.fleet.crossing import shown
from gpuws.fleet.looking import Looking
from gpuws.link.place import Process, Stream, Terminal
from gpuws.model.consent.entry import Manner
from gpuws.model.session.notebook import KernelAct
from gpuws.model.session.screen import PaneScreen
from gpuws.model.session.terminal import Completed, MyTerminal, Size
from gpuws.model.workspace.workspace import PlaceRef


@dataclass(frozen=True, slots=True)
class Return:
    """The way back into what a lost link cut off. `label`: what was entered, as it is typed. `again` opens the same
    once more; it makes nothing that is gone."""

    fleet: Looking
    host: str
    label: str
    again: Callable[[Size], Terminal]


class Inside(Protocol):
    """`argv` is a program and its arguments, never a shell line; `env` items are KEY=VALUE; `user` works in workspaces
    only, else `UsageError`.

    `TargetError` where there is no such place, `Unreachable` where the host is away, `Refused` on a read-only host,
    where `attach` and `preview` may still look on. Who opens a stream closes it; it ends with its program and its link,
    too."""

    def run(self, place: PlaceRef, argv: Sequence[str], *, timeout: float = 30.0) -> Completed:
        """Run it to its end; an error where that takes longer than `timeout` seconds. Any status is an answer."""
        ...

    def popen(
        self,
        place: PlaceRef,
        argv: Sequence[str],
        *,
        user: str | None = None,
        cwd: str | None = None,
        env: Sequence[str] = (),
    ) -> Process:
        """A program with its streams, without a terminal; closing ends it as far as the other side lets us."""
        ...

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
        """A program on a PTY there; `argv` empty: the login shell, or the best shell of a workspace."""
        ...

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
        """A tmux session there. `session` None: a workspace's own session or a shell; a host's login shell.

        What is not mine is looked on, and never made; `how` None: as whose it is says, and what is mine is made if
        missing. Where it is missing and not to be made, the program ends with NO_SESSION (`model/session/tmux.py`).
        Confirming that somebody else's is written into is the caller's duty. `mine`: what it is shown on."""
        ...

    def preview(
        self,
        place: PlaceRef,
        session: str | None,
        pane: str | None = None,
        *,
        colours: bool = True,
        lines: int = 100,
    ) -> PaneScreen:
        """What a session shows now, at most its last `lines` lines: its active pane, or the one that tmux calls `pane`.

        Nothing is sent to it, and a read-only host shows it, too. `session` None: a place's own, where something
        happened last. `TargetError` where it has ended."""
        ...

    @shown
    def new_session(self, place: PlaceRef, name: str, *, directory: str = "", argv: Sequence[str] = ()) -> None:
        """A tmux session of mine, which runs `argv` instead of a shell, begun in `directory`. An error where one of
        that name is there, `UsageError` where none can have it, `TargetError` where there is no such directory.

        As tmux takes it: a single word of `argv` is a line for the shell."""
        ...

    @shown
    def rename_session(self, place: PlaceRef, name: str, new: str) -> None:
        """Call a session otherwise. `UsageError` where tmux takes no such name."""
        ...

    @shown
    def detach_clients(self, place: PlaceRef, name: str) -> None:
        """Everybody out of a session; what runs in it goes on. Confirming is the caller's duty."""
        ...

    @shown
    def kill_session(self, place: PlaceRef, name: str) -> None:
        """End a session and what runs in it. Confirming is the caller's duty."""
        ...

    @shown
    def read_sessions(self, host: str) -> bool:
        """Ask for the sessions of `host` and of my workspaces there now; they are seen when this returns. False where
        one did not answer, of which what was known before is shown."""
        ...

    @shown
    def read_notebooks(self, host: str) -> bool:
        """Ask my Jupyter servers on `host`, and those whose tokens are at hand, for their kernels now; they are seen
        when this returns. False where one did not answer. On a read-only host nothing is asked."""
        ...

    @shown
    def act_on_kernel(self, host: str, kernel: str, act: KernelAct) -> None:
        """Interrupt, restart or shut down the kernel of that id through its server. `Refused` where no server whose
        token is at hand tells of it, `TargetError` where it has ended. Confirming is the caller's duty."""
        ...

    def dial_engine(self, host: str) -> Stream:
        """A connection to the engine's API of `host`; whoever has one is root there, so a read-only host refuses."""
        ...
