"""Workspaces of a host: its containers, whoever made them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from gpuws.model import container_state

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
class Workspace:
    """`gpus`: UUIDs, or indices as text where only those are known, or ("all",). `created`: epoch seconds.

    `reach`: GPUs that it can use although it was not given them, named likewise."""

    host: str
    id: str
    name: str
    image: str
    state: str  # the engine's own word: see container_state
    created: float | None = None
    reason: str | None = None  # why it is not running, or what went wrong inside: "exited 137, out of memory"
    owner: str | None = None
    owner_is_label: bool = False
    mine: bool = False
    profile: str | None = None
    gpus: tuple[str, ...] = ()
    memory_limit: int | None = None
    gpu_memory: int | None = None
    ports: tuple[Port, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    mounts: tuple[str, ...] = ()  # host sources of its bind mounts
    user: str | None = None  # as it was created: "1204:1204", a name, None for the image's own
    login: str | None = None  # USER of its environment, which gpuws sets where the user is the one it logged in as
    reach: tuple[str, ...] = ()
    health: str | None = None  # healthy | unhealthy | starting, where it checks itself
    failed: bool = False  # it ended, or lost a program, as nobody asked for

    @property
    def ref(self) -> Ref:
        return Ref(self.host, self.id)

    @property
    def place(self) -> PlaceRef:
        return PlaceRef(self.host, self.id)

    @property
    def typed(self) -> str:
        """What a person can type for it: its name, else the beginning of its id."""
        return self.name if NAME.match(self.name) else self.id[:12]

    @property
    def running(self) -> bool:
        """Programs can be started in it."""
        return self.state == "running"

    @property
    def alive(self) -> bool:
        """Programs live in it, or may."""
        return container_state.alive(self.state)

    @property
    def holds(self) -> bool:
        """It keeps the GPUs that it was given."""
        return container_state.holds(self.state)

    def allows(self, action: str) -> bool:
        """`start`, `stop`, `restart`, `kill`, `remove` or `recreate` makes sense now."""
        return container_state.allows(action, self.state)
