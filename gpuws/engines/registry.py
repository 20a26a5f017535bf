"""Which kinds of engine there are, and which of them a host has. An engine is a folder and its line here.

A host has one engine that keeps things apart, the first of its kind that is found, and beside it those that are on any
host. Which of them carries a profile out its `engine` says, else which it fits (`together.py`)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from gpuws.engines.together import Member, Together
from gpuws.model.errors import EngineMissing, EngineShut, GpuwsError
from gpuws.model.workspace.engine import Caps, EngineInfo

if TYPE_CHECKING:
    from gpuws.engines.base import Engine
    from gpuws.link.place import Link
    from gpuws.model.host.host import Host
    from gpuws.model.profile.profile import Build, Profile

KINDS: dict[str, str] = {
    "docker": "gpuws.engines.docker.kind",
    "podman": "gpuws.engines.podman.kind",
    "process": "gpuws.engines.process.kind",
}
"""Kind → the module that knows it (`Kind`), loaded when it is asked for. Of those without a `MARK` a host with
`engine: auto` has the first one that is found there, and all that have one."""
AUTO = "auto"


class Kind(Protocol):
    """What a module of `KINDS` holds.

    `MARK`: what the ids of its workspaces begin with, which no other engine's do; such an engine is beside any other.
    "": a host has one of those without."""

    CAPS: Caps
    MARK: str

    def connect(self, host: Host, link: Link, environ: Mapping[str, str]) -> Engine:
        """The engine of `host`, greeted over `link`; blocks for some round trips. `environ`: where profiles take values
        from that they name but do not set.

        `EngineMissing` where the host has none of the kind, `EngineShut` where I may not use it or it does not run."""
        ...

    def unfit(self, profile: Profile) -> str:
        """Why a profile that names no engine is not for this kind, said behind the profile's name; "": it is."""
        ...


@dataclass(frozen=True, slots=True)
class Search:
    """What looking for a host's engines came to. `error`: why it has not all that it is to have, and `info` says so,
    too. `engine` None: it has none that can be used."""

    info: EngineInfo
    engine: Engine | None = None
    error: GpuwsError | None = None


def kind(name: str) -> Kind:
    """GpuwsError where nobody knows such a kind."""
    if name not in KINDS:
        raise GpuwsError(f"gpuws knows no engine {name!r}", f"in hosts.yaml, engine: {AUTO}, or {', '.join(KINDS)}")
    return cast("Kind", import_module(KINDS[name]))


def search(host: Host, link: Link, environ: Mapping[str, str] = os.environ) -> Search:
    """The engines that `host` is configured to have, or those that are found there; blocks for some round trips."""
    if host.engine != AUTO:
        found = _first(host, link, environ, (host.engine,))
        engine = None if found.engine is None else _together(host, {host.engine: found.engine}, None)
        return replace(found, engine=engine)
    apart = [name for name in KINDS if not kind(name).MARK]
    beside = [name for name in KINDS if kind(name).MARK]
    found = _first(host, link, environ, apart)
    members = {} if found.engine is None else {found.info.kind: found.engine}
    members.update({name: kind(name).connect(host, link, environ) for name in beside})
    info = replace(found.info, beside={name: kind(name).CAPS for name in beside})
    return Search(info, _together(host, members, found.error) if members else None, found.error)


def _first(host: Host, link: Link, environ: Mapping[str, str], names: list[str] | tuple[str, ...]) -> Search:
    """The first of these kinds that is there."""
    missing: EngineMissing | None = None
    for name in names:
        try:
            found = kind(name)
            return Search(EngineInfo(name, caps=found.CAPS), found.connect(host, link, environ))
        except EngineMissing as error:
            missing = missing or error
        except GpuwsError as error:
            return failed(error, name)
    assert missing is not None  # there is a kind, and none of them was found
    return failed(missing, "none")


def _together(host: Host, engines: Mapping[str, Engine], missing: GpuwsError | None) -> Together:
    members = {name: Member(engine, kind(name).MARK, kind(name).unfit) for name, engine in engines.items()}
    return Together(host.name, members, missing)


def failed(error: GpuwsError, name: str) -> Search:
    """No engine that can be used. `name`: the kind that was found, "none", or "auto": the first kind then."""
    name = next(iter(KINDS)) if name == AUTO else name
    caps = kind(name).CAPS if name in KINDS else Caps()
    shut = isinstance(error, EngineShut)
    return Search(EngineInfo(name, error=error.message, remedy=error.remedy, shut=shut, caps=caps), error=error)


def files_sent(build: Build) -> tuple[str, ...]:
    """What a build would send to the engine that builds, a line a file: name, kind, mode, digest.

    UsageError where it can't be packed."""
    from gpuws.engines.docker.kind import files_sent

    return files_sent(build)
