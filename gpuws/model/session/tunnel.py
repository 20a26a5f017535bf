"""A local port that leads to a port on a host or in a workspace, whichever one bears its name."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from typing import Literal

from gpuws.model.errors import UsageError
from gpuws.model.host.naming import labelled
from gpuws.model.workspace.workspace import PlaceRef

TunnelState = Literal["listening", "up", "waiting", "asking", "refuses", "gone", "taken"]
"""`listening`: nothing has gone through it yet. `up`: what is there took the last connection. `waiting`: the host is
away; it is tried again. `asking`: the host needs a person, for a login or a host key. `refuses`: nothing takes
connections there. `gone`: nothing bears the name, or it does not run. `taken`: another program has the local port."""
FIRST_PORT, PORTS = 20000, 10000
"""Where local ports lie that nobody asked for by number."""
LOOPBACK = "127.0.0.1"
Speaks = Literal["http", "tls", "ssh"]


@dataclass(frozen=True, slots=True)
class TunnelTarget:
    """Where a tunnel leads, by name: TCP port `port` of `host`, or of the workspace there that is called `workspace`
    when a connection is made.

    `kind`: a notebook's port answers a browser with a token; of any other port nothing is known. `address`: where alone
    its server listens, as its record said last: an address, or the path of a unix socket, whose port is 0.

    `to`: a machine behind the host, by the name or address that the host knows it by; or the absolute path of a unix
    socket in the place, whose `port` is 0; "": the place itself.

    `service`: what is meant by its name, `tensorboard`; `port` and `to` are where it was found last, 0 and "" before
    that."""

    host: str
    workspace: str | None
    port: int
    kind: Literal["port", "notebook"] = "port"
    address: str = ""
    to: str = ""
    service: str = ""

    @property
    def label(self) -> str:
        """The place as a person types it."""
        return labelled(self.host, self.workspace)

    @property
    def text(self) -> str:
        """As a person types it: HOST:PORT, HOST/WORKSPACE:PORT, with a service for PORT, or with `--to`. A target has
        one tunnel, which is known by it."""
        if self.service:
            return f"{self.label}:{self.service}"
        return f"{self.label} --to {self.beyond}" if self.to else f"{self.label}:{self.port or 'socket'}"

    @property
    def beyond(self) -> str:
        """What stands behind `--to`: ADDRESS:PORT or PATH; "" for the place itself."""
        if not self.to or self.to.startswith("/"):
            return self.to
        return f"[{self.to}]:{self.port}" if ":" in self.to else f"{self.to}:{self.port}"

    @property
    def preferred_port(self) -> int:
        """The same place gets the same local port every day, so that a browser's tab and cookies still fit."""
        return FIRST_PORT + zlib.crc32(self.text.encode()) % PORTS


def need_host(target: TunnelTarget) -> None:
    """UsageError where another machine is to be reached from a workspace, which may know it by another name."""
    if target.workspace is not None and target.to and not target.to.startswith("/"):
        said = f"{target.to} is reached from a host, not from a container"
        raise UsageError(said, f"name the host alone: {target.host}")


@dataclass(frozen=True, slots=True)
class Tunnel:
    """`workspace`: the id of what bears the target's name now; None: nothing does, or the host itself is meant.
    `since`: when its state began, epoch seconds. `connections`: those that are open now. `error`: why it is not up;
    `last_error`: why it was not when it last was not.
    `speaks`: what its last answer began as; None: there was none, or it is something else.

    `remark`: what a person should know who opens it. `kept`: it stays when the program that asked for it ends. `bind`:
    the address of this workstation at which it takes connections; "": its loopback."""

    id: str
    target: TunnelTarget
    local_port: int
    state: TunnelState = "listening"
    url: str | None = field(default=None, repr=False)  # with a token for Jupyter: never logged
    bytes_in: int = 0
    bytes_out: int = 0
    error: str | None = None
    kept: bool = False
    workspace: str | None = None
    since: float | None = None
    connections: int = 0
    speaks: Speaks | None = None
    last_error: str | None = None
    remark: str | None = None
    bind: str = ""

    @property
    def here(self) -> str:
        """Where it takes connections, ADDRESS:PORT."""
        return f"[{self.bind}]:{self.local_port}" if ":" in self.bind else f"{self.bind or LOOPBACK}:{self.local_port}"

    @property
    def near(self) -> str:
        """ADDRESS:PORT by which a program of this workstation reaches it."""
        loopback = {"": LOOPBACK, "0.0.0.0": LOOPBACK, "::": "[::1]"}
        return f"{loopback[self.bind]}:{self.local_port}" if self.bind in loopback else self.here

    @property
    def place(self) -> PlaceRef | None:
        """Where it leads now; None: nothing bears the name."""
        if self.target.workspace is not None and self.workspace is None:
            return None
        return PlaceRef(self.target.host, self.workspace)

    def leads_to(self, host: str) -> bool:
        """To that host or into one of its workspaces."""
        return self.target.host == host


@dataclass(frozen=True, slots=True)
class TunnelPlan:
    """Enough to open a tunnel again on its port. A notebook's token is looked up anew, never kept."""

    target: TunnelTarget
    local_port: int
    bind: str = ""
