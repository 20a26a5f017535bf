"""The names by which ssh reaches hosts and workspaces through gpuws. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gpuws.model.host.naming import split_host
from gpuws.model.host.snapshot import HostSnapshot

PREFIX = "gpuws"
OWN_USER = "gpuws"
"""The login that stands for a workspace's own user, or for the host's: any other is a user of the workspace."""
_PART = re.compile(r"[A-Za-z0-9._-]+\Z")
"""What needs no quoting in a configuration of ssh, nor in the shell that runs its ProxyCommand."""


@dataclass(frozen=True, slots=True)
class SshAlias:
    """`name` is for ssh, `target` for gpuws: HOST or HOST/CONTAINER. Either may hold dots, so a name is never split
    into what it was made of: whoever has one looks it up."""

    name: str
    target: str

    @property
    def host(self) -> str:
        return split_host(self.target)[0]


def is_alias(name: str) -> bool:
    return name.startswith(f"{PREFIX}.")


def aliases(snapshots: Iterable[HostSnapshot]) -> tuple[SshAlias, ...]:
    """One for each host, and for each workspace of mine on it. None for a read-only host, on which no program may be
    started, nor for a name with other characters than `[A-Za-z0-9._-]`."""
    return tuple(alias for snapshot in snapshots if not snapshot.readonly for alias in _on(snapshot))


def together(
    looked_at: Sequence[HostSnapshot], previous: Sequence[SshAlias], known: Sequence[str]
) -> tuple[SshAlias, ...]:
    """Those that hold now, by host: of a host whose containers were read what is there; of another what was `previous`,
    as long as the host is `known`. Two that would be called the same are left out, by ssh's measure: the file through
    which it shares a connection has the name in lower case."""
    read = {one.name for one in looked_at if "containers" in one.complete or one.readonly}
    now = aliases(looked_at)
    have = {alias.target for alias in now}
    kept = [one for one in previous if one.host in known and one.host not in read and one.target not in have]
    return _unambiguous(sorted((*now, *kept), key=lambda alias: (known.index(alias.host), alias.target)))


def _unambiguous(found: Sequence[SshAlias]) -> tuple[SshAlias, ...]:
    times = Counter(alias.name.lower() for alias in found)
    return tuple(alias for alias in found if times[alias.name.lower()] == 1)


def _on(snapshot: HostSnapshot) -> Iterable[SshAlias]:
    host = snapshot.name
    if not _PART.match(host):
        return
    yield SshAlias(f"{PREFIX}.{host}", host)
    for workspace in snapshot.workspaces:
        if workspace.mine and _PART.match(workspace.name):
            yield SshAlias(f"{PREFIX}.{host}.{workspace.name}", f"{host}/{workspace.name}")
