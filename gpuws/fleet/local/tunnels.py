"""Implements `fleet.tunnels`: listeners of this program. All end with it, whatever was asked to be kept."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from gpuws.fleet.local.shared.core import Core

if TYPE_CHECKING:
    from gpuws.link.place import Stream
    from gpuws.model.session.notebook import JupyterServer
    from gpuws.model.session.service import ListeningPort
    from gpuws.model.session.tunnel import Tunnel, TunnelTarget
    from gpuws.model.workspace.workspace import PlaceRef

YOUNG = 300.0  # seconds: a workspace this new may still be starting its notebook server
PATIENCE = 2.0  # seconds that a server of an older one gets


class LocalTunnels(Core):
    def open_tunnel(
        self,
        target: TunnelTarget,
        local_port: int | None = None,
        *,
        keep: bool = True,  # noqa: ARG002
        bind: str = "",
    ) -> Tunnel:
        self._places.need_openable(target)
        tunnel = self._tunnels.open(target, local_port, bind)
        self._have_connected(target.host)
        return tunnel

    def hold_tunnel(self, target: TunnelTarget, local_port: int, *, keep: bool = True, bind: str = "") -> Tunnel:  # noqa: ARG002
        from gpuws.model.session.tunnel import TunnelPlan

        self._hosts.find(target.host)
        tunnel = self._tunnels.hold(TunnelPlan(target, local_port, bind))
        self._have_connected(target.host)
        return tunnel

    def open_jupyter(
        self,
        place: PlaceRef,
        local_port: int | None = None,
        *,
        port: int | None = None,
        keep: bool = True,  # noqa: ARG002
    ) -> Tunnel:
        from gpuws.fleet.local.shared import notebooks

        self._places.need_reachable(place)
        workspace = self._hosts.workspace(place)
        created = workspace.created if workspace else None
        young = created is not None and time.time() - created < YOUNG
        patience = notebooks.PATIENCE if young else PATIENCE
        return notebooks.open_jupyter(self._places, self._tunnels, place, local_port, patience, port)

    def notebook_servers(self, place: PlaceRef) -> tuple[JupyterServer, ...]:
        from gpuws.fleet.local.shared import notebooks

        self._places.need_reachable(place)
        return tuple(replace(one, token="") for one in notebooks.look_for(self._places, place))

    def start_jupyter(self, place: PlaceRef, environment: str = "") -> int:
        from gpuws.fleet.local.shared import managing

        supervisor = self._hosts.writable(place.host)
        port = managing.start_server(supervisor, self._places, place, supervisor.snapshot.me.mark, environment)
        supervisor.refresh_sessions(place.workspace)
        return port

    def stop_jupyter(self, place: PlaceRef, port: int | None = None) -> None:
        from gpuws.fleet.local.shared import managing, notebooks

        supervisor = self._hosts.writable(place.host)
        ended = managing.stop_server(supervisor, self._places, place, port)
        notebooks.see_gone(self._tunnels, place, ended)
        supervisor.refresh_sessions(place.workspace)

    def jupyter_log(self, place: PlaceRef) -> tuple[str, ...]:
        from gpuws.fleet.local.shared import managing

        return managing.log_lines(self._places, place)

    def close_tunnel(self, tunnel_id: str) -> None:
        self._tunnels.close(tunnel_id)

    def dial_port(self, place: PlaceRef, port: int, to: str = "") -> Stream:
        self._places.need_reachable(place)
        return self._places.dial_to(place, self._places.target(place, port, to))

    def listening_ports(self, place: PlaceRef) -> tuple[ListeningPort, ...]:
        from gpuws.fleet.local.shared.listening import ports_of

        return ports_of(self._places, place)

    def tunnels(self) -> tuple[Tunnel, ...]:
        return self._tunnels.list()

    def _have_connected(self, host: str) -> None:
        """Have it tried that is away, unless it waits for a person; returns at once."""
        supervisor = self._hosts.find(host)
        if not supervisor.linked:
            supervisor.wake(retry=False)
