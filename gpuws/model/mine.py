"""Who owns what, and what is mine (INTERFACE §1)."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

OWNER_LABEL = "gpuws.owner"
_HOME = re.compile(r"/(?:home|Users)/([^/]+)")


def my_names(me: Collection[str], login: str | None) -> frozenset[str]:
    """The names that are me on a host: those of config.yaml and my login there."""
    return frozenset(me) | ({login} if login else frozenset())


def container_owner(labels: Mapping[str, str], mounts: Collection[str]) -> tuple[str | None, bool]:
    """The owner of a container and whether a label says so: label first, else the home directory it mounts."""
    if label := labels.get(OWNER_LABEL):
        return label, True
    homes = {match[1] for source in mounts if (match := _HOME.match(source))}
    return (homes.pop(), False) if len(homes) == 1 else (None, False)
