"""What is remembered of a host, so that the next look, by whichever process, finds what happened in between. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from gpuws.model.alarms import FULL, OVERFULL, fullness
from gpuws.model.gpu.memory_cap import capped
from gpuws.model.host.host import HostState
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.session.session import Session
from gpuws.model.session.shells import SHELLS
from gpuws.model.session.window import Pane
from gpuws.model.workspace.usage import NEAR
from gpuws.model.workspace.workspace import Workspace

MEMORY_FULL = 0.95
"""From such a part of a host's memory on its kernel begins to end programs."""
ROOM = 0.03
"""So much must be free again before what is full is told once more."""


@dataclass(frozen=True, slots=True)
class SeenContainer:
    """`kills`: so often it was told that memory ran out in it; `killed_at`: since when it is known that it
    did once more. `ends`: how often it was seen to end; `restarted_at`: when that it restarts
    again and again was told. `gpu_memory`: that GPU memory ran out in it was told."""

    name: str
    alive: bool
    mine: bool = False
    kills: int = 0
    killed_at: float | None = None
    ends: int = 0
    restarted_at: float | None = None
    gpu_memory: bool = False


@dataclass(frozen=True, slots=True)
class SeenSession:
    """`doing`: "rest", "busy", "waiting" or "ended". `since`: since when, epoch seconds. `number`: of changes told.

    `ending`: since when it has ended without a status, epoch seconds: tmux tells of that a moment later."""

    label: str
    doing: str
    since: float
    mine: bool = False
    command: str = ""
    number: int = 0
    ending: float | None = None


@dataclass(frozen=True, slots=True)
class SeenGpu:
    """`free` None: not known. `since`: since when it is so, epoch seconds; `told`: that it came free was told.
    `faulted`: when the newest fault was that is no news any more."""

    index: int
    health: str
    free: bool | None
    since: float
    mine: bool = False
    told: bool = True
    number: int = 0
    faulted: float = 0.0


@dataclass(frozen=True, slots=True)
class SeenHost:
    """`up`: as it was seen last, since `since`; `lost`: that it is lost was told, at these times of the last hours."""

    up: bool
    since: float
    lost: bool = False
    times: tuple[float, ...] = ()
    number: int = 0


@dataclass(frozen=True, slots=True)
class Seen:
    """None: that part was never seen. `limits`: what is nearly full, by its key, and how full it was when that was
    told; `number`: how often it was told in all."""

    host: SeenHost | None = None
    containers: Mapping[str, SeenContainer] | None = None
    sessions: Mapping[str, SeenSession] | None = None
    gpus: Mapping[str, SeenGpu] | None = None
    limits: Mapping[str, float] | None = None
    number: int = 0

    @property
    def weight(self) -> int:
        """How many things it holds."""
        return 1 + sum(len(part or ()) for part in (self.containers, self.sessions, self.gpus, self.limits))

    def since(self, before: Seen) -> Seen:
        """Only the parts that are others than in `before`."""
        changed = {name: value for name in PARTS if (value := getattr(self, name)) != getattr(before, name)}
        return Seen(number=self.number, **changed)

    def with_changes(self, changed: Seen) -> Seen:
        """The parts of `changed` in place of these."""
        told = {name: value for name in PARTS if (value := getattr(changed, name)) is not None}
        return replace(self, number=changed.number, **told)


PARTS = ("host", "containers", "sessions", "gpus", "limits")


def up(snapshot: HostSnapshot) -> bool:
    """It answers. What is stale may be so for a moment, and counts as gone like any other: see `lasting`."""
    return snapshot.state is HostState.UP


def session_key(session: Session) -> str:
    return "/".join(
        (session.container or "", session.socket, session.id or session.name, f"{session.created or 0:.0f}")
    )


@dataclass(frozen=True, slots=True)
class Doing:
    """What goes on in one pane. `key`: names it while its server lives; `what`: as `SeenSession.doing`.
    `status`: of what ended, where known. `judged`: its screen was read; nothing of that is in a notice, which is
    written down and sent."""

    key: str
    label: str
    what: str
    command: str = ""
    status: int | None = None
    judged: bool = False


def doings(session: Session) -> Iterator[Doing]:
    """Of each pane; the one that is shown is judged by its screen, where that was read."""
    label, key = _label(session), session_key(session)
    if not session.layout:
        yield _judged(session, None, key, label)
    several = sum(len(window.panes) for window in session.layout) > 1
    for window in session.layout:
        for pane in window.panes:
            here = f"{label} {window.index}:{window.name}" if several else label
            judged = session if pane == session.pane else replace(session, state=None)
            yield _judged(judged, pane, f"{key}/{pane.id}", here)


def shown(session: Session) -> Doing:
    """Of the pane that whoever attaches sees."""
    return _judged(session, session.pane, session_key(session), _label(session))


def _judged(session: Session, pane: Pane | None, key: str, label: str) -> Doing:
    state, command = session.state, (pane.command if pane else session.command) or ""
    if pane is not None and pane.ended:
        return Doing(key, label, "ended", command, pane.status)
    if state is not None and state.kind == "ended":
        return Doing(key, label, "ended", command, state.status)
    if state is not None and state.kind == "waiting":
        return Doing(key, label, "waiting", command, judged=True)
    rests = state.kind == "idle" if state is not None else not command or command.lstrip("-") in SHELLS
    return Doing(key, label, "rest" if rests else "busy", command, judged=state is not None)


def _label(one: Session) -> str:
    """`torch-dev:main`, as it is typed behind its host."""
    return f"{one.container}:{one.name}" if one.container else f"{one.program} {one.name}"


@dataclass(frozen=True, slots=True)
class Limit:
    """What may fill up. `name`: of what, as it is said; `part`: how full it is, 1 at the limit; `bound`: from where on
    that is told; `container`: whose limit it is, if any."""

    name: str
    part: float
    bound: float
    container: Workspace | None = None


def limits(snapshot: HostSnapshot) -> Mapping[str, Limit]:
    """By a key that is the same at the next look. Of containers it ends with an id."""
    found = {}
    for disk in snapshot.disks:
        if (part := fullness(disk)) is not None:
            found[f"disk {disk.mount}"] = Limit(f"the disk of {disk.mount}", part, FULL)
            found[f"disk! {disk.mount}"] = Limit(f"the disk of {disk.mount}", part, OVERFULL)
    if snapshot.memory_used is not None and snapshot.memory_total:
        found["memory"] = Limit("its memory", snapshot.memory_used / snapshot.memory_total, MEMORY_FULL)
    for held in capped(snapshot.gpus, snapshot.workspaces):
        box = held.container
        name = f"the cap of {box.name} on GPU {held.gpu}"
        found[f"cap {held.gpu} {box.id}"] = Limit(name, held.used / held.cap.limit, 1.0, box)
    for box in snapshot.workspaces:
        if box.usage is not None and box.usage.memory is not None and box.memory_limit:
            name = f"the memory of {box.name}"
            found[f"ram {box.id}"] = Limit(name, box.usage.memory / box.memory_limit, NEAR, box)
    return found


def of_a_container(key: str) -> str:
    """The id of the container that a key of `limits` is about, "" where it is about none."""
    kind, _, rest = key.partition(" ")
    return rest.rpartition(" ")[2] if kind in ("cap", "ram") else ""
