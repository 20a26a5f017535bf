"""Who owns what, and what is mine (INTERFACE §1)."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

OWNER_LABEL = "gpuws.owner"
# Where a tool says which directory it started a container from: Compose, and editors' development containers.
STARTED_FROM = ("com.docker.compose.project.working_dir", "devcontainer.local_folder")
_HOME = re.compile(r"(?:/[\w.-]+)?/(?:home|Users)/([^/]+)")


def my_names(me: Collection[str], login: str | None) -> frozenset[str]:
    """The names that are me on a host: those of config.yaml and my login there."""
    return frozenset(me) | ({login} if login else frozenset())


def container_owner(labels: Mapping[str, str], mounts: Collection[str]) -> tuple[str | None, bool]:
    """The owner of a container and whether our label says so.

    Without it: whose home directory it mounts, else from whose it was started, where that is one person's."""
    if label := labels.get(OWNER_LABEL):
        return label, True
    started_from = [labels[key] for key in STARTED_FROM if key in labels]
    return _only(mounts) or _only(started_from), False


def _only(folders: Collection[str]) -> str | None:
    homes = {match[1] for folder in folders if (match := _HOME.match(folder))}
    return homes.pop() if len(homes) == 1 else None
