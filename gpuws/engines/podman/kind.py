"""Podman among the kinds of engine (`engines.registry.Kind`). Loads nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from gpuws.engines.docker.kind import MARK, unfit
from gpuws.engines.podman.caps import CAPS

if TYPE_CHECKING:
    from gpuws.engines.base import Engine
    from gpuws.link.place import Link
    from gpuws.model.host.host import Host

__all__ = ["CAPS", "MARK", "connect", "unfit"]


def connect(host: Host, link: Link, environ: Mapping[str, str]) -> Engine:
    """See `engines.registry.Kind`."""
    from gpuws.engines.podman.connect import connect_engine

    return connect_engine(host, link, environ)
