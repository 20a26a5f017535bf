"""Which engine of a host is meant: what hosts.yaml says, or on this machine what docker's own configuration says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gpuws.link.place import Link
from gpuws.model.errors import EngineShut
from gpuws.model.host.docker_endpoint import (
    CONTEXT,
    DEFAULT,
    DEFAULT_SOCKET,
    LED_ELSEWHERE,
    Endpoint,
    Named,
    context_endpoint,
    context_folder,
    current_context,
    endpoint,
    named,
)
from gpuws.model.host.host import Host
from gpuws.model.secret import masked
from gpuws.model.text import plain

_HOSTS_YAML = "hosts.yaml"
_ABSENT = 3
_SCRIPT = f"""
dir="${{DOCKER_CONFIG:-$HOME/.docker}}"
echo "$dir/$1"
if [ -d "$dir/contexts/tls/$2" ]; then echo tls; else echo plain; fi
[ -e "$dir/$1" ] || exit {_ABSENT}
exec cat -- "$dir/$1"
"""


@dataclass(frozen=True, slots=True)
class Way:
    """`endpoint` None: whatever is found. `by`: who says so, "" nobody; `mend`: what to change where it is wrong.

    `docker`: docker's own program, led there. `aside`: what docker's configuration says and is not taken, with
    `remedy`."""

    endpoint: Endpoint | None = None
    by: str = ""
    mend: str = ""
    docker: tuple[str, ...] = ("docker",)
    aside: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """Where an engine was found, with who said so; and what was not taken instead, with what to do about it."""

    at: str = ""
    aside: str = ""
    remedy: str = ""


NOWHERE = Found()


@dataclass(frozen=True, slots=True)
class _File:
    """A file of docker's configuration. `text` None: it is not there; `tls`: keys lie with the context."""

    path: str
    text: str | None
    tls: bool


def choose(host: Host, link: Link, environ: Mapping[str, str]) -> Way:
    """EngineShut, with what to mend and where, where the configuration leads nowhere."""
    if path := host.docker.socket:
        url = f"unix://{path}"
        mend = f"docker.socket in {_HOSTS_YAML}"
        return Way(Endpoint(url, socket=path, here=True), "", mend, ("docker", "-H", url))
    if name := host.docker.context:
        return _by_context(link, host.name, name, _HOSTS_YAML, f"docker.context in {_HOSTS_YAML}")
    if host.is_local and not host.docker.sudo:
        return _as_docker_does(host.name, link, environ)
    return Way()


def _as_docker_does(host: str, link: Link, environ: Mapping[str, str]) -> Way:
    current, wrong = "", ""
    if not (environ.get("DOCKER_HOST") or environ.get("DOCKER_CONTEXT")):
        file = _read(link, "config.json")
        try:
            current = current_context(file.text or "{}")
        except ValueError as error:  # docker itself warns and goes on without it
            wrong = f"{file.path} is not read: {error}"
    said = named(environ, current)
    if said.url is None and said.context == DEFAULT:
        return Way(aside=wrong, remedy="mend that file" if wrong else "")
    way = _by_address(said, environ) if said.url else _by_context(link, host, said.context, said.by, _mend(said))
    assert way.endpoint is not None
    if way.endpoint.here and said.url != environ.get(LED_ELSEWHERE, ""):
        return way
    where = masked(plain(way.endpoint.url, 200))
    aside = f"{way.by} leads to {where}, an engine on another machine, which is not taken for {host}'s"
    remedy = f"add that machine as a host; or, in {_HOSTS_YAML}, local: {{docker: {{context: NAME}}}} takes it"
    return Way(aside=aside, remedy=remedy)


def _by_address(said: Named, environ: Mapping[str, str]) -> Way:
    assert said.url is not None
    tls = bool(environ.get("DOCKER_TLS_VERIFY") or environ.get("DOCKER_TLS"))
    try:
        found = endpoint(said.url, tls=tls)
    except ValueError as error:
        shown = masked(plain(said.url, 100))
        raise EngineShut(f"{said.by} is no address of an engine: {shown!r}: {error}", "mend or unset it") from error
    return Way(found, said.by, _mend(said), ("docker", "-H", found.url))


def _by_context(link: Link, host: str, name: str, by: str, mend: str) -> Way:
    shown = plain(name, 100)
    if name == DEFAULT:
        path = f"unix://{DEFAULT_SOCKET}"
        return Way(Endpoint(path, socket=DEFAULT_SOCKET, here=True), f"context {shown} by {by}", mend)
    if not CONTEXT.match(name):
        raise EngineShut(f"{shown!r} can't be the name of a docker context ({by})", f"mend {mend}")
    folder = context_folder(name)
    file = _read(link, f"contexts/meta/{folder}/meta.json", folder)
    if file.text is None:
        remedy = f"see docker context ls there, and mend {mend}"
        raise EngineShut(f"docker on {host} has no context {shown} ({by}): there is no {file.path}", remedy)
    try:
        found = context_endpoint(file.text, tls=file.tls)
    except ValueError as error:
        sentence = f"docker's context {shown} on {host} ({by}) can't be used: {file.path}: {error}"
        raise EngineShut(sentence, f"docker context rm {shown} there and make it anew, or mend {mend}") from error
    return Way(found, f"context {shown} by {by}", mend, ("docker", "--context", name))


def _mend(said: Named) -> str:
    """What a person changes where docker's own choice is wrong."""
    return f"{said.by}, or unset it" if said.by.isupper() else "it: docker context use default"


def _read(link: Link, name: str, folder: str = "-") -> _File:
    """A file of docker's configuration directory there; EngineShut where it may not be read."""
    done = link.run(["sh", "-c", _SCRIPT, "sh", name, folder], timeout=10.0)
    path, _, rest = done.stdout.decode(errors="replace").partition("\n")
    kind, _, text = rest.partition("\n")
    path = plain(path, 300)
    if done.status not in (0, _ABSENT):
        why = plain(done.stderr.decode(errors="replace"), 200).rpartition(": ")[2] or "no reason is told"
        raise EngineShut(f"{path or name} of docker can't be read: {why}", "mend that file's rights")
    return _File(path, text if done.status == 0 else None, kind == "tls")
