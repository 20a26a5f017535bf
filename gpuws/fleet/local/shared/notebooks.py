"""From a place to an open notebook: find the server, tunnel to it, make sure that it answers through the tunnel."""

from __future__ import annotations

import contextlib
import socket
import time
from dataclasses import replace

from gpuws.fleet.local.shared.open_tunnels import OpenTunnels
from gpuws.fleet.local.shared.places import Places
from gpuws.jupyter.answers import answers
from gpuws.jupyter.servers import find_servers
from gpuws.link.streams import SocketStream
from gpuws.model.errors import GpuwsError, TargetError
from gpuws.model.session.notebook import JupyterServer
from gpuws.model.session.tunnel import Tunnel
from gpuws.model.workspace.workspace import PlaceRef

PATIENCE = 60.0  # seconds a server that has just been started gets
LOOK = 0.5  # seconds between looks: nothing tells when a server comes up
CONNECT = 5.0  # seconds for a connection to a port of this machine


def open_jupyter(
    places: Places, tunnels: OpenTunnels, ref: PlaceRef, local_port: int | None, patience: float
) -> Tunnel:
    """A tunnel whose `url` opens the server; it has answered with its token, through the tunnel, before this returns.

    Where it does not answer, no tunnel is left that was not there before."""
    label = places.label(ref)
    servers = _find(places, ref, label, patience)
    target = replace(places.target(ref, servers[0].port), kind="notebook")
    tunnels.follow(target, [server.port for server in servers])
    known = {tunnel.id for tunnel in tunnels.list()}
    tunnel = tunnels.open(target, local_port)
    try:
        _wait_for_answer(tunnels, tunnel, servers[0], patience)
    except BaseException:
        if tunnel.id not in known:
            with contextlib.suppress(GpuwsError):  # somebody closed it meanwhile
                tunnels.close(tunnel.id)
        raise
    return tunnels.found(tunnel.id, servers[0])


def look_for(places: Places, ref: PlaceRef) -> tuple[JupyterServer, ...]:
    """The servers there, the one to open first. May be none."""
    return find_servers(places.find(ref), anyone=ref.workspace is not None)


def answers_through(tunnel: Tunnel, server: JupyterServer) -> bool:
    """`answers`, asked through the tunnel itself."""
    try:
        sock = socket.create_connection(("127.0.0.1", tunnel.local_port), CONNECT)
    except OSError:
        return False
    return answers(SocketStream(sock, tunnel.target.text), server)


def _find(places: Places, ref: PlaceRef, label: str, patience: float) -> tuple[JupyterServer, ...]:
    deadline = time.monotonic() + patience
    while True:
        if servers := look_for(places, ref):
            return servers
        if time.monotonic() >= deadline:
            raise TargetError(
                f"{label}: no Jupyter server runs there", "start one (jupyter lab), or launch a profile with `jupyter:`"
            )
        time.sleep(LOOK)


def _wait_for_answer(tunnels: OpenTunnels, tunnel: Tunnel, server: JupyterServer, patience: float) -> None:
    """A server that refuses the token is told at once; one that is not up yet gets `patience`."""
    deadline = time.monotonic() + patience
    while not answers_through(tunnel, server):
        if time.monotonic() >= deadline:
            now = next((one for one in tunnels.list() if one.id == tunnel.id), tunnel)
            why = f": {now.error}" if now.error else ""
            raise GpuwsError(
                f"Jupyter on port {server.port} does not answer{why}", "look at its log: gpuws logs TARGET"
            )
        time.sleep(LOOK)
