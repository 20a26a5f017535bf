"""Implements `fleet.tunnels`: ports of this computer that lead to a page of the demo's own."""
# ruff: noqa: ARG002 - the protocol's arguments that a simulation has no use for

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from gpuws.fleet.demo.core import DemoCore, workspace_on
from gpuws.fleet.demo.tunnel_end import TunnelEnd
from gpuws.fleet.events import Event, TunnelsChanged
from gpuws.fleet.tunnels import no_log
from gpuws.link.place import Stream
from gpuws.model.errors import GpuwsError, Refused, TargetError
from gpuws.model.host.host import HostState
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.session.notebook import JupyterServer
from gpuws.model.session.service import ListeningPort
from gpuws.model.session.tunnel import Tunnel, TunnelTarget, need_host
from gpuws.model.session.tunnel_state import absence, bearer
from gpuws.model.workspace.workspace import PlaceRef

if TYPE_CHECKING:
    from gpuws.fleet.demo.ports import Ports

JUPYTER = 8888
TOKEN = "made-up-for-the-demo"


class DemoTunnels(DemoCore):
    _told: tuple[Tunnel, ...] = ()

    def open_tunnel(
        self, target: TunnelTarget, local_port: int | None = None, *, keep: bool = True, bind: str = ""
    ) -> Tunnel:
        need_host(target)
        with self._lock:
            host = self._hosts.get(target.host)
            if host.state not in (HostState.DOWN, HostState.STALE) or (target.workspace is None and host.readonly):
                self._hosts.up(host.name, writing=target.workspace is None)
        return self._open(target, local_port, bind=bind)

    def hold_tunnel(self, target: TunnelTarget, local_port: int, *, keep: bool = True, bind: str = "") -> Tunnel:
        with self._lock:
            tunnel = self._opened().open(target, local_port, bind=bind)
        self._emit(())
        return tunnel

    def open_jupyter(
        self, place: PlaceRef, local_port: int | None = None, *, port: int | None = None, keep: bool = True
    ) -> Tunnel:
        with self._lock:
            self._need_server(place)
        if port not in (None, JUPYTER):
            raise TargetError(f"no Jupyter server listens on port {port} there", f"port {JUPYTER} there")
        return self._open(self._target(place, JUPYTER), local_port, token=TOKEN)

    def notebook_servers(self, place: PlaceRef) -> tuple[JupyterServer, ...]:
        with self._lock:
            try:
                self._need_server(place)
            except TargetError:
                return ()
        return (JupyterServer(JUPYTER),)

    def start_jupyter(self, place: PlaceRef, environment: str = "") -> int:
        with self._lock:
            try:
                self._need_server(place)
            except TargetError:
                raise Refused("the demo starts no notebook server", "in a container with Jupyter one runs") from None
        return JUPYTER

    def stop_jupyter(self, place: PlaceRef, port: int | None = None) -> None:
        with self._lock:
            self._need_server(place)
        raise Refused("the demo's notebook servers go on", "gpuws stop ends their container")

    def jupyter_log(self, place: PlaceRef) -> tuple[str, ...]:
        host = self._hosts.up(place.host)
        container = None if place.workspace is None else workspace_on(host, place.workspace)
        label = f"{host.name}/{container.name}" if container else host.name
        raise no_log(label, inside=container is not None)

    def _beat(self, snapshots: Sequence[HostSnapshot]) -> Iterator[Event]:
        yield from super()._beat(snapshots)
        if self._ports is not None:
            self._ports.beat()

    def _emit(self, events: Sequence[Event]) -> None:
        """Whatever was done, a tunnel may lead nowhere since."""
        now = self.tunnels()
        if now != self._told:
            self._told = now
            events = [*events, TunnelsChanged(now)]
        super()._emit(events)

    def close_tunnel(self, tunnel_id: str) -> None:
        with self._lock:
            self._opened().shut(tunnel_id)
        self._emit(())

    def dial_port(self, place: PlaceRef, port: int, to: str = "") -> Stream:
        from gpuws.fleet.demo.ports import PageStream

        with self._lock:
            target = replace(self._target(place, port), to=to)
            if why := self._end(target).why:
                raise GpuwsError(why)
        return PageStream(target)

    def listening_ports(self, place: PlaceRef) -> tuple[ListeningPort, ...]:
        from gpuws.fleet.demo.lab.listening import listening

        with self._lock:
            host = self._hosts.up(place.host)
            container = None if place.workspace is None else workspace_on(host, place.workspace)
            if container is not None and (why := absence(TunnelTarget(host.name, container.typed, 0), container)):
                raise TargetError(why, "see gpuws ps -a")
            return listening(host, container)

    def tunnels(self) -> tuple[Tunnel, ...]:
        if self._ports is None:
            return ()
        with self._lock:
            return self._ports.list()

    def _open(self, target: TunnelTarget, local_port: int | None, *, token: str = "", bind: str = "") -> Tunnel:
        with self._lock:
            end = self._end(target)
            if end.why and not end.away:
                raise GpuwsError(end.why) if end.workspace else TargetError(end.why, "see gpuws ps -a")
            tunnel = self._opened().open(target, local_port, token, bind)
        self._emit(())
        return tunnel

    def _opened(self) -> Ports:
        """What listens is loaded with the first tunnel."""
        if self._ports is None:
            from gpuws.fleet.demo.ports import Ports

            self._ports = Ports(self._end, self._clock)
        return self._ports

    def _target(self, place: PlaceRef, port: int) -> TunnelTarget:
        """Refused where the host is away, or may not be reached into."""
        host = self._hosts.up(place.host, writing=place.workspace is None)
        name = None if place.workspace is None else workspace_on(host, place.workspace).typed
        return TunnelTarget(host.name, name, port)

    def _need_server(self, place: PlaceRef) -> None:
        host = self._hosts.up(place.host)
        if place.workspace is None:
            raise TargetError(f"no Jupyter server of yours runs on {place.host}", "start one, or choose a container")
        container = workspace_on(host, place.workspace)
        if not host.serves(container):
            raise TargetError(f"no Jupyter server runs in {container.name}", "launch one from a profile with `jupyter`")

    def _end(self, target: TunnelTarget) -> TunnelEnd:
        with self._lock:
            host = next((one for one in self._hosts.all() if one.name == target.host), None)
            if host is None:
                return TunnelEnd(None, f"{target.host} is not in hosts.yaml any more")
            one = bearer(target, tuple(host.containers.values())) if target.workspace is not None else None
            workspace = one.id if one else None
            if host.state is not HostState.UP:
                return TunnelEnd(workspace, f"{host.name}: {host.error or 'not connected'}", away=True)
            return TunnelEnd(workspace, "" if target.workspace is None else absence(target, one))
