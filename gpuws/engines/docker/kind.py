"""Docker among the kinds of engine (`engines.registry.Kind`). Loads nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from gpuws.engines.docker.caps import CAPS

if TYPE_CHECKING:
    from gpuws.engines.base import Engine
    from gpuws.link.place import Link
    from gpuws.model.host.host import Host
    from gpuws.model.profile.profile import Build, Profile

__all__ = ["CAPS", "MARK", "connect", "files_sent", "unfit"]

MARK = ""
"""See `engines.registry.Kind`."""


def unfit(profile: Profile) -> str:
    """See `engines.registry.Kind`."""
    return "" if profile.image or profile.build else "it names no image and no build"


def connect(host: Host, link: Link, environ: Mapping[str, str]) -> Engine:
    """See `engines.registry.Kind`."""
    from gpuws.engines.docker.connect import connect_engine

    return connect_engine(host, link, environ)


def files_sent(build: Build) -> tuple[str, ...]:
    """See `engines.registry.files_sent`."""
    from gpuws.engines.docker.build.context import listed

    return listed(build)
