"""What is meant on a host that is away, by its name alone. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from gpuws.model.errors import TargetError
from gpuws.model.host.host import HostState
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.query.target import Target, host_named, resolve
from gpuws.model.session.tunnel import TunnelTarget


def awaited(
    target: Target, snapshots: Sequence[HostSnapshot], port: int, *, to: str = "", service: str = ""
) -> TunnelTarget | None:
    """Where a tunnel is to lead once its host is there. None where that is no question: the host can be reached, it
    waits for a person, or no host is named.

    A container that was never seen there is believed."""
    name = host_named(target, [one.name for one in snapshots])
    host = next((one for one in snapshots if one.name == name), None)
    if host is None or host.state not in (HostState.CONNECTING, HostState.DOWN):
        return None
    return TunnelTarget(host.name, _container(target, host), port, to=to, service=service)


def _container(target: Target, host: HostSnapshot) -> str | None:
    """Its name, also where the beginning of its id was typed and it is remembered."""
    try:
        found = resolve(target, [host]).container
    except TargetError:
        return target.container
    return found.typed if found is not None else None
