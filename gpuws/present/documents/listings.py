"""Workspaces, images, tunnels, waits, profiles and hosts, as their listings print them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from gpuws.model.units import timestamp
from gpuws.present.documents.base import hosts

if TYPE_CHECKING:  # a listing starts without the modules of what it does not show
    from gpuws.model.host.host import Host
    from gpuws.model.host.ran import Ran
    from gpuws.model.host.snapshot import HostSnapshot
    from gpuws.model.placement.queued_wait import QueuedWait
    from gpuws.model.profile.captured import Difference
    from gpuws.model.profile.imported import Imported, Lost
    from gpuws.model.profile.profile import ProfileSummary
    from gpuws.model.session.service import ListeningPort
    from gpuws.model.session.tunnel import Tunnel
    from gpuws.model.task import Task
    from gpuws.model.workspace.image import Image
    from gpuws.model.workspace.usage import Usage
    from gpuws.model.workspace.workspace import Port, Ref, Workspace
    from gpuws.present.documents.fields.hosts import ConfiguredHost, InventoryDocument, RanDocument, RanRow
    from gpuws.present.documents.fields.images import (
        ComparedRow,
        ComparisonDocument,
        ImageRow,
        ImagesDocument,
        PrunedDocument,
        PrunedRow,
    )
    from gpuws.present.documents.fields.profiles import (
        ImportedDocument,
        ImportedRow,
        LostRow,
        ProfileRow,
        ProfilesDocument,
    )
    from gpuws.present.documents.fields.tasks import TaskRow, TasksDocument
    from gpuws.present.documents.fields.tunnels import ListeningDocument, ListeningRow, TunnelRow, TunnelsDocument
    from gpuws.present.documents.fields.waits import WaitRow, WaitsDocument
    from gpuws.present.documents.fields.workspaces import (
        ContainerRow,
        ContainersDocument,
        DifferenceRow,
        DriftDocument,
        PortRow,
    )
    from gpuws.present.tables.images import Compared


def containers(
    snapshots: Sequence[HostSnapshot],
    now: float,
    usage: Mapping[Ref, Usage] | None = None,
    tunnels: Sequence[Tunnel] = (),
) -> ContainersDocument:
    rows = [
        _container(container, (usage or {}).get(container.ref), tunnels)
        for snapshot in snapshots
        for container in snapshot.workspaces
    ]
    return {"hosts": hosts(snapshots, now), "containers": rows}


def _container(container: Workspace, usage: Usage | None, tunnels: Sequence[Tunnel]) -> ContainerRow:
    usage = usage or (container.usage if container.alive else None)
    cores = usage.cores if usage else None
    return {
        "host": container.ref.host,
        "id": container.id,
        "name": container.name,
        "image": container.oci.image,
        "engine": container.engine or None,
        "state": container.status,
        "created": timestamp(container.created),
        "reason": container.reason,
        "out_of_memory": container.out_of_memory,
        "oom_kills": container.oom_kills,
        "gpu_out_of_memory": container.gpu_out_of_memory,
        "health": container.oci.health,
        "owner": container.owner,
        "mine": container.mine,
        "profile": container.profile,
        "gpus": list(container.gpus),
        "memory_limit_bytes": container.memory_limit or (usage.limit if usage else None),
        "gpu_memory_bytes": container.gpu_memory,
        "ports": [port(each) for each in container.oci.ports],
        "started": timestamp(container.started),
        "restarts": container.oci.restarts,
        "project": container.oci.project,
        "cpu_limit_percent": None if container.cpu_limit is None else round(100 * container.cpu_limit, 1),
        "cpu_percent": None if cores is None else round(100 * cores, 1),
        "memory_used_bytes": usage.memory if usage else None,
        "disk_read_bytes_per_second": whole(usage.read) if usage else None,
        "disk_written_bytes_per_second": whole(usage.written) if usage else None,
        "network_received_bytes_per_second": whole(usage.received) if usage else None,
        "network_sent_bytes_per_second": whole(usage.sent) if usage else None,
        "tunnels": [one.local_port for one in tunnels if one.place == container.place],
    }


def whole(value: float | None) -> int | None:
    return None if value is None else round(value)


def port(which: Port) -> PortRow:
    return {"target": which.target, "host_ip": which.host_ip, "published": which.published}


def tunnels(open_tunnels: Sequence[Tunnel]) -> TunnelsDocument:
    return {"hosts": [], "tunnels": [_tunnel(one) for one in open_tunnels]}


def _tunnel(one: Tunnel) -> TunnelRow:
    return {
        "target": one.target.text,
        "local_port": one.local_port,
        "state": one.state,
        "url": one.url,
        "bytes_in": one.bytes_in,
        "bytes_out": one.bytes_out,
        "error": one.error,
        "since": timestamp(one.since),
        "connections": one.connections,
        "last_error": one.last_error,
        "speaks": one.speaks,
        "kept": one.kept,
        "bind": one.bind,
    }


def listening_ports(
    snapshot: HostSnapshot, target: str, ports: Sequence[ListeningPort], now: float
) -> ListeningDocument:
    """`target`: the place where they listen, as it is typed; `snapshot`: of its host."""
    rows: list[ListeningRow] = [
        {
            "port": one.port,
            "service": one.service,
            "process": one.process,
            "pid": one.pid,
            "address": one.address or None,
        }
        for one in ports
    ]
    return {"hosts": hosts([snapshot], now), "target": target, "ports": rows}


def waits(kept: Sequence[QueuedWait]) -> WaitsDocument:
    return {"waits": [_wait(one) for one in kept]}


def _wait(one: QueuedWait) -> WaitRow:
    return {
        "id": one.id or None,
        "state": one.state,
        "gpus": one.order.spec,
        "hosts": list(one.order.hosts),
        "profile": one.order.profile or None,
        "name": one.order.name,
        "since": timestamp(one.since) if one.id else None,
        "ended": timestamp(one.ended_at),
        "detail": one.text,
    }


def tasks(known: Sequence[Task]) -> TasksDocument:
    return {"tasks": [_task(one) for one in known]}


def _task(one: Task) -> TaskRow:
    step = one.progress
    part = None if step is None or step.fraction is None else round(100 * step.fraction, 1)
    return {
        "id": one.id,
        "verb": one.verb,
        "title": one.title,
        "host": one.host or None,
        "state": one.state,
        "stage": step.stage if step else None,
        "percent": part,
        "began": timestamp(one.began_at),
        "ended": timestamp(one.ended_at),
        "result": one.result or None,
        "error": one.error.message if one.error else None,
        "remedy": (one.error.remedy or None) if one.error else None,
    }


def images(snapshots: Sequence[HostSnapshot], given: Mapping[str, Sequence[Image]], now: float) -> ImagesDocument:
    rows = [_image(name, image) for name, found in given.items() for image in found]
    return {"hosts": hosts(snapshots, now), "images": rows}


def _image(name: str, image: Image) -> ImageRow:
    return {
        "host": name,
        "id": image.id,
        "names": list(image.names),
        "digests": list(image.digests),
        "size_bytes": image.size,
        "created": timestamp(image.created),
        "used_by": list(image.used_by),
    }


def comparison(
    snapshots: Sequence[HostSnapshot], given: Mapping[str, Sequence[Compared]], now: float
) -> ComparisonDocument:
    rows: list[ComparedRow] = [
        {"host": where, "name": one.name, "newer": one.newer, "error": one.error}
        for where, found in given.items()
        for one in found
    ]
    return {"hosts": hosts(snapshots, now), "images": rows}


def pruned(snapshots: Sequence[HostSnapshot], given: Mapping[str, int], now: float) -> PrunedDocument:
    rows: list[PrunedRow] = [{"host": name, "freed_bytes": freed} for name, freed in given.items()]
    return {"hosts": hosts(snapshots, now), "pruned": rows}


def profiles(summaries: Sequence[ProfileSummary]) -> ProfilesDocument:
    rows: list[ProfileRow] = [
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


def imported(found: Sequence[Imported], saved: Mapping[str, str]) -> ImportedDocument:
    """`saved`: the files that were written, by the profile's name."""
    rows: list[ImportedRow] = [
        {
            "name": one.name,
            "container": one.container,
            "text": one.text,
            "saved": saved.get(one.name),
            "lost": [_lost(lost) for lost in one.lost],
        }
        for one in found
    ]
    return {"hosts": [], "profiles": rows}


def _lost(lost: Lost) -> LostRow:
    return {"line": lost.line or None, "what": lost.what, "why": lost.why, "instead": lost.instead or None}


def ran(every: Sequence[Ran]) -> RanDocument:
    return {"ran": [_ran(one) for one in every]}


def _ran(one: Ran) -> RanRow:
    from gpuws.model.host.footprint import deed_of

    return {
        "at": timestamp(one.at),
        "until": timestamp(one.until),
        "times": one.times,
        "host": one.host,
        "user": one.user,
        "by": one.means,
        "what": one.what,
        "of": deed_of(one) or None,
        "running": one.begun,
        "status": one.status,
        "seconds": one.seconds,
        "error": one.error or None,
    }


def inventory(configured: Sequence[Host]) -> InventoryDocument:
    """Hosts as configured. Nothing was dialled, so their states are not known."""
    return {"hosts": [_configured(one) for one in configured]}


def _configured(one: Host) -> ConfiguredHost:
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


def drift(target: str, profile: str | None, found: Sequence[Difference]) -> DriftDocument:
    rows: list[DifferenceRow] = [{"key": one.key, "profile": one.profile, "container": one.container} for one in found]
    return {"target": target, "profile": profile, "differences": rows}
