"""The Fleet protocol: what screens and commands see. All of it is data that could cross a socket."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from gpuws.engines.base import LogWindow, Report
from gpuws.link.place import Process, Stream, Terminal
from gpuws.model.container import PlaceRef, Ref
from gpuws.model.plan import Plan, Want
from gpuws.model.profile import ProfileSummary
from gpuws.model.question import Answer, Question
from gpuws.model.snapshot import HostSnapshot
from gpuws.model.terminal import Completed, Size
from gpuws.model.tunnel import Tunnel

Action = Literal["start", "stop", "restart", "kill", "remove"]

__all__ = [
    "Action",
    "Event",
    "Fleet",
    "HostUpdated",
    "Listener",
    "LogWindow",
    "Process",
    "QuestionsChanged",
    "Report",
    "Stream",
    "Terminal",
    "TunnelsChanged",
]


@dataclass(frozen=True, slots=True)
class HostUpdated:
    snapshot: HostSnapshot


@dataclass(frozen=True, slots=True)
class QuestionsChanged:
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class TunnelsChanged:
    tunnels: tuple[Tunnel, ...]


Event = HostUpdated | QuestionsChanged | TunnelsChanged
Listener = Callable[[Event], None]


class Fleet(Protocol):
    """All hosts of the configuration. Calls block unless said otherwise and raise `GpuwsError`; any thread may call."""

    def start(self) -> None:
        """Begin to connect; returns at once."""
        ...

    def close(self) -> None:
        """End links, probes and tunnels; under a second, however many hosts hang."""
        ...

    # what is
    def snapshots(self) -> tuple[HostSnapshot, ...]:
        """One a host, in the configuration's order; never blocks."""
        ...

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` from any thread on every change; it must return at once. Returns the way to stop."""
        ...

    def questions(self) -> tuple[Question, ...]:
        """What waits for a person, oldest first; never blocks."""
        ...

    def answer(self, question_id: str, answer: Answer | None) -> None:
        """Answer or decline (None); never blocks. An unknown id was answered already: nothing happens."""
        ...

    def reconnect(self, host: str) -> None:
        """Try now; never blocks."""
        ...

    def candidates(self) -> tuple[str, ...]:
        """Aliases of the SSH configuration that are not hosts yet; nothing is dialled."""
        ...

    def add_hosts(self, names: Sequence[str]) -> None:
        """Write them into hosts.yaml and connect to them."""
        ...

    def watch(self, host: str | None) -> None:
        """Read what only a detailed look needs for this host (tmux sessions inside my containers); never blocks."""
        ...

    # workspaces
    def profiles(self) -> tuple[ProfileSummary, ...]: ...
    def plan(self, host: str, profile: str, want: Want) -> Plan: ...
    def launch(self, plan: Plan, report: Report, cancel: threading.Event) -> Ref: ...
    def act(self, ref: Ref, action: Action, *, force: bool = False, grace: float | None = None) -> None:
        """Confirming is the caller's duty (`model.confirm`); a read-only host refuses."""
        ...

    def logs(self, ref: Ref, window: LogWindow) -> Stream: ...
    def inspect(self, ref: Ref) -> dict[str, object]: ...

    # inside
    def run(self, place: PlaceRef, argv: Sequence[str], *, timeout: float = 30.0) -> Completed: ...
    def popen(
        self,
        place: PlaceRef,
        argv: Sequence[str],
        *,
        user: str | None = None,
        cwd: str | None = None,
        env: Sequence[str] = (),
    ) -> Process: ...
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
        """A program on a PTY there; `argv` empty: the login shell, or the best shell of a container."""
        ...

    def attach(self, place: PlaceRef, session: str | None, size: Size, *, term: str = "xterm-256color") -> Terminal:
        """A tmux session there, made if missing. None: a container's own session or a shell; a host's login shell."""
        ...

    def new_session(self, place: PlaceRef, name: str) -> None: ...
    def kill_session(self, place: PlaceRef, name: str) -> None: ...

    # tunnels
    def open_tunnel(self, place: PlaceRef, port: int, local_port: int | None = None) -> Tunnel:
        """The same tunnel again where it is open already."""
        ...

    def open_jupyter(self, place: PlaceRef, local_port: int | None = None) -> Tunnel:
        """Find the server and its token; the tunnel's `url` opens it once `/api/status` has answered through it."""
        ...

    def close_tunnel(self, tunnel_id: str) -> None: ...
    def tunnels(self) -> tuple[Tunnel, ...]:
        """Never blocks."""
        ...
