"""The Engine protocol: what a host's container engine (or, later, a queue) does for a fleet."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from gpuws.link.place import Place, Stream
from gpuws.model.container import Container, EngineInfo
from gpuws.model.gpu import Gpu
from gpuws.model.host import Host
from gpuws.model.plan import Plan, Progress, Want
from gpuws.model.profile import Profile
from gpuws.model.reading import HostFacts

Report = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Caps:
    """What an engine can do; what it can't the screen greys out with the reason."""

    pick_gpu: bool = True
    cap_memory: bool = True
    build_images: bool = True


@dataclass(frozen=True, slots=True)
class LogWindow:
    """`tail` None: all. `since`: epoch seconds."""

    follow: bool = False
    tail: int | None = 500
    since: float | None = None
    timestamps: bool = False


@dataclass(frozen=True, slots=True)
class Site:
    """What the engine must know of its host to plan a launch. `mine`: my names there, the label's owner first."""

    host: Host
    facts: HostFacts
    gpus: tuple[Gpu, ...]
    mine: tuple[str, ...]
    workstation: str


class Engine(Protocol):
    """Blocking calls; one per host. Container ids are full ids."""

    @property
    def caps(self) -> Caps: ...
    def info(self) -> EngineInfo: ...
    def workspaces(self) -> list[Container]:
        """All containers, stopped ones included; `mine` and `gpu_memory` are joined later."""
        ...

    def changes(self, stop: threading.Event) -> Iterator[None]:
        """Yields whenever the list may have changed, until `stop` is set or the stream breaks (an error)."""
        ...

    def plan(self, profile: Profile, want: Want, site: Site) -> Plan:
        """Checks, GPUs, the equivalent command; nothing is created."""
        ...

    def launch(self, plan: Plan, report: Report, cancel: threading.Event) -> str:
        """Pull or build, create and start; the container's id. Cancelled: nothing is left behind."""
        ...

    def place(
        self, container_id: str, *, user: str | None = None, cwd: str | None = None, env: Sequence[str] = ()
    ) -> Place:
        """The inside of a running container, by exec over the API; `env` items are KEY=VALUE."""
        ...

    def address(self, container_id: str, port: int) -> tuple[str, int]:
        """Where the host itself reaches that port of the container."""
        ...

    def logs(self, container_id: str, window: LogWindow) -> Stream: ...
    def inspect(self, container_id: str) -> dict[str, object]: ...
    def start(self, container_id: str) -> None: ...
    def stop(self, container_id: str, grace: float | None = None) -> None: ...
    def restart(self, container_id: str, grace: float | None = None) -> None: ...
    def kill(self, container_id: str, signal: str = "KILL") -> None: ...
    def remove(self, container_id: str, force: bool = False) -> None: ...
    def end_orphans(self) -> int:
        """End execs in containers whose gpuws on this workstation is gone; how many."""
        ...
