"""From a place to an open notebook: find the server, tunnel to it, make sure it answers."""

from __future__ import annotations

import time
from collections.abc import Callable

from gpuws.fleet.local.shared.open_tunnels import OpenTunnels
from gpuws.fleet.local.shared.places import Places
from gpuws.jupyter.answers import answers
from gpuws.jupyter.servers import find_servers, url
from gpuws.link.place import Stream
from gpuws.model.errors import GpuwsError, TargetError
from gpuws.model.session.notebook import JupyterServer
from gpuws.model.session.tunnel import Tunnel, TunnelTarget
from gpuws.model.workspace.workspace import PlaceRef

PATIENCE = 60.0  # seconds a server that has just been started gets
LOOK = 0.5  # seconds between looks: nothing tells when a server comes up


def open_jupyter(
    places: Places, tunnels: OpenTunnels, ref: PlaceRef, local_port: int | None, patience: float
) -> Tunnel:
    """A tunnel whose `url` opens the server; it has answered with its token before this returns."""
    label = places.label(ref)
    server = _find(places, ref, label, patience)
    tunnel = tunnels.open(TunnelTarget(ref, label, server.port), local_port)
    _wait_for_answer(lambda: places.dial(ref, server.port), server, patience)
    return tunnels.set_url(tunnel.id, url(server, tunnel.local_port))


def _find(places: Places, ref: PlaceRef, label: str, patience: float) -> JupyterServer:
    deadline = time.monotonic() + patience
    while True:
        servers = find_servers(places.find(ref), anyone=ref.workspace is not None)
        if servers:
            return servers[0]
        if time.monotonic() >= deadline:
            raise TargetError(
                f"{label}: no Jupyter server runs there", "start one (jupyter lab), or launch a profile with `jupyter:`"
            )
        time.sleep(LOOK)


def _wait_for_answer(dial: Callable[[], Stream], server: JupyterServer, patience: float) -> None:
    """A server that refuses the token is told at once; one that is not up yet gets `patience`."""
    deadline = time.monotonic() + patience
    while not _answers(dial, server, last=time.monotonic() >= deadline):
        time.sleep(LOOK)


def _answers(dial: Callable[[], Stream], server: JupyterServer, *, last: bool) -> bool:
    try:
        stream = dial()
    except GpuwsError:
        if last:
            raise
        return False
    if answers(stream, server):
        return True
    if last:
        raise GpuwsError(f"Jupyter on port {server.port} does not answer", "look at its log: gpuws logs TARGET")
    return False
