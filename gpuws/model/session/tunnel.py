"""A local port that leads to a port on a host or in a container."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from typing import Literal

from gpuws.model.workspace.workspace import PlaceRef

TunnelState = Literal["listening", "waiting", "broken", "closed"]
FIRST_PORT, PORTS = 20000, 10000
"""Where local ports lie that nobody asked for by number."""


@dataclass(frozen=True, slots=True)
class TunnelTarget:
    """Where a tunnel leads: TCP port `port` of `place`. `label`: the place as a person types it.

    `kind`: a notebook's port answers a browser with a token; of any other port nothing is known."""

    place: PlaceRef
    label: str
    port: int
    kind: Literal["port", "notebook"] = "port"

    @property
    def text(self) -> str:
        """As a person types it: HOST:PORT or HOST/WORKSPACE:PORT. A target has one tunnel, which is known by it."""
        return f"{self.label}:{self.port}"

    @property
    def preferred_port(self) -> int:
        """The same place gets the same local port every day, so that a browser's tab and cookies still fit."""
        return FIRST_PORT + zlib.crc32(self.text.encode()) % PORTS


@dataclass(frozen=True, slots=True)
class Tunnel:
    """`state`: listening, waiting (the link is away; the port is kept), broken (`error` says why).

    `kept`: it stays when the program that asked for it ends."""

    id: str
    target: TunnelTarget
    local_port: int
    state: TunnelState = "listening"
    url: str | None = field(default=None, repr=False)  # with a token for Jupyter: never logged
    bytes_in: int = 0
    bytes_out: int = 0
    error: str | None = None
    kept: bool = False

    def leads_to(self, host: str) -> bool:
        """To that host or into one of its workspaces."""
        return self.target.place.host == host


@dataclass(frozen=True, slots=True)
class TunnelPlan:
    """Enough to open a tunnel again on its port. A notebook's token is looked up anew, never kept."""

    target: TunnelTarget
    local_port: int
