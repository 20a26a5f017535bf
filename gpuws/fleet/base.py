"""The Fleet protocol: what screens and commands see. All of it is data that could cross a socket."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, Protocol

from gpuws.fleet.events import (
    Event,
    HostsChanged,
    HostUpdated,
    Listener,
    QuestionsChanged,
    TunnelsChanged,
    WaitsChanged,
)
from gpuws.link.place import Process, Stream, Terminal

if TYPE_CHECKING:  # commands that only look start without what the others need
    from gpuws.model.captured import Difference
    from gpuws.model.draft import ProfileDraft
    from gpuws.model.entry import Manner
    from gpuws.model.history import GpuHistory
    from gpuws.model.image import Image
    from gpuws.model.kept_wait import KeptWait, WaitOrder
    from gpuws.model.logs import LogWindow
    from gpuws.model.plan import Check, Plan, Report, Want
    from gpuws.model.profile import ProfileSummary
    from gpuws.model.question import Answer, Question
    from gpuws.model.snapshot import HostSnapshot
    from gpuws.model.terminal import Completed, Size
    from gpuws.model.trust import Proposal
    from gpuws.model.tunnel import Tunnel
    from gpuws.model.workspace import PlaceRef, Ref

Action = Literal["start", "stop", "restart", "kill", "remove"]
Signal = Literal["INT", "TERM", "KILL"]

__all__ = [
    "Action",
    "Event",
    "Fleet",
    "HostUpdated",
    "HostsChanged",
    "Listener",
    "Process",
    "QuestionsChanged",
    "Signal",
    "Stream",
    "Terminal",
    "TunnelsChanged",
    "WaitsChanged",
]


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
        """Read what only a detailed look needs for this host; never blocks.

        tmux sessions inside my containers, notebooks of my servers, clocks and PCIe of its GPUs."""
        ...

    def history(self, host: str) -> tuple[GpuHistory, ...]:
        """The last hour of each of its GPUs, as far as it was watched."""
        ...

    def signal(self, host: str, pid: int, signal: Signal) -> None:
        """Send it to a process that a GPU of `host` shows, inside its container through the engine.

        Refused where the pid is another process by now. Confirming is the caller's duty."""
        ...

    def checkup(self, host: str, *, idle_after: float) -> tuple[Check, ...]:
        """What is missing or risky there, each with what mends it; only asks. A host that is not reached: why.

        `idle_after`: seconds from which on a GPU of mine that does nothing is worth a row."""
        ...

    # workspaces
    def profiles(self) -> tuple[ProfileSummary, ...]: ...
    def save_profile(self, draft: ProfileDraft) -> str:
        """Write it among mine, where it is right and its name is not taken there; the file's path."""
        ...

    def profile_file(self, name: str) -> str:
        """The path of the file to edit. For a profile that is not mine one of mine is made first, which extends it."""
        ...

    def propose(self, profile: str) -> Proposal:
        """What a shared profile, or the one that this profile extends, does that I have not accepted; read once."""
        ...

    def accept(self, proposal_id: str) -> None:
        """Use it from now on as it was read for that proposal, whatever lies there by then."""
        ...

    def plan(self, host: str, profile: str, want: Want) -> Plan: ...
    def launch(self, plan: Plan, report: Report, cancel: threading.Event) -> Ref: ...
    def act(self, ref: Ref, action: Action, *, force: bool = False, grace: float | None = None) -> None:
        """Confirming is the caller's duty (`model.confirm`); a read-only host refuses."""
        ...

    def logs(self, ref: Ref, window: LogWindow) -> Stream: ...
    def inspect(self, ref: Ref) -> dict[str, object]: ...

    # images of a host's engine
    def images(self, host: str) -> tuple[Image, ...]: ...
    def pull_image(self, host: str, reference: str, report: Report, cancel: threading.Event) -> None:
        """With the login that `docker login` left on this workstation for the image's registry."""
        ...

    def remove_image(self, host: str, image_id: str, *, force: bool = False) -> None:
        """By id, or by a name: an image with others keeps them. Confirming is the caller's duty."""
        ...

    def prune_images(self, host: str) -> int:
        """Remove dangling images that no container uses; how many bytes that freed."""
        ...

    def newer_image(self, host: str, reference: str) -> bool | None:
        """Whether the registry has another image by that name; None: it can't be told."""
        ...

    # what to make of a container
    def capture(self, ref: Ref, *, compose: bool = False) -> str:
        """A profile that makes such a container again, or a Compose file; YAML, secrets by name only."""
        ...

    def save_captured(self, ref: Ref, name: str) -> str:
        """Write what `capture` gives as a profile of mine; its path. One of that name is never written over."""
        ...

    def drift(self, ref: Ref) -> tuple[Difference, ...]:
        """Where it differs from what its profile says now."""
        ...

    def recreate(self, ref: Ref, report: Report, cancel: threading.Event) -> Ref:
        """Make it again from its image; name, mounts, ports, GPUs and environment stay. It is back if that fails."""
        ...

    def plan_clone(self, ref: Ref, host: str, want: Want) -> Plan:
        """What `launch` would make on `host` to be like `ref`; secrets go along."""
        ...

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

    def attach(
        self,
        place: PlaceRef,
        session: str | None,
        size: Size,
        *,
        term: str = "xterm-256color",
        how: Manner | None = None,
    ) -> Terminal:
        """A tmux session there. `session` None: a container's own session or a shell; a host's login shell.

        What is mine is made if missing. What is not is looked on, and never made; `how` None: as whose it is says.
        Confirming that somebody else's is written into is the caller's duty."""
        ...

    def new_session(self, place: PlaceRef, name: str) -> None: ...
    def kill_session(self, place: PlaceRef, name: str) -> None: ...

    def dial_engine(self, host: str) -> Stream:
        """A connection to the engine's API of `host`; whoever has one is root there, so a read-only host refuses."""
        ...

    # tunnels
    def open_tunnel(self, place: PlaceRef, port: int, local_port: int | None = None, *, keep: bool = True) -> Tunnel:
        """The same tunnel again where it is open already. Without `keep` it ends with the program that asked for it."""
        ...

    def open_jupyter(self, place: PlaceRef, local_port: int | None = None, *, keep: bool = True) -> Tunnel:
        """Find the server and its token; the tunnel's `url` opens it once `/api/status` has answered through it."""
        ...

    def close_tunnel(self, tunnel_id: str) -> None: ...
    def tunnels(self) -> tuple[Tunnel, ...]:
        """Never blocks."""
        ...

    # waits
    def begin_wait(self, order: WaitOrder, environ: Mapping[str, str]) -> KeptWait:
        """Launch once such GPUs are free somewhere; goes on without the program that asked.

        `environ`: as in `Want`; holds secrets."""
        ...

    def cancel_wait(self, wait_id: str) -> None:
        """End it; of one that ended, forget it."""
        ...

    def waits(self) -> tuple[KeptWait, ...]:
        """Those that go on, and those that ended lately; never blocks."""
        ...
