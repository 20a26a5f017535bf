"""The engine of a host: found at its socket, or an error that says who can mend it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from functools import partial

from gpuws.engines.docker.api.client import Client
from gpuws.engines.docker.api.errors import told
from gpuws.engines.docker.api.http import Dial
from gpuws.engines.docker.api.pool import Pool
from gpuws.engines.docker.api.server import Server, greet
from gpuws.engines.docker.api.sockets import Survey, look, verdict
from gpuws.engines.docker.contexts import Found, Way, choose
from gpuws.engines.docker.engine import DockerEngine
from gpuws.engines.shared.process_stream import ProcessStream
from gpuws.link.place import Link, Stream
from gpuws.model.errors import EngineMissing, EngineShut, GpuwsError
from gpuws.model.host.docker_endpoint import DEFAULT_SOCKET
from gpuws.model.host.host import Host
from gpuws.model.secret import masked
from gpuws.model.text import plain

_DIAL = ("system", "dial-stdio")


def connect_engine(host: Host, link: Link, environ: Mapping[str, str] = os.environ) -> DockerEngine:
    """The engine of `host` over `link`. `environ`: where profiles take unset environment values from, and where this
    machine's docker is told its engine.

    `EngineMissing` when the host has none, or Podman in its place; `GpuwsError` when it has one that can't be used."""
    client, found = reach(host, link, environ)
    if client.server.is_podman:
        text = f"what answers at {found.at} of {host.name} is Podman, not Docker"
        raise EngineMissing(text, "in hosts.yaml, engine: podman")
    return DockerEngine(client, host, environ, found)


def reach(host: Host, link: Link, environ: Mapping[str, str]) -> tuple[Client, Found]:
    """What answers where docker's configuration or hosts.yaml leads, else at Docker's usual sockets."""
    with told(host.name, link):
        way = choose(host, link, environ)
        ask = _through_sudo if host.docker.sudo else _reach
        try:
            dial, server, at = ask(host, link, way)
        except (EngineMissing, EngineShut) as error:
            if not way.aside:
                raise
            raise type(error)(f"{error.message}; {way.aside}", way.remedy) from error
        at = f"{at} ({way.by})" if way.by else at
        client = Client(host.name, link, dial, server, Pool(dial))
    return client, Found(masked(at), way.aside, way.remedy)


_Reached = tuple[Dial, Server, str]
"""How the engine is dialled, what it said of itself, and where it is."""


def _reach(host: Host, link: Link, way: Way) -> _Reached:
    if way.endpoint is None or way.endpoint.socket:
        return _through_socket(host, link, way, way.endpoint.socket if way.endpoint else None)
    if way.endpoint.tcp:
        where = way.endpoint.tcp
        if found := attempt(link, host.name, lambda: link.dial_tcp(*where)):
            return (*found, way.endpoint.url)
        raise EngineShut(f"no engine answers at {way.endpoint.url} for {host.name} ({way.by})", f"mend {way.mend}")
    return _through_docker(host, link, way, way.endpoint.url)


def _through_socket(host: Host, link: Link, way: Way, wanted: str | None) -> _Reached:
    first = wanted or DEFAULT_SOCKET
    if found := attempt(link, host.name, partial(link.dial_unix, first)):
        return (*found, first)
    survey = look(link, host.name, [first])
    paths = [path for path in survey.usable if wanted in (None, path)]
    for path in paths:
        for dial in _ways(link, survey, path):
            if found := attempt(link, host.name, dial):
                return (*found, path)
    raise verdict(survey, host.name, wanted, way.mend, way.by)


def _ways(link: Link, survey: Survey, path: str) -> Iterator[Dial]:
    """Ways to a socket: straight, else through a program, for servers that forbid the forwarding of sockets."""
    yield partial(link.dial_unix, path)
    if "python3" in survey.programs:
        yield partial(link.relay.dial_unix, path)
    if "docker" in survey.programs:
        yield partial(_spawn, link, ["docker", "-H", f"unix://{path}", *_DIAL])


def _through_docker(host: Host, link: Link, way: Way, url: str) -> _Reached:
    """Docker's own program knows the way: its ssh, and the keys of its TLS."""
    if found := attempt(link, host.name, partial(_spawn, link, [*way.docker, *_DIAL])):
        return (*found, url)
    try:
        said = plain(link.run([*way.docker, "version"]).stderr.decode(errors="replace"), 300)
    except GpuwsError as error:
        if not link.alive:
            raise
        said = error.message
    shown = masked(plain(url, 200))
    raise EngineShut(f"no engine answers at {shown} for {host.name} ({way.by}): {masked(said)}", f"mend {way.mend}")


def _through_sudo(host: Host, link: Link, way: Way) -> _Reached:
    docker = ["sudo", "-n", "docker", *(["-H", way.endpoint.url] if way.endpoint else [])]
    found = attempt(link, host.name, partial(_spawn, link, [*docker, *_DIAL]))
    if found is None:
        raise _sudo_fault(host, link.run([*docker, "version"]).stderr.decode(errors="replace"))
    url = way.endpoint.url.removeprefix("unix://") if way.endpoint else ""
    return (*found, f"{url} through sudo".strip())


def _sudo_fault(host: Host, said: str) -> GpuwsError:
    if any(words in said for words in ("password is required", "not allowed", "may not run")):
        remedy = "ask its admin for a line in sudoers: NOPASSWD: /usr/bin/docker"
        return EngineShut(f"sudo on {host.name} does not let you run docker without a password", remedy)
    return GpuwsError(f"Docker on {host.name} can't be reached through sudo: {plain(said) or 'it says nothing'}")


def _spawn(link: Link, argv: list[str]) -> Stream:
    return ProcessStream(link.popen(argv))


def attempt(link: Link, host: str, dial: Dial) -> tuple[Dial, Server] | None:
    """The engine behind `dial`; None when there is nobody behind it. A lost link is the link's own error."""
    try:
        stream = dial()
    except (GpuwsError, OSError):
        if not link.alive:
            raise
        return None
    try:
        return dial, greet(lambda: stream, host)
    except TimeoutError:
        raise
    except OSError:  # a relay that ended at once
        return None
