"""The JSON of INTERFACE §3, from snapshots. Unknown is null, never 0. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gpuws.model.container import Container, Port
from gpuws.model.gpu import Gpu, GpuProcess
from gpuws.model.host import Host
from gpuws.model.plan import Check, Plan
from gpuws.model.profile import ProfileSummary
from gpuws.model.session import Session
from gpuws.model.snapshot import HostSnapshot
from gpuws.model.tunnel import Tunnel
from gpuws.model.units import timestamp

Data = dict[str, Any]


def text(data: Data, *, indent: int | None = 2) -> str:
    """`data` as printed; lone surrogates of hosts' names would not encode."""
    import json

    return json.dumps(data, indent=indent, ensure_ascii=False).encode(errors="replace").decode()


def host(snapshot: HostSnapshot, now: float) -> Data:
    age = snapshot.age(now)
    return {
        "name": snapshot.name,
        "state": snapshot.state.value,
        "error": snapshot.error,
        "age_seconds": None if age is None else round(age, 1),
    }


def gpus(snapshots: Sequence[HostSnapshot], now: float) -> Data:
    return {"hosts": [_host_with_gpus(snapshot, now) for snapshot in snapshots]}


def containers(snapshots: Sequence[HostSnapshot], now: float) -> Data:
    rows = [_container(container) for snapshot in snapshots for container in snapshot.containers]
    return {"hosts": [host(snapshot, now) for snapshot in snapshots], "containers": rows}


def sessions(snapshots: Sequence[HostSnapshot], now: float) -> Data:
    rows = [_session(snapshot.name, session) for snapshot in snapshots for session in snapshot.sessions]
    return {"hosts": [host(snapshot, now) for snapshot in snapshots], "sessions": rows}


def tunnels(open_tunnels: Sequence[Tunnel]) -> Data:
    return {"hosts": [], "tunnels": [_tunnel(one) for one in open_tunnels]}


def _tunnel(one: Tunnel) -> Data:
    return {
        "target": one.target,
        "local_port": one.local_port,
        "state": one.state,
        "url": one.url,
        "bytes_in": one.bytes_in,
        "bytes_out": one.bytes_out,
        "error": one.error,
    }


def jupyter(one: Tunnel) -> Data:
    return {"url": one.url, "local_port": one.local_port}


def launch(plan: Plan, made: Container | None) -> Data:
    """`made` None: nothing was created, or it is not listed yet."""
    return {
        "host": plan.host,
        "name": plan.spec.name,
        "id": made.id if made else None,
        "state": made.state if made else None,
        "gpus": list(plan.spec.gpu_uuids),
        "ports": [_port(port) for port in (made.ports if made else planned_ports(plan))],
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
            "source": one.source,
            "error": one.error,
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


def _host_with_gpus(snapshot: HostSnapshot, now: float) -> Data:
    return host(snapshot, now) | {
        "driver": snapshot.driver,
        "cuda": snapshot.cuda,
        "telemetry": {"source": snapshot.telemetry, "error": snapshot.telemetry_error},
        "cpu_percent": snapshot.cpu_percent,
        "memory_used_bytes": snapshot.memory_used,
        "memory_total_bytes": snapshot.memory_total,
        "disks": [{"mount": d.mount, "used_bytes": d.used, "total_bytes": d.total} for d in snapshot.disks],
        "gpus": [_gpu(gpu) for gpu in snapshot.gpus],
    }


def _gpu(gpu: Gpu) -> Data:
    return {
        "index": gpu.index,
        "uuid": gpu.uuid,
        "name": gpu.name,
        "health": gpu.health,
        "memory_used_bytes": gpu.memory_used,
        "memory_total_bytes": gpu.memory_total,
        "utilization_percent": gpu.utilization,
        "temperature_celsius": gpu.temperature,
        "power_watts": gpu.power,
        "power_limit_watts": gpu.power_limit,
        "mig_instances": [],
        "held_by": [
            {"kind": h.kind, "name": h.name, "user": h.user, "idle_seconds": h.idle_seconds} for h in gpu.held_by
        ],
        "processes": [_process(process) for process in gpu.processes],
    }


def _process(process: GpuProcess) -> Data:
    return {
        "pid": process.pid,
        "user": process.user,
        "command": process.command,
        "memory_bytes": process.memory,
        "utilization_percent": process.utilization,
        "container": process.container,
        "session": process.session,
        "notebook": process.notebook,
    }


def _container(container: Container) -> Data:
    return {
        "host": container.host,
        "id": container.id,
        "name": container.name,
        "image": container.image,
        "state": container.state,
        "created": timestamp(container.created),
        "reason": container.reason,
        "owner": container.owner,
        "mine": container.mine,
        "profile": container.profile,
        "gpus": list(container.gpus),
        "memory_limit_bytes": container.memory_limit,
        "gpu_memory_bytes": container.gpu_memory,
        "ports": [_port(port) for port in container.ports],
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
