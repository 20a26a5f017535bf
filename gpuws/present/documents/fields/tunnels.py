"""Tunnels, and what listens where one could lead to."""

from __future__ import annotations

from typing import TypedDict

from gpuws.model.session.tunnel import Speaks, TunnelState
from gpuws.present.documents.fields.base import HostRow, Time


class TunnelRow(TypedDict):
    """A local port that leads to a host or into a container."""

    target: str
    """`HOST:PORT` or `HOST/CONTAINER:PORT`."""
    local_port: int
    state: TunnelState
    """`listening`: nothing went through it yet; `up`: what is there took the last connection; `waiting`: the host is
    away, the port is kept; `asking`: the host needs a person; `refuses`: nothing takes connections there; `gone`:
    nothing bears the name, or it does not run; `taken`: another program has the local port. `error` says why."""
    url: str | None
    """Of a notebook, with its token: a secret."""
    bytes_in: int
    bytes_out: int
    error: str | None
    since: Time | None
    """When its state began."""
    connections: int
    """That are open now, those included that wait for their host."""
    last_error: str | None
    """The last that `error` said, also after it was mended."""
    speaks: Speaks | None
    """What the last answer began as; null: there was none, or it is something else."""
    kept: bool
    """It stays when the program that opened it ends."""
    bind: str
    """The address of this workstation at which it takes connections; `""`: its loopback."""


class TunnelsDocument(TypedDict):
    """Tunnels that are open in the keeper, or the one that was opened."""

    hosts: list[HostRow]
    """Empty: nothing is asked of hosts."""
    tunnels: list[TunnelRow]


class ListeningRow(TypedDict):
    """A TCP port that takes connections in a place."""

    port: int
    service: str
    """As in `gpuws tunnel TARGET:SERVICE`; `http`, `https` or `tcp` for what is none of those."""
    process: str | None
    """The name of the program that has it; null: the host does not show whose it is."""
    pid: int | None
    """Of that process, on the host."""
    address: str | None
    """The only one at which it takes connections; null: all that the place has."""


class ListeningDocument(TypedDict):
    """What listens on a host or in a container."""

    hosts: list[HostRow]
    target: str
    """`HOST` or `HOST/CONTAINER`."""
    ports: list[ListeningRow]


class NotebookDocument(TypedDict):
    """One line once the tunnel to a notebook server is ready."""

    url: str | None
    """With its token: a secret."""
    local_port: int
