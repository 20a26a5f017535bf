"""Docker among the kinds of engine (`engines.registry.Kind`). Loads nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from gpuws.engines.docker.caps import CAPS

if TYPE_CHECKING:
    from gpuws.engines.base import Engine
    from gpuws.link.place import Link
    from gpuws.model.host.host import Host
    from gpuws.model.profile.profile import Build

__all__ = ["CAPS", "connect", "files_sent"]


def connect(host: Host, link: Link, environ: Mapping[str, str]) -> Engine:
    """See `engines.registry.Kind`."""
    from gpuws.engines.docker.connect import connect_engine

    return connect_engine(host, link, environ)


def files_sent(build: Build) -> tuple[str, ...]:
    """See `engines.registry.files_sent`."""
    from gpuws.engines.docker.build.context import listed

    return listed(build)
