"""What the document of `hosts top` holds."""

from __future__ import annotations

from typing import TypedDict

from gpuws.present.documents.fields.base import HostRow, Time


class LoadRow(TypedDict):
    """A process, or several alike of one parent."""

    pids: list[int]
    """Of one, or of all that are alike: workers with one command, none on a GPU."""
    user: str | None
    """Its person: a container's owner, else its login."""
    mine: bool
    kind: str | None
    """What it is known as: `data loader`, `VS Code server`, `coding agent (…)`; null: its command says it."""
    command: str | None
    """Secrets masked; of one that waits for a disk only its name."""
    cpu_percent: float | None
    """Of one core; of several together."""
    memory_bytes: int | None
    """Resident; what several share counts once."""
    state: str | None
    """As `ps` has it: `D` waits for a disk or a server."""
    waits_seconds: float | None
    """For so long it is known to wait without having run."""
    waits_in: str | None
    """The kernel's function, where that is told: of my own processes."""
    started: Time | None
    container: str | None
    session: str | None
    job: str | None
    """Of a queue."""
    gpus: list[int]
    """Indices of those that it holds."""


class StalledRow(TypedDict):
    """An NFS server that does not answer."""

    server: str
    places: list[str]
    """Where it is mounted."""
    waiting: list[int]
    """Pids of who waits for it."""


class HostLoadRow(TypedDict):
    """A host."""

    host: str
    read: Time | None
    seconds: float | None
    """CPU time was measured over so long."""
    cores: int | None
    processes_seen: int | None
    hidden: bool
    """/proc shows only my own processes."""
    stalled_mounts: list[StalledRow]
    processes: list[LoadRow]


class LoadDocument(TypedDict):
    """Which processes take most of hosts' processors and memory, those that take most CPU first."""

    hosts: list[HostRow]
    load: list[HostLoadRow]
