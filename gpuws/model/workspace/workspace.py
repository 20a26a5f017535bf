"""Workspaces of a host, whoever made them and whatever engine runs them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from gpuws.model.workspace.usage import Taken, Usage, ran_out

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*\Z")
"""Engines take no other names; a hostile one may tell any."""


@dataclass(frozen=True, slots=True)
class Ref:
    """Names one workspace for good: a host's name and the id that its engine gave it, in full."""

    host: str
    id: str


@dataclass(frozen=True, slots=True)
class PlaceRef:
    """Names a place for good: a host, or the inside of one of its workspaces (full id)."""

    host: str
    workspace: str | None = None


@dataclass(frozen=True, slots=True)
class Port:
    """A container's TCP port. `published` None: it is reached through a tunnel only."""

    target: int
    host_ip: str | None = None
    published: int | None = None


@dataclass(frozen=True, slots=True)
class Container:
    """What only an engine of containers tells of a workspace; empty where another has made it."""

    image: str = ""
    ports: tuple[Port, ...] = ()
    mounts: tuple[str, ...] = ()  # host sources of its bind mounts
    user: str | None = None  # as it was created: "1204:1204", a name, None for the image's own
    login: str | None = None  # USER of its environment, which gpuws sets where the user is the one it logged in as
    health: str | None = None  # healthy | unhealthy | starting, where it checks itself
    restarts: int | None = None  # times that its engine began it again since it was started
    project: str | None = None  # the Compose project that it belongs to


OutOfMemory = Literal["inside", "killed"]
"""`inside`: programs of it were killed for want of memory since it was started, and it went on. `killed`: it ended
so."""
State = Literal["queued", "starting", "running", "ending", "exited"]
"""`queued`: it waits for what it asked for. `starting`: it has its GPUs, and nothing runs in it yet.
`running`: programs live in it, or may. `ending`: they still do. `exited`: it has given its GPUs back, and may be there
to be begun again."""
ACTIONS = frozenset({"enter", "start", "stop", "restart", "kill", "pause", "unpause", "rename", "remove", "recreate"})
"""What can make sense with a workspace. `enter`: to start programs in it."""
RUNNING = ACTIONS - {"start", "unpause"}
ENDED = frozenset({"start", "restart", "rename", "remove", "recreate"})
PAUSED = frozenset({"stop", "restart", "kill", "unpause", "rename", "remove"})
"""What makes sense with one that runs well, with one that has ended and is kept, and with one that is held still."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where somebody works, as the engine of a host keeps it: a container, a job, a process.

    `host`: where it is, by the name that the configuration has for it; None while that is not decided.
    `status`: the engine's own word for its state, which people see. `actions`: what makes sense now (`ACTIONS`).
    `gpus`: UUIDs, or indices as text where only those are known, or ("all",). `reach`: GPUs that it can use although it
    was not given them, named likewise. `engine`: the kind that keeps it, where that is one beside the host's own.
    `on_host`: its programs are the host's, which tells of their sessions, ports and notebooks itself.
    `labels`: what is written on it, gpuws' own words (`gpuws.…`) among them."""

    ref: Ref
    name: str
    host: str | None
    state: State
    status: str
    actions: frozenset[str] = frozenset()
    created: float | None = None  # epoch seconds
    reason: str | None = None  # why it is not running, or what went wrong inside: "exited 137, out of memory"
    failed: bool = False  # it ended, or lost a program, as nobody asked for
    out_of_memory: OutOfMemory | None = None
    oom_kills: int | None = None  # how often since it was started, where that is counted
    gpu_out_of_memory: str | None = None  # of one that failed so, in a sentence: what it wanted, who else was on it
    owner: str | None = None
    owner_is_label: bool = False
    mine: bool = False
    profile: str | None = None
    gpus: tuple[str, ...] = ()
    reach: tuple[str, ...] = ()
    started: float | None = None  # epoch seconds; while its programs live
    memory_limit: int | None = None  # bytes
    usage: Usage | None = None  # what it takes of its host now, as far as that is read
    cpu_limit: float | None = None  # processors, 1.5 for one and a half
    gpu_memory: int | None = None  # bytes in use by its programs
    labels: Mapping[str, str] = field(default_factory=dict)
    oci: Container = Container()
    engine: str = ""
    on_host: bool = False

    @property
    def id(self) -> str:
        return self.ref.id

    @property
    def place(self) -> PlaceRef:
        return PlaceRef(self.ref.host, self.ref.id)

    @property
    def typed(self) -> str:
        """What a person can type for it: its name, else the beginning of its id."""
        return self.name if NAME.match(self.name) else self.id[:12]

    @property
    def enterable(self) -> bool:
        """Programs can be started in it."""
        return "enter" in self.actions

    @property
    def alive(self) -> bool:
        """Programs live in it, or may."""
        return self.state in ("running", "ending")

    @property
    def holds(self) -> bool:
        """It keeps the GPUs that it was given."""
        return self.state in ("starting", "running", "ending")

    def allows(self, action: str) -> bool:
        """One of `ACTIONS` makes sense now."""
        return action in self.actions


def measured(workspace: Workspace, taken: Taken) -> Workspace:
    """With what it takes. Its control group counts programs that were killed for want of memory since it was started,
    which its engine tells only to whoever listens then."""
    told, counters = taken.usage.get(workspace.id), taken.counters.get(workspace.id)
    if not workspace.alive or told is None or counters is None:
        return workspace
    if workspace.started is not None and counters.at < workspace.started:  # of its life before
        return workspace
    kills = told.oom_kills or 0
    if kills <= (workspace.oom_kills or 0):
        return replace(workspace, usage=told)
    said = workspace.reason if workspace.out_of_memory else None
    reason = ran_out(kills) if said is None or said.startswith(ran_out(0)) else said
    return replace(workspace, usage=told, out_of_memory="inside", oom_kills=kills, failed=True, reason=reason)
