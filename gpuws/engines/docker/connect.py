"""The engine of a host: found at its socket, or an error that says who can mend it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from functools import partial

from gpuws.engines.docker.api.client import Client
from gpuws.engines.docker.api.errors import told
from gpuws.engines.docker.api.http import Dial
from gpuws.engines.docker.api.pool import Pool
from gpuws.engines.docker.api.process_stream import ProcessStream
from gpuws.engines.docker.api.server import Server, greet
from gpuws.engines.docker.api.sockets import Survey, look, verdict
from gpuws.engines.docker.engine import DockerEngine
from gpuws.link.place import Link, Stream
from gpuws.model.errors import EngineShut, GpuwsError
from gpuws.model.host.host import Host
from gpuws.model.text import plain

SOCKET = "/var/run/docker.sock"


def connect_engine(host: Host, link: Link, environ: Mapping[str, str] = os.environ) -> DockerEngine:
    """The engine of `host` over `link`. `environ`: where profiles take unset environment values from.

    `EngineMissing` when the host has none; `GpuwsError` when it has one that can't be used."""
    with told(host.name, link):
        dial, server = _through_sudo(host, link) if host.docker.sudo else _through_socket(host, link)
        client = Client(host.name, link, dial, server, Pool(dial))
    return DockerEngine(client, host, environ)


def _through_socket(host: Host, link: Link) -> tuple[Dial, Server]:
    wanted = host.docker.socket
    first = wanted or SOCKET
    if found := _attempt(link, host.name, partial(link.dial_unix, first)):
        return found
    survey = look(link, [first])
    paths = [path for path in survey.usable if wanted in (None, path)]
    for path in paths:
        for dial in _ways(link, survey, path):
            if found := _attempt(link, host.name, dial):
                return found
    raise verdict(survey, host.name, wanted)


def _ways(link: Link, survey: Survey, path: str) -> Iterator[Dial]:
    """Ways to a socket: straight, else through a program, for servers that forbid the forwarding of sockets."""
    yield partial(link.dial_unix, path)
    if "python3" in survey.programs:
        yield partial(link.relay.dial_unix, path)
    if "docker" in survey.programs:
        yield partial(_spawn, link, [*_docker(path), "system", "dial-stdio"])


def _through_sudo(host: Host, link: Link) -> tuple[Dial, Server]:
    docker = ["sudo", "-n", *_docker(host.docker.socket)]
    found = _attempt(link, host.name, partial(_spawn, link, [*docker, "system", "dial-stdio"]))
    if found is None:
        raise _sudo_fault(host, link.run([*docker, "version"]).stderr.decode(errors="replace"))
    return found


def _sudo_fault(host: Host, said: str) -> GpuwsError:
    if any(words in said for words in ("password is required", "not allowed", "may not run")):
        remedy = "ask its admin for a line in sudoers: NOPASSWD: /usr/bin/docker"
        return EngineShut(f"sudo on {host.name} does not let you run docker without a password", remedy)
    return GpuwsError(f"Docker on {host.name} can't be reached through sudo: {plain(said) or 'it says nothing'}")


def _docker(path: str | None) -> list[str]:
    return ["docker", *(["-H", f"unix://{path}"] if path else [])]


def _spawn(link: Link, argv: list[str]) -> Stream:
    return ProcessStream(link.popen(argv))


def _attempt(link: Link, host: str, dial: Dial) -> tuple[Dial, Server] | None:
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
