"""Where docker's own configuration leads: DOCKER_HOST and contexts as docker reads them.

The rules are docker's: DOCKER_HOST goes before DOCKER_CONTEXT, that before `currentContext` of config.json, and
`default` is what docker has without any of them (docs.docker.com, "Docker contexts")."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from ipaddress import ip_address
from typing import Any

from gpuws.model.text import plain

DEFAULT_SOCKET = "/var/run/docker.sock"
DEFAULT = "default"
"""The context that every docker has without anybody making it."""
CONTEXT = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.+-]{0,254}\Z")
LED_ELSEWHERE = "GPUWS_ENGINE"
"""The variable by which `gpuws with` says of a DOCKER_HOST that it leads to the engine of another machine."""

_PLAIN, _TLS = 2375, 2376  # docker's ports


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One address of an engine. `socket`: a unix socket; `tcp`: host and port that are spoken to as they are; neither:
    only docker's own program knows the way (ssh://, TLS). `here`: it is on the machine that it is asked from."""

    url: str
    socket: str | None = None
    tcp: tuple[str, int] | None = None
    here: bool = False


def endpoint(url: str, *, tls: bool = False) -> Endpoint:
    """What docker takes as an address. ValueError, in words for people, where it would not take it either."""
    text = url.strip()
    scheme, found, rest = text.partition("://")
    if not found:
        scheme, rest = "tcp", text
    if scheme == "unix":
        path = rest or DEFAULT_SOCKET
        if not path.startswith("/"):
            raise ValueError("the path of a socket begins with /")
        return Endpoint(f"unix://{path}", socket=path, here=True)
    if scheme == "ssh" and rest.strip("/"):
        return Endpoint(text)
    if scheme in ("tcp", "http", "https"):
        where = _tcp(rest, _TLS if tls else _PLAIN)
        here = _is_loopback(where[0])
        shown = f"[{where[0]}]" if ":" in where[0] else where[0]
        secret = tls or scheme == "https"
        return Endpoint(f"tcp://{shown}:{where[1]}", tcp=None if secret else where, here=here)
    raise ValueError("expected unix:///PATH, tcp://HOST:PORT or ssh://HOST")


def _tcp(rest: str, usual: int) -> tuple[str, int]:
    authority = rest.partition("/")[0]
    found = re.fullmatch(r"(?:\[([0-9A-Fa-f:.]+)\]|([^\s:@\[\]]*))(?::(\d{1,5}))?", authority)
    if found is None or (found[3] and not 0 < int(found[3]) < 65536):
        raise ValueError("expected tcp://HOST:PORT")
    return found[1] or found[2] or "localhost", int(found[3] or usual)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@dataclass(frozen=True, slots=True)
class Named:
    """What docker would use. `url` None: a context by the name of `context`. `by`: who says so, as a person knows it;
    "" nobody."""

    url: str | None
    context: str
    by: str


def named(environ: Mapping[str, str], current: str) -> Named:
    """`current`: `currentContext` of config.json, "" without one."""
    if url := environ.get("DOCKER_HOST"):
        return Named(url, DEFAULT, "DOCKER_HOST")
    if context := environ.get("DOCKER_CONTEXT"):
        return Named(None, context, "DOCKER_CONTEXT")
    return Named(None, current or DEFAULT, "docker context use" if current else "")


def current_context(text: str) -> str:
    """`currentContext` of a config.json; ValueError, in words for people, where it can't be read."""
    told = _map(text)
    found = told.get("currentContext") or ""
    if not isinstance(found, str):
        raise ValueError("currentContext is no text")
    return found


def context_endpoint(text: str, *, tls: bool = False) -> Endpoint:
    """The engine of a context's meta.json; ValueError, in words for people, where it has none. `tls`: keys lie with
    it."""
    endpoints = _map(text).get("Endpoints")
    docker = endpoints.get("docker") if isinstance(endpoints, dict) else None
    host = docker.get("Host") if isinstance(docker, dict) else None
    if not isinstance(host, str) or not host:
        raise ValueError("it has no endpoint for docker")
    try:
        return endpoint(host, tls=tls)
    except ValueError as error:
        raise ValueError(f"its endpoint {plain(host, 100)!r} is none: {error}") from None


def context_folder(name: str) -> str:
    """The directory that docker keeps a context in, below `contexts/meta` and `contexts/tls`."""
    return sha256(name.encode()).hexdigest()


def _map(text: str) -> dict[str, Any]:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        where = f" (line {error.lineno}, column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        raise ValueError(f"it is no JSON{where}") from None
    if not isinstance(told, dict):
        raise ValueError("it is no map")
    return told
