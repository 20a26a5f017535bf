"""The JSON of INTERFACE §3, from snapshots. Unknown is null, never 0. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from gpuws.model.public import Data, gpus, host, text
from gpuws.model.units import timestamp
from gpuws.model.workspace import Port

if TYPE_CHECKING:  # a listing starts without the modules of what it does not show
    from gpuws.model.host import Host
    from gpuws.model.image import Image
    from gpuws.model.kept_wait import KeptWait
    from gpuws.model.plan import Check, Device, Plan
    from gpuws.model.profile import ProfileSummary
    from gpuws.model.rollup import Share
    from gpuws.model.session import Session
    from gpuws.model.snapshot import HostSnapshot
    from gpuws.model.tunnel import Tunnel
    from gpuws.model.workspace import Workspace
    from gpuws.present.images import Compared

__all__ = [
    "Data",
    "check",
    "checkups",
    "comparison",
    "containers",
    "free",
    "gpus",
    "host",
    "images",
    "inventory",
    "jupyter",
    "launch",
    "planned_ports",
    "profiles",
    "pruned",
    "sessions",
    "text",
    "tunnels",
    "users",
    "waits",
]


def users(snapshots: Sequence[HostSnapshot], shares: Sequence[Share], now: float) -> Data:
    return {"hosts": [host(snapshot, now) for snapshot in snapshots], "users": [_share(one) for one in shares]}


def containers(snapshots: Sequence[HostSnapshot], now: float) -> Data:
    rows = [_container(container) for snapshot in snapshots for container in snapshot.workspaces]
    return {"hosts": [host(snapshot, now) for snapshot in snapshots], "containers": rows}


def sessions(snapshots: Sequence[HostSnapshot], now: float) -> Data:
    rows = [_session(snapshot.name, session) for snapshot in snapshots for session in snapshot.sessions]
    return {"hosts": [host(snapshot, now) for snapshot in snapshots], "sessions": rows}


def tunnels(open_tunnels: Sequence[Tunnel]) -> Data:
    return {"hosts": [], "tunnels": [_tunnel(one) for one in open_tunnels]}


def _tunnel(one: Tunnel) -> Data:
    return {
        "target": one.target.text,
        "local_port": one.local_port,
        "state": one.state,
        "url": one.url,
        "bytes_in": one.bytes_in,
        "bytes_out": one.bytes_out,
        "error": one.error,
    }


def jupyter(one: Tunnel) -> Data:
    return {"url": one.url, "local_port": one.local_port}


def free(host: str, devices: Sequence[Device], waited: float) -> Data:
    """What `gpuws wait` found."""
    return {
        "host": host,
        "gpus": [one.uuid for one in devices],
        "devices": [
            {"uuid": one.uuid, "index": one.index, "label": one.label, "name": one.name, "memory_bytes": one.memory}
            for one in devices
        ],
        "waited_seconds": round(waited, 1),
    }


def waits(kept: Sequence[KeptWait]) -> Data:
    return {"waits": [_wait(one) for one in kept]}


def _wait(one: KeptWait) -> Data:
    return {
        "id": one.id,
        "state": one.state,
        "gpus": one.order.spec,
        "hosts": list(one.order.hosts),
        "profile": one.order.profile,
        "name": one.order.name,
        "since": timestamp(one.since),
        "ended": timestamp(one.ended_at),
        "detail": one.text,
    }


def launch(plan: Plan, made: Workspace | None) -> Data:
    """`made` None: nothing was created, or it is not listed yet."""
    return {
        "host": plan.host,
        "name": plan.spec.name,
        "id": made.id if made else None,
        "state": made.status if made else None,
        "gpus": list(plan.spec.gpu_uuids),
        "rejected": [{"gpu": one.label, "reason": one.reason} for one in plan.rejected],
        "ports": [_port(port) for port in (made.oci.ports if made else planned_ports(plan))],
        "checks": [check(one) for one in plan.checks],
        "command": plan.command,
    }


def planned_ports(plan: Plan) -> tuple[Port, ...]:
    profile = plan.spec.profile
    ports = [Port(wish.target, wish.host_ip if wish.published else None, wish.published) for wish in profile.ports]
    if profile.jupyter and all(port.target != profile.jupyter.port for port in ports):
        ports.append(Port(profile.jupyter.port))
    return tuple(ports)


def check(one: Check) -> Data:
    return {"name": one.name, "status": one.status, "detail": one.detail, "remedy": one.remedy}


def checkups(snapshots: Sequence[HostSnapshot], found: Mapping[str, Sequence[Check]], now: float) -> Data:
    rows = [host(one, now) | {"checks": [check(each) for each in found.get(one.name, ())]} for one in snapshots]
    return {"hosts": rows}


def inventory(hosts: Sequence[Host]) -> Data:
    """Hosts as configured. Nothing was dialled, so their states are not known."""
    return {"hosts": [_configured(one) for one in hosts]}


def profiles(summaries: Sequence[ProfileSummary]) -> Data:
    rows = [
        {
            "name": one.name,
            "description": one.description,
            "image": one.image,
            "gpus": one.gpus,
            "owner": one.owner,
            "accepted": one.accepted,
            "source": one.source,
            "error": one.error,
            "note": one.note or None,
        }
        for one in summaries
    ]
    return {"hosts": [], "profiles": rows}


def _configured(one: Host) -> Data:
    return {
        "name": one.name,
        "state": None,
        "error": None,
        "age_seconds": None,
        "hostname": one.hostname,
        "user": one.user,
        "port": one.port,
        "jump": one.jump,
        "tags": list(one.tags),
        "readonly": one.readonly,
    }


def _share(one: Share) -> Data:
    """Memory is None where one of the processes does not tell its own."""
    return {
        "user": one.user,
        "mine": one.mine,
        "gpus": one.gpus,
        "idle_gpus": one.idle,
        "gpu_memory_bytes": None if one.unknown else one.memory,
    }


def _container(container: Workspace) -> Data:
    return {
        "host": container.ref.host,
        "id": container.id,
        "name": container.name,
        "image": container.oci.image,
        "state": container.status,
        "created": timestamp(container.created),
        "reason": container.reason,
        "health": container.oci.health,
        "owner": container.owner,
        "mine": container.mine,
        "profile": container.profile,
        "gpus": list(container.gpus),
        "memory_limit_bytes": container.memory_limit,
        "gpu_memory_bytes": container.gpu_memory,
        "ports": [_port(port) for port in container.oci.ports],
    }


def _port(port: Port) -> Data:
    return {"target": port.target, "host_ip": port.host_ip, "published": port.published}


def _session(name: str, session: Session) -> Data:
    return {
        "host": name,
        "container": session.container,
        "name": session.name,
        "windows": session.windows,
        "attached": session.attached,
        "created": timestamp(session.created),
        "activity": timestamp(session.activity),
        "command": session.command,
    }


def images(snapshots: Sequence[HostSnapshot], given: Mapping[str, Sequence[Image]], now: float) -> Data:
    rows = [_image(name, image) for name, found in given.items() for image in found]
    return {"hosts": _hosts(snapshots, now), "images": rows}


def comparison(snapshots: Sequence[HostSnapshot], given: Mapping[str, Sequence[Compared]], now: float) -> Data:
    rows = [
        {"host": where, "name": one.name, "newer": one.newer, "error": one.error}
        for where, found in given.items()
        for one in found
    ]
    return {"hosts": _hosts(snapshots, now), "images": rows}


def pruned(snapshots: Sequence[HostSnapshot], given: Mapping[str, int], now: float) -> Data:
    rows = [{"host": name, "freed_bytes": freed} for name, freed in given.items()]
    return {"hosts": _hosts(snapshots, now), "pruned": rows}


def _hosts(snapshots: Sequence[HostSnapshot], now: float) -> list[Data]:
    return [host(snapshot, now) for snapshot in snapshots]


def _image(name: str, image: Image) -> Data:
    return {
        "host": name,
        "id": image.id,
        "names": list(image.names),
        "digests": list(image.digests),
        "size_bytes": image.size,
        "created": timestamp(image.created),
        "used_by": list(image.used_by),
    }
