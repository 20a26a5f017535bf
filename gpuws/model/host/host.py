"""Hosts as configured, and the states a host can be in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Literal

NAME = re.compile(r"[A-Za-z0-9._][A-Za-z0-9._-]*\Z")
LOCAL = "local"

Backend = Literal["auto", "paramiko", "openssh"]
"""What speaks SSH to a host: `auto` is paramiko, unless the system's ssh is needed."""


class HostState(StrEnum):
    """INTERFACE §3: the `state` of a host in every listing."""

    CONNECTING = "connecting"
    ASKING = "asking"  # waits for a person: host key, passphrase, password, code
    UP = "up"
    STALE = "stale"  # last values are older than two intervals and a second
    DOWN = "down"
    AUTH_FAILED = "auth-failed"
    HOST_KEY_CHANGED = "host-key-changed"
    BLOCKED = "blocked"

    @property
    def final(self) -> bool:
        """No retry happens without a user's action."""
        return self in (HostState.AUTH_FAILED, HostState.HOST_KEY_CHANGED, HostState.BLOCKED)

    @property
    def reached(self) -> bool:
        """There is a link, or there was one a moment ago."""
        return self in (HostState.UP, HostState.STALE)


@dataclass(frozen=True, slots=True)
class DockerAccess:
    """How the engine of a host is reached; None means: found by itself. `context`: one of docker's own, there."""

    socket: str | None = None
    sudo: bool = False
    context: str | None = None


@dataclass(frozen=True, slots=True)
class Host:
    """One host of the configuration. `hostname` None: `name` is an alias of the SSH configuration."""

    name: str
    hostname: str | None = None
    user: str | None = None
    port: int | None = None
    identity_file: str | None = None
    jump: str | None = None
    ssh_options: Mapping[str, str] = field(default_factory=dict)
    ssh_config: str | None = None  # file handed to `ssh -F`
    backend: Backend = "auto"
    engine: str = "auto"  # a kind of `engines.registry`, or whichever is found
    docker: DockerAccess = DockerAccess()
    shell: str | None = None  # what runs our commands, where the login shell does not do so by itself
    python: str | None = None
    tags: tuple[str, ...] = ()
    readonly: bool = False
    shared_login: bool = False  # several people use this login
    vars: Mapping[str, str] = field(default_factory=dict)
    connect_timeout: float = 10.0  # seconds
    telemetry_interval: float = 2.0  # seconds

    @property
    def is_local(self) -> bool:
        return self.name == LOCAL

    def reached_as(self, other: Host) -> bool:
        """Whether a link to `other`, and what is done over it, would be the same."""
        return replace(self, tags=other.tags, vars=other.vars, shared_login=other.shared_login) == other
