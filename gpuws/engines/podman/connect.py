"""The Podman of a host: where a person says, at an active socket, or as a service of gpuws' own for the session."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from gpuws.engines.docker import connect as docker
from gpuws.engines.docker.api.client import Client
from gpuws.engines.docker.api.errors import told
from gpuws.engines.docker.api.http import Dial
from gpuws.engines.docker.api.pool import Pool
from gpuws.engines.docker.api.server import PODMAN
from gpuws.engines.docker.contexts import Found, choose
from gpuws.engines.podman import service
from gpuws.engines.podman.engine import PodmanEngine
from gpuws.engines.podman.survey import Survey, look
from gpuws.engines.shared.process_stream import ProcessStream
from gpuws.link.place import Link, Stream
from gpuws.model.errors import EngineMissing, EngineShut
from gpuws.model.host.host import Host


def connect_engine(host: Host, link: Link, environ: Mapping[str, str]) -> PodmanEngine:
    """The Podman of `host` over `link`. `environ`: where profiles take unset environment values from, and where this
    machine's docker is told its engine.

    `EngineMissing` when the host has none; `EngineShut` when it has one that can't be used."""
    with told(host.name, link, PODMAN):
        way = choose(host, link, environ)
        if way.endpoint is not None:
            client, found = docker.reach(host, link, environ)
            if not client.server.is_podman:
                raise EngineMissing(
                    f"what answers at {found.at} of {host.name} is no Podman", "in hosts.yaml, engine: auto"
                )
            return PodmanEngine(client, host, environ, found)
        survey = look(link, host.name)
        for path in survey.usable:
            if there := _at(host, link, survey, path):
                return PodmanEngine(there, host, environ, Found(path, way.aside, way.remedy), survey)
        if "podman" in survey.programs and (survey.used or host.engine == "podman"):
            path = service.start(link, host.name)
            if there := _at(host, link, survey, path):
                at = Found("podman system service, for this session", way.aside, way.remedy)
                return PodmanEngine(there, host, environ, at, survey)
            raise EngineShut(
                f"Podman on {host.name} was started, and does not answer at {path}", "see `podman info` there"
            )
    raise _verdict(host.name, survey)


def _at(host: Host, link: Link, survey: Survey, path: str) -> Client | None:
    for dial in _ways(link, survey, path):
        if (found := docker.attempt(link, host.name, dial)) and found[1].is_podman:
            return Client(host.name, link, dial, found[1], Pool(dial))
    return None


def _ways(link: Link, survey: Survey, path: str) -> Iterator[Dial]:
    """Straight, else through a program, for servers that forbid the forwarding of sockets."""
    yield partial(link.dial_unix, path)
    if "python3" in survey.programs:
        yield partial(link.relay.dial_unix, path)
    if "podman" in survey.programs:
        yield partial(_spawn, link, ["podman", "--url", f"unix://{path}", "system", "dial-stdio"])


def _spawn(link: Link, argv: list[str]) -> Stream:
    return ProcessStream(link.popen(argv))


def _verdict(host: str, survey: Survey) -> EngineMissing | EngineShut:
    """Why there is none to talk to, and what to do about it."""
    if survey.usable:
        return EngineShut(f"Podman on {host} is not running", "start it: systemctl --user start podman.socket")
    if "podman" in survey.programs:
        return EngineMissing(f"{host} has Podman, and nothing of yours in it", "in hosts.yaml, engine: podman takes it")
    if survey.forbidden:
        path = survey.forbidden[0]
        return EngineShut(f"{survey.login} may not use Podman on {host}", f"ask its admin for access to {path}")
    return EngineMissing(f"{host} has no Podman")
