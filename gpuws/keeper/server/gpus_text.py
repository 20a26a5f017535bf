"""What `gpuws gpus --json` prints, ready as text where all of it is known and fresh: the command then needs neither the
model nor what decodes it, and is done before they would be loaded."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from gpuws.keeper.wire.messages import Description, Ready
from gpuws.model.host.completeness import NAMED, owed
from gpuws.model.host.host import Host, HostState
from gpuws.model.host.machine import one_each
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.present.documents.base import printed
from gpuws.present.documents.gpus import gpus


def ready(
    description: Description,
    snapshots: Sequence[HostSnapshot],
    hosts: Collection[str],
    tags: Collection[str],
    now: float,
) -> Ready:
    """Without text where it would have to wait, or something is to be said: then the command goes the long road."""
    known = {host.name for host in description.hosts}, {tag for host in description.hosts for tag in host.tags}
    wanted = [host.name for host in description.hosts if _chosen(host, hosts, tags)]
    found = {snapshot.name: snapshot for snapshot in snapshots if _fresh(snapshot)}
    understood = known[0].issuperset(hosts) and known[1].issuperset(tags)
    if not wanted or not understood or description.notes or not found.keys() >= set(wanted):
        return Ready()
    return Ready(printed(gpus(one_each([found[name] for name in wanted]), now)))


def _chosen(host: Host, hosts: Collection[str], tags: Collection[str]) -> bool:
    return not (hosts or tags) or host.name in hosts or bool(set(tags) & set(host.tags))


def _fresh(snapshot: HostSnapshot) -> bool:
    return snapshot.state is HostState.UP and not owed(snapshot, NAMED)
