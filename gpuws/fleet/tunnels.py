"""Ports of a host or of a workspace, reached from this workstation."""

from __future__ import annotations

from typing import Protocol

from gpuws.fleet.crossing import closes_tunnel, opens_tunnel, view
from gpuws.link.place import Stream
from gpuws.model.session.tunnel import Tunnel, TunnelTarget
from gpuws.model.workspace.workspace import PlaceRef


class Tunnels(Protocol):
    """A tunnel keeps its port while its link is away. Without `keep` it ends with the program that asked for it.

    `local_port` None: the same one every day for the same target. `TargetError` where there is no such place,
    `Unreachable` where the host is away, `Refused` for a read-only host itself; an error where the port is taken."""

    @opens_tunnel
    def open_tunnel(self, place: PlaceRef, port: int, local_port: int | None = None, *, keep: bool = True) -> Tunnel:
        """To TCP port `port` there; the same tunnel again where it is open already."""
        ...

    @opens_tunnel
    def hold_tunnel(self, target: TunnelTarget, local_port: int, *, keep: bool = True) -> Tunnel:
        """One that was open before, on its port again, although its host may be away, or another program has the port:
        it waits. A notebook's URL comes later. `TargetError` where there is no such host."""
        ...

    @opens_tunnel
    def open_jupyter(self, place: PlaceRef, local_port: int | None = None, *, keep: bool = True) -> Tunnel:
        """Find the server and its token; the tunnel's `url` opens it once `/api/status` has answered through it.

        A server of a workspace that was just started is waited for, up to a minute; else `TargetError`."""
        ...

    @closes_tunnel
    def close_tunnel(self, tunnel_id: str) -> None:
        """Its connections end, too. `TargetError` where none is open by that id."""
        ...

    def dial_port(self, place: PlaceRef, port: int) -> Stream:
        """One connection to TCP port `port` there, without a port of this workstation. An error where none answers."""
        ...

    @view
    def tunnels(self) -> tuple[Tunnel, ...]:
        """Those that are open, and those that wait for their host; never blocks."""
        ...
