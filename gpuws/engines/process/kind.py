"""Programs of the host among the kinds of engine (`engines.registry.Kind`). Loads nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from gpuws.engines.process.caps import CAPS

if TYPE_CHECKING:
    from gpuws.engines.base import Engine
    from gpuws.link.place import Link
    from gpuws.model.host.host import Host
    from gpuws.model.profile.profile import Profile

__all__ = ["CAPS", "MARK", "connect", "unfit"]

MARK = "p-"
"""What ids of its workspaces begin with: no container's do."""


def connect(host: Host, link: Link, environ: Mapping[str, str]) -> Engine:
    """See `engines.registry.Kind`; asks nothing."""
    from gpuws.engines.process.engine import ProcessEngine

    return ProcessEngine(link, host, environ)


def unfit(profile: Profile) -> str:
    """See `engines.registry.Kind`."""
    said = [key for key in ("image", "build", "volumes") if getattr(profile, key)]
    said += ["user"] if profile.user != "host" else []
    return f"it says {', '.join(said)}, which only containers have" if said else ""
