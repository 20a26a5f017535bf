"""What runs over a host's link as long as it is read: begun together, ended together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from gpuws.fleet.local.host.cap_watch import CapWatch
from gpuws.fleet.local.host.engine_watch import EngineWatch
from gpuws.fleet.local.host.failure_watch import FailureWatch
from gpuws.fleet.local.host.memory_watch import MemoryWatch
from gpuws.fleet.local.host.notebook_watch import NotebookWatch
from gpuws.fleet.local.host.parts import Parts
from gpuws.fleet.local.host.session_watch import SessionWatch
from gpuws.fleet.local.host.telemetry import Telemetry, Tell
from gpuws.fleet.local.shared.stops import Stops
from gpuws.link.place import Link, Place, Stream
from gpuws.model.errors import GpuwsError
from gpuws.model.host.host import Host
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.ownership.kernels import unnamed
from gpuws.model.workspace.logs import LogWindow
from gpuws.model.workspace.workspace import Workspace

if TYPE_CHECKING:
    from gpuws.engines.base import Engine
    from gpuws.jupyter.kernels import Reached
    from gpuws.model.host.busiest import LoadTold
    from gpuws.model.workspace.usage import Counters

Heard = Literal["sessions", "memory"]
"""What is read more often, or at all, while somebody is to be told of it: of tmux sessions, of containers' memory."""


class Services:
    """Of one link. `tell` takes what they saw into the host's picture, `snapshot` gives that picture. `at_hand`:
    notebook servers whose tokens are known already."""

    def __init__(
        self,
        host: Host,
        link: Link,
        tell: Tell,
        snapshot: Callable[[], HostSnapshot],
        at_hand: Callable[[], Sequence[Reached]],
        stops: Stops,
    ) -> None:
        self._link = link
        self._tell = tell
        self._snapshot = snapshot
        self._caps = CapWatch(lambda workspace: self.engine().act(workspace, "stop"), stops)
        self._telemetry = Telemetry(host, link, self._tell_and_look)
        self._engines = EngineWatch(host, link, self._tell_and_look, readonly=lambda: self._snapshot().readonly)
        self._failures = FailureWatch(self._last_lines, stops, lambda: tell(replace))
        self._sessions = SessionWatch(host, tell, self._running_mine, self._inside, self._telemetry.read_sessions)
        self._notebooks = NotebookWatch(host, tell, self._running_mine, self._place, at_hand)
        self._memory = MemoryWatch(host, tell, self._alive_mine, self.usage)
        self._all = (self._telemetry, self._engines, self._sessions, self._notebooks, self._memory)

    def start(self) -> None:
        self._link.on_crowded(self._telemetry.give_way)
        for service in self._all:
            service.start()

    def close(self) -> None:
        """Returns at once; the engine that was found can still be spoken to."""
        for service in self._all:
            service.close()

    def watch(self, on: bool) -> None:
        """Somebody looks at this host."""
        self._sessions.watch(on)
        self._notebooks.watch(on and not self._snapshot().readonly)  # finding servers runs a program there
        self._memory.watch(on)
        self._engines.watch(on)
        self._telemetry.look(on)

    def listen(self, to: frozenset[Heard]) -> None:
        """Somebody is to be told of these."""
        self._sessions.listen("sessions" in to)
        self._memory.listen("memory" in to)

    def look_closely(self, on: bool) -> None:
        """Read what is read of GPUs only for somebody who looks."""
        self._telemetry.look(on)

    def busiest(self) -> LoadTold:
        """Which processes load the host most, asked now."""
        return self._telemetry.busiest()

    def usage(self, ids: Sequence[str]) -> tuple[Counters, ...]:
        """What these workspaces take, by their control groups; the engine is asked only for those that have none that
        can be read."""
        try:
            found = [one for one in self._telemetry.containers() if one.id in ids]
        except GpuwsError:
            found = []
        rest = [one for one in ids if one not in {each.id for each in found if each.memory is not None}]
        if not rest:
            return tuple(found)
        return tuple(one for one in found if one.id not in rest) + self._asked(rest, found)

    def _asked(self, ids: Sequence[str], found: Sequence[Counters]) -> tuple[Counters, ...]:
        from gpuws.engines.base import present

        try:
            return tuple(present(self.engine().inspection).usage(ids))
        except GpuwsError:
            if found:
                return tuple(one for one in found if one.id in ids)
            raise

    def refresh(self) -> None:
        """Something was just done here: the workspaces are listed again before this returns."""
        self._engines.refresh()
        self._sessions.refresh()

    def list_again(self, since: float) -> bool:
        """The workspaces are listed as they were after `since`, a moment of the monotonic clock; False where the engine
        did not answer."""
        return self._engines.refresh(since)

    def refresh_sessions(self, workspace: str | None) -> None:
        """A tmux session was just made or ended there. The host's are listed again before this returns."""
        if workspace is None:
            self._telemetry.read_sessions()
        else:
            self._sessions.refresh()

    def read_sessions(self) -> bool:
        """Those of the host and of my workspaces, now; False where one did not answer."""
        answered = self._telemetry.read_sessions()
        return self._sessions.read() and answered

    def read_notebooks(self) -> bool:
        """Those of my servers, now; False where one did not answer. On a read-only host nothing is looked for."""
        return self._snapshot().readonly or self._notebooks.read()

    def home_of(self, kernel: str) -> Reached | None:
        """The notebook server that told of it."""
        return self._notebooks.home(kernel)

    def engine(self, workspace: str | None = None) -> Engine:
        """The host's engines as one, or the one that keeps `workspace` (id); GpuwsError with the reason where there is
        none."""
        return self._engines.engine(workspace)

    def _tell_and_look(self, change: Callable[[Parts], Parts]) -> None:
        """Which workspaces are mine takes their list and my login there: either may come last."""
        self._tell(change)
        snapshot = self._snapshot()
        if "containers" in snapshot.complete:
            self._sessions.look_at(frozenset(one.id for one in self._running_mine()))
            self._caps.look(snapshot)
            self._failures.look(snapshot)
            if not snapshot.readonly:
                self._notebooks.seek(unnamed(snapshot.gpus))

    def _last_lines(self, workspace: str) -> Stream:
        from gpuws.model.gpu.out_of_memory import LINES

        return self.engine(workspace).logs(workspace, LogWindow(tail=LINES))

    def _running_mine(self) -> tuple[Workspace, ...]:
        """None on a read-only host: looking inside runs a program there. Of those whose programs are the host's own it
        tells itself."""
        snapshot = self._snapshot()
        found = (one for one in snapshot.workspaces if one.mine and one.enterable and not one.on_host)
        return () if snapshot.readonly else tuple(found)

    def _alive_mine(self) -> tuple[Workspace, ...]:
        snapshot = self._snapshot()
        found = (one for one in snapshot.workspaces if one.mine and one.alive)
        return tuple(one for one in found if not snapshot.caps_of(one).inspection)

    def _inside(self, workspace: str) -> Place:
        return self.engine().place(workspace)

    def _place(self, workspace: str | None, user: str | None = None) -> Place:
        return self._link if workspace is None else self.engine().place(workspace, user=user)
