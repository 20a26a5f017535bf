"""From a place to an open notebook: find the server, tunnel to it, make sure that it answers through the tunnel."""

from __future__ import annotations

import contextlib
import shlex
import socket
import time
from collections.abc import Sequence
from dataclasses import replace

from gpuws.engines.base import Absent
from gpuws.fleet.local.shared.open_tunnels import OpenTunnels
from gpuws.fleet.local.shared.places import Places
from gpuws.jupyter.answers import answers, certificate, landing, unlocked
from gpuws.jupyter.outside import environment_of, read_records
from gpuws.jupyter.servers import find_servers, remark
from gpuws.link.streams import SocketStream
from gpuws.model.errors import Ambiguous, GpuwsError, TargetError
from gpuws.model.session.notebook import JupyterServer
from gpuws.model.session.tunnel import Tunnel
from gpuws.model.workspace.workspace import PlaceRef

PATIENCE = 60.0  # seconds a server that has just been started gets
LOOK = 0.5  # seconds between looks: nothing tells when a server comes up
NONE = "start one (gpuws jupyter TARGET --start), or launch a profile with `jupyter:`"
CONNECT = 5.0  # seconds for a connection to a port of this machine


def open_jupyter(
    places: Places,
    tunnels: OpenTunnels,
    ref: PlaceRef,
    local_port: int | None,
    patience: float,
    port: int | None = None,
) -> Tunnel:
    """A tunnel whose `url` opens the server; it has answered through the tunnel before this returns.

    `port`: which of several. Where it does not answer, no tunnel is left that was not there before."""
    label = places.label(ref)
    servers = wait_for_servers(places, ref, label, patience)
    server = the_one(servers, port, label)
    target = replace(places.target(ref, server.port), kind="notebook", address=server.socket or server.address)
    tunnels.follow(target, [each.port for each in servers])
    known = {tunnel.id for tunnel in tunnels.list()}
    tunnel = tunnels.open(target, local_port)
    tunnels.lead(tunnel.id, server)
    try:
        _wait_for_answer(tunnels, tunnel, server, patience)
    except BaseException:
        if tunnel.id not in known:
            with contextlib.suppress(GpuwsError):  # somebody closed it meanwhile
                tunnels.close(tunnel.id)
        raise
    return tunnels.found(tunnel.id, *shown(tunnel, server))


def the_one(servers: Sequence[JupyterServer], port: int | None, label: str) -> JupyterServer:
    """The server that is meant, if a browser can open it. `Ambiguous` where it can't be told."""
    if not servers:
        raise TargetError(f"{label}: no Jupyter server runs there", NONE)
    chosen = [one for one in servers if port in (None, one.port)]
    if not chosen:
        raise TargetError(f"{label}: no Jupyter server listens on port {port}", f"{_named(servers)} there")
    if len(chosen) > 1:
        first = next((one.port for one in chosen if one.port), "PORT")
        words = shlex.join(["gpuws", "jupyter", f"{label}:{first}"])
        raise Ambiguous(f"{label}: several Jupyter servers run there: {_named(chosen)}", f"name a port: {words}")
    if chosen[0].hub:
        raise TargetError(f"{label}: its Jupyter server belongs to a JupyterHub", f"log in there: {chosen[0].hub}")
    return chosen[0]


def look_for(places: Places, ref: PlaceRef) -> tuple[JupyterServer, ...]:
    """The servers there, the one to open first. May be none. Nothing is executed in what is not mine, nor where nothing
    may be changed: there their records are read by the engine."""
    if places.may_enter(ref):
        as_user = None if ref.workspace is None else (lambda user: places.find(ref, user=user))
        return find_servers(places.find(ref), anyone=ref.workspace is not None, as_user=as_user)
    engine = places.engine(ref)
    if ref.workspace is None or isinstance(engine.files, Absent):
        return ()
    found = read_records(engine.files, ref.workspace, environment_of(engine.inspect(ref.workspace)))
    return tuple(one for one in found if _answers_outside(places, ref, one))


def answers_through(tunnel: Tunnel, server: JupyterServer) -> bool:
    """`answers`, asked through the tunnel itself."""
    stream = _through(tunnel)
    return stream is not None and answers(stream, server)


def see_gone(tunnels: OpenTunnels, ref: PlaceRef, server: JupyterServer) -> None:
    """Have the tunnels that led to it say so at once."""
    for tunnel in tunnels.list():
        if tunnel.place == ref and tunnel.target.kind == "notebook" and tunnel.target.port == server.port:
            with contextlib.suppress(GpuwsError):
                answers_through(tunnel, server)


def shown(tunnel: Tunnel, server: JupyterServer) -> tuple[JupyterServer, str]:
    """The server with the page that it shows first, and what a person should know who opens it."""
    stream = None if server.token else _through(tunnel)
    told = [remark(server, unlocked=stream is not None and unlocked(stream, server))]
    if server.secure and (stream := _through(tunnel)):
        told.append(f"its certificate is its own, and the browser will warn of it: SHA-256 {certificate(stream)}")
    stream = _through(tunnel)
    page = landing(stream, server) if stream is not None else ""
    return replace(server, landing=page), "; ".join(filter(None, told))


def wait_for_servers(places: Places, ref: PlaceRef, label: str, patience: float) -> tuple[JupyterServer, ...]:
    """The servers there, as soon as there are any; `TargetError` after `patience` seconds."""
    deadline = time.monotonic() + patience
    while True:
        if servers := look_for(places, ref):
            return servers
        if time.monotonic() >= deadline:
            raise TargetError(f"{label}: no Jupyter server runs there", NONE)
        time.sleep(LOOK)


def _through(tunnel: Tunnel) -> SocketStream | None:
    """A connection to its local port; None where none is taken."""
    try:
        return SocketStream(socket.create_connection(("127.0.0.1", tunnel.local_port), CONNECT), tunnel.target.text)
    except OSError:
        return None


def _answers_outside(places: Places, ref: PlaceRef, server: JupyterServer) -> bool:
    """Whether the server of that record is there still: no process tells it. No relay is started inside for it."""
    try:
        return not server.socket and answers(places.dial_outside(ref, server.port), server)
    except GpuwsError:
        return False


def _named(servers: Sequence[JupyterServer]) -> str:
    return ", ".join(one.where for one in servers)


def _wait_for_answer(tunnels: OpenTunnels, tunnel: Tunnel, server: JupyterServer, patience: float) -> None:
    """A server that refuses the token is told at once; one that is not up yet gets `patience`."""
    deadline = time.monotonic() + patience
    while not answers_through(tunnel, server):
        if time.monotonic() >= deadline:
            now = next((one for one in tunnels.list() if one.id == tunnel.id), tunnel)
            why = f": {now.error}" if now.error else ""
            raise GpuwsError(f"Jupyter on {server.where} does not answer{why}", "look at its log: gpuws logs TARGET")
        time.sleep(LOOK)
