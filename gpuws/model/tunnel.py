"""A local port that leads to a port on a host or in a container."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

TunnelState = Literal["listening", "waiting", "broken", "closed"]


@dataclass(frozen=True, slots=True)
class Tunnel:
    """`state`: listening, waiting (the link is away; the port is kept), broken (`error` says why)."""

    id: str
    target: str  # as the user would type it: HOST/CONTAINER:PORT
    local_port: int
    state: TunnelState = "listening"
    url: str | None = field(default=None, repr=False)  # with a token for Jupyter: never logged
    bytes_in: int = 0
    bytes_out: int = 0
    error: str | None = None
