"""Which kinds of engine there are, and which of them a host has. An engine is a folder and its line here."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from gpuws.model.errors import EngineMissing, EngineShut, GpuwsError
from gpuws.model.workspace.engine import Caps, EngineInfo

if TYPE_CHECKING:
    from gpuws.engines.base import Engine
    from gpuws.link.place import Link
    from gpuws.model.host.host import Host
    from gpuws.model.profile.profile import Build

KINDS: dict[str, str] = {
    "docker": "gpuws.engines.docker.kind",
}
"""Kind → the module that knows it (`Kind`), loaded when it is asked for. A host with `engine: auto` has the first one
that is found there."""
AUTO = "auto"


class Kind(Protocol):
    """What a module of `KINDS` holds."""

    CAPS: Caps

    def connect(self, host: Host, link: Link, environ: Mapping[str, str]) -> Engine:
        """The engine of `host`, greeted over `link`; blocks for some round trips. `environ`: where profiles take values
        from that they name but do not set.

        `EngineMissing` where the host has none of the kind, `EngineShut` where I may not use it or it does not run."""
        ...


@dataclass(frozen=True, slots=True)
class Search:
    """What looking for a host's engine came to. `engine` None: `error` says why, and so does `info`."""

    info: EngineInfo
    engine: Engine | None = None
    error: GpuwsError | None = None


def kind(name: str) -> Kind:
    """GpuwsError where nobody knows such a kind."""
    if name not in KINDS:
        raise GpuwsError(f"gpuws knows no engine {name!r}", f"in hosts.yaml, engine: {AUTO}, or {', '.join(KINDS)}")
    return cast("Kind", import_module(KINDS[name]))


def search(host: Host, link: Link, environ: Mapping[str, str] = os.environ) -> Search:
    """The engine that `host` is configured to have, or the first one found there; blocks for some round trips."""
    missing: EngineMissing | None = None
    for name in KINDS if host.engine == AUTO else (host.engine,):
        try:
            found = kind(name)
            return Search(EngineInfo(name, caps=found.CAPS), found.connect(host, link, environ))
        except EngineMissing as error:
            missing = missing or error
        except GpuwsError as error:
            return failed(error, name)
    assert missing is not None  # there is a kind, and none of them was found
    return failed(missing, "none")


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
