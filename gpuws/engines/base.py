"""The Engine protocol: what a host's container engine (or, later, a queue) does for a fleet."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from gpuws.link.place import Place, Stream
    from gpuws.model.captured import Captured, Difference
    from gpuws.model.engine import EngineInfo
    from gpuws.model.errors import GpuwsError
    from gpuws.model.gpu import Gpu
    from gpuws.model.host import Host
    from gpuws.model.image import Image
    from gpuws.model.logs import LogWindow
    from gpuws.model.plan import Check, Plan, Report, Want
    from gpuws.model.profile import Profile
    from gpuws.model.reading import HostFacts
    from gpuws.model.workspace import Workspace

Recheck = Callable[[], None]
"""Looks at the GPUs of a plan once more and raises where one is no longer free."""


@dataclass(frozen=True, slots=True)
class Site:
    """What the engine must know of its host to plan a launch. `owner`: who I am there, for the label.

    `driver`, `cuda`: NVIDIA's driver and the newest CUDA it runs, "580.95.05" and "13.0". `short`: why `gpus` may not
    be all, or not all that is known of them."""

    host: Host
    facts: HostFacts
    gpus: tuple[Gpu, ...]
    owner: str
    workstation: str
    driver: str | None = None
    cuda: str | None = None
    short: GpuwsError | None = None


class Engine(Protocol):
    """Blocking calls; one per host. Container ids are full ids."""

    def info(self) -> EngineInfo: ...  # what its greeting told; costs nothing
    def workspaces(self) -> list[Workspace]:
        """All containers, stopped ones included; `mine` and `gpu_memory` are joined later."""
        ...

    def changes(self, stop: threading.Event) -> Iterator[None]:
        """Yields whenever the list may have changed, until `stop` is set or the stream breaks (an error)."""
        ...

    def plan(self, profile: Profile, want: Want, site: Site) -> Plan:
        """Checks, GPUs, the equivalent command; nothing is created."""
        ...

    def launch(self, plan: Plan, report: Report, cancel: threading.Event, recheck: Recheck | None = None) -> str:
        """Pull or build, create and start; the container's id. Cancelled: nothing is left behind.

        `recheck` is called just before the creation, while no other launch can choose GPUs there."""
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
    def images(self) -> list[Image]:
        """All that have a name, and dangling ones."""
        ...

    def pull_image(self, reference: str, report: Report, cancel: threading.Event) -> None:
        """With this workstation's login for the image's registry. Cancelled: the engine stops."""
        ...

    def remove_image(self, image: str, force: bool = False) -> None:
        """By name or id; one that a container uses is refused."""
        ...

    def prune_images(self) -> int:
        """Remove dangling images; how many bytes that freed."""
        ...

    def newer_image(self, reference: str) -> bool | None:
        """Whether the registry has another image by that name; None: it can't be told."""
        ...

    def capture(self, container_id: str, site: Site) -> Captured:
        """A profile that makes such a container again, here or elsewhere."""
        ...

    def compose_file(self, container_id: str) -> str:
        """A Compose file that makes such a container again here."""
        ...

    def drift(self, container_id: str, profile: Profile, site: Site) -> tuple[Difference, ...]:
        """Where the container differs from what `profile` says now."""
        ...

    def recreate(self, container_id: str, report: Report, cancel: threading.Event) -> str:
        """Make it again under its name; the new id. Failed or cancelled: the old one is back as it was."""
        ...

    def dial(self) -> Stream:
        """A connection to its API, for programs that speak it themselves."""
        ...

    def checkup(self, *, gpus: bool) -> tuple[Check, ...]:
        """What of the engine is missing or risky, whatever is launched; only asks. `gpus`: the host has some."""
        ...

    def end_orphans(self) -> int:
        """End execs in containers whose gpuws on this workstation is gone; how many."""
        ...
