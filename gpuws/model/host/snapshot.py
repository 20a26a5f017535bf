"""All that is known of a host at one moment, frozen: what screens and listings read."""

from __future__ import annotations

from dataclasses import dataclass

from gpuws.model.gpu.fault import Fault
from gpuws.model.gpu.gpu import Availability, Gpu, MigInstance
from gpuws.model.gpu.reading import Coverage, Disk, FaultSources, HostFacts, ProbeCost, Source, Xid
from gpuws.model.host.host import HostState
from gpuws.model.ownership.identity import NOBODY, Me
from gpuws.model.session.notebook import Notebook
from gpuws.model.session.session import Session
from gpuws.model.workspace.engine import Caps, EngineInfo
from gpuws.model.workspace.workspace import Workspace

LAST_SEEN = "free when it was last seen"


@dataclass(frozen=True, slots=True)
class HostSnapshot:
    """`updated_at`: epoch seconds of the last sample, None before the first.

    `aliases`: the other names of the same machine. `me`: who I am there, by what it has told so far. `engine` None: not
    known yet. `telemetry` None with `telemetry_error`: why there are no GPUs to show.
    `backend`: what speaks SSH to it, "" before it was reached and for this machine; `backend_why`: what decided that,
    "" where nothing spoke against paramiko. `greeting`: rows of what the server said during the login, unasked;
    `besides`: what ssh would do there besides, and gpuws does not.
    `net_received`, `net_sent`: bytes a second over its network cards. `io_wait`: percent of the last ten seconds in
    which some program waited for disks.
    `complete` holds what has been read, or is known not to be there: "telemetry", "containers", "sessions",
    "notebooks" (as far as who holds a GPU is named by one)."""

    name: str
    state: HostState = HostState.CONNECTING
    phase: str = ""
    error: str | None = None
    remedy: str = ""
    retry_at: float | None = None  # epoch seconds of the next attempt
    generation: int = 0
    updated_at: float | None = None
    latency: float | None = None  # seconds, round trip
    readonly: bool = False
    aliases: tuple[str, ...] = ()
    me: Me = NOBODY
    tags: tuple[str, ...] = ()
    facts: HostFacts | None = None
    telemetry: Source | None = None
    telemetry_error: Fault | None = None
    coverage: Coverage = "waiting"
    driver: str | None = None
    cuda: str | None = None
    cpu_percent: float | None = None
    load: float | None = None
    memory_used: int | None = None
    memory_total: int | None = None
    disks: tuple[Disk, ...] = ()
    gpus: tuple[Gpu, ...] = ()
    engine: EngineInfo | None = None
    workspaces: tuple[Workspace, ...] = ()
    sessions: tuple[Session, ...] = ()
    notebooks: tuple[Notebook, ...] = ()
    warnings: tuple[Fault, ...] = ()
    xids: tuple[Xid, ...] | None = None
    faults: FaultSources | None = None
    cost: ProbeCost | None = None
    complete: frozenset[str] = frozenset()
    net_received: int | None = None
    net_sent: int | None = None
    backend: str = ""
    backend_why: str = ""
    greeting: tuple[str, ...] = ()
    besides: tuple[str, ...] = ()
    io_wait: float | None = None

    def age(self, now: float) -> float | None:
        """Seconds since the last sample."""
        return None if self.updated_at is None else max(now - self.updated_at, 0.0)

    @property
    def caps(self) -> Caps:
        """What its engine can do; of one that has not answered yet nothing is refused, and no command known."""
        return self.engine.caps if self.engine else Caps()

    def caps_of(self, workspace: Workspace | None) -> Caps:
        """What the engine that keeps it can do; None: the host's own."""
        if workspace is None or not workspace.engine:
            return self.caps
        return self.engine.beside.get(workspace.engine, Caps()) if self.engine else Caps()

    def caps_named(self, workspace: str) -> Caps:
        """The same of the one that is called so."""
        return self.caps_of(next((one for one in self.workspaces if one.name == workspace), None))

    def availability(self, place: Gpu | MigInstance) -> Availability:
        """How it is now: nothing that was free is known to be so still, once the host is not up."""
        found = place.availability
        return found if found.state != "free" or self.state is HostState.UP else Availability("unknown", LAST_SEEN)
