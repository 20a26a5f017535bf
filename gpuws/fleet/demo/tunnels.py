"""Implements `fleet.tunnels`: with a word, since the demo opens no ports."""
# ruff: noqa: ARG002 - the protocol's arguments that a simulation has no use for

from __future__ import annotations

from gpuws.fleet.demo.core import DemoCore
from gpuws.model.errors import Refused
from gpuws.model.session.tunnel import Tunnel
from gpuws.model.workspace.workspace import PlaceRef


class DemoTunnels(DemoCore):
    def open_tunnel(self, place: PlaceRef, port: int, local_port: int | None = None, *, keep: bool = True) -> Tunnel:
        raise Refused("the demo opens no ports")

    def open_jupyter(self, place: PlaceRef, local_port: int | None = None, *, keep: bool = True) -> Tunnel:
        raise Refused("the demo opens no ports")

    def close_tunnel(self, tunnel_id: str) -> None:
        """None is ever open."""

    def tunnels(self) -> tuple[Tunnel, ...]:
        return ()
