"""Containers, as `gpuws ps --json` and what acts on them print them."""

from __future__ import annotations

from typing import TypedDict

from gpuws.model.workspace.workspace import OutOfMemory
from gpuws.present.documents.fields.base import HostRow, Time


class PortRow(TypedDict):
    """A port of a container."""

    target: int
    """Inside."""
    host_ip: str | None
    """The host's address on which it is published."""
    published: int | None
    """The host's port; null: it is reached through a tunnel only."""


class ContainerRow(TypedDict):
    """A container, whoever made it."""

    host: str
    id: str
    name: str
    image: str
    engine: str | None
    """The kind that keeps it, where it is one beside the host's own."""
    state: str
    """The engine's own word."""
    created: Time | None
    reason: str | None
    """Why it ended, `exited 137, out of memory`; of one that runs what went wrong in it, `out of memory inside`."""
    out_of_memory: OutOfMemory | None
    """`inside`: programs of it were killed for want of memory since it was started, and it went on; `killed`: it ended
    so. null: neither is known."""
    oom_kills: int | None
    """How often that happened since it was started; null: not counted."""
    gpu_out_of_memory: str | None
    """Of one of mine that failed for want of GPU memory, by the last lines of its log: what it wanted on which GPU, and
    who else was on it then, as far as that was watched. null: nothing of it is known."""
    health: str | None
    """Of its health check."""
    owner: str | None
    mine: bool
    profile: str | None
    """That it was launched from."""
    gpus: list[str]
    """UUIDs that it was given."""
    memory_limit_bytes: int | None
    gpu_memory_bytes: int | None
    """In use by its processes."""
    ports: list[PortRow]
    started: Time | None
    """While it runs."""
    restarts: int | None
    """How often its engine began it again."""
    project: str | None
    """Of Compose."""
    cpu_limit_percent: float | None
    """100 for each processor that it may keep busy; null: no cap."""
    cpu_percent: float | None
    """100 for each processor that it kept busy: by its control group over the last seconds, with `--usage` over one
    second; null: not known yet."""
    memory_used_bytes: int | None
    """Of the host's memory, without files that the kernel keeps only because there is room; at most 15 seconds old,
    with `--usage` new."""
    disk_read_bytes_per_second: int | None
    """null here and below: it can't be read, or not yet."""
    disk_written_bytes_per_second: int | None
    network_received_bytes_per_second: int | None
    """By network cards that only it has; null where it uses the host's."""
    network_sent_bytes_per_second: int | None
    tunnels: list[int]
    """Local ports that lead into it."""


class ContainersDocument(TypedDict):
    """Containers of all hosts."""

    hosts: list[HostRow]
    containers: list[ContainerRow]


class ActedRow(TypedDict):
    """A container that something was to be done to."""

    host: str
    id: str
    """Of the new one, where it was made again."""
    name: str
    """What it is called then."""
    done: bool
    error: str | None
    """Why it was not done; null with `--dry-run`, too."""
    command: str
    """The same as a plain command."""


class ActedDocument(TypedDict):
    """What became of one action on one container or several, once the last has ended."""

    action: str
    containers: list[ActedRow]


class DifferenceRow(TypedDict):
    """What a container and its profile do not agree on."""

    key: str
    profile: str | None
    container: str | None


class DriftDocument(TypedDict):
    """Where a container differs from what its profile says now."""

    target: str
    profile: str | None
    differences: list[DifferenceRow]
