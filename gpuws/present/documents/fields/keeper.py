"""The keeper, and where files are."""

from __future__ import annotations

from typing import TypedDict

from gpuws.present.documents.fields.tasks import TaskRow
from gpuws.present.documents.fields.tunnels import TunnelRow
from gpuws.present.documents.fields.waits import WaitRow


class KeeperRow(TypedDict):
    """The background process."""

    pid: int
    version: str
    config_dir: str
    log: str
    """Its file."""
    age_seconds: float
    clients: int
    """Screens and commands that use it now."""
    hosts: list[str]
    tunnels: list[TunnelRow]
    waits: list[WaitRow]
    tasks: list[TaskRow]
    watches: list[str]
    """What is told when it ends."""
    watched: list[str]
    """Hosts that rules of config.yaml watch."""
    capped: list[str]
    """Containers whose cap on GPU memory it watches, HOST/NAME."""
    ends_in_seconds: float | None
    """null: not before somebody leaves, or a tunnel is closed."""


class KeeperDocument(TypedDict):
    """The keeper, if one runs."""

    keeper: KeeperRow | None


class PathsDocument(TypedDict):
    """Where files are."""

    config: str
    hosts: str
    profiles: str
    built_in_profiles: str
    state: str
    known_hosts: str
    log: str
    command_log: str
    """What gpuws did on hosts."""
    history: str
    """How GPUs were used, for `gpuws report`."""
    runtime: str
    keeper_socket: str
    keeper_log: str
