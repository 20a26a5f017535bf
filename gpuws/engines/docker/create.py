"""A spec as the arguments of the engine's create call. Pure."""

from __future__ import annotations

from typing import Any

from docker.types import ContainerConfig, DeviceRequest, HostConfig, LogConfig, Mount, Ulimit

from gpuws.engines.docker.spec import cdi_names
from gpuws.model.plan import ContainerSpec
from gpuws.model.profile import PortWish, Profile, Volume

LOG_OPTIONS = {"max-size": "20m", "max-file": "5"}
"""json-file never rotates by itself."""


def create_call(version: str, spec: ContainerSpec) -> dict[str, Any]:
    """The body of `POST /containers/create` at a version of the API."""
    profile = spec.profile
    make: Any = ContainerConfig  # its annotations know less than it takes
    config: dict[str, Any] = make(
        version,
        spec.image,
        command=list(spec.command) if spec.command is not None else None,
        user=spec.user,
        environment=dict(spec.environment),
        working_dir=profile.working_dir,
        entrypoint=list(profile.entrypoint) if profile.entrypoint is not None else None,
        labels=dict(spec.labels),
        ports=[(target, "tcp") for target in exposed(profile)] or None,
        host_config=HostConfig(version, **host_config(spec)),
    )
    if profile.stop_grace_period is not None:
        config["StopTimeout"] = round(profile.stop_grace_period)
    return config


def host_config(spec: ContainerSpec) -> dict[str, Any]:
    """The arguments of docker-py's `HostConfig`."""
    profile = spec.profile
    return {
        "device_requests": device_requests(spec) or None,
        "mem_limit": profile.mem_limit,
        "memswap_limit": swap_limit(profile),
        "nano_cpus": round(profile.cpus * 1_000_000_000) if profile.cpus else None,
        "pids_limit": profile.pids_limit,
        "shm_size": profile.shm_size,
        "ipc_mode": profile.ipc,
        "network_mode": profile.network_mode,
        "group_add": [str(gid) for gid in spec.groups] or None,
        "ulimits": [Ulimit(name=one.name, soft=one.soft, hard=one.hard) for one in profile.ulimits] or None,
        "init": profile.init or None,
        "restart_policy": restart_policy(profile.restart),
        "log_config": LogConfig(type="json-file", config=dict(LOG_OPTIONS)),
        "mounts": [mount(volume) for volume in profile.volumes] or None,
        "port_bindings": bindings(profile) or None,
    }


def device_requests(spec: ContainerSpec) -> list[DeviceRequest]:
    if not spec.gpu_uuids:
        return []
    if spec.gpu_mode == "cdi":
        return [DeviceRequest(driver="cdi", device_ids=cdi_names(spec.gpu_uuids))]
    return [DeviceRequest(device_ids=list(spec.gpu_uuids), capabilities=[["gpu"]])]


def swap_limit(profile: Profile) -> int | None:
    """Memory and swap together; without a limit of its own no swap at all."""
    return profile.memswap_limit if profile.memswap_limit is not None else profile.mem_limit


def restart_policy(text: str) -> dict[str, Any]:
    name, _, count = text.partition(":")
    return {"Name": name, "MaximumRetryCount": int(count) if count.isdecimal() else 0}


def mount(volume: Volume) -> Mount:
    source = None if volume.type == "tmpfs" else volume.source
    return Mount(volume.target, source, type=volume.type, read_only=volume.read_only)


def exposed(profile: Profile) -> list[int]:
    """Every port a tunnel may lead to, published or not."""
    targets = [port.target for port in profile.ports]
    if profile.jupyter:
        targets.append(profile.jupyter.port)
    return sorted(set(targets))


def bindings(profile: Profile) -> dict[int, Any]:
    found: dict[int, list[tuple[str, int]]] = {}
    for port in published(profile):
        found.setdefault(port.target, []).append((port.host_ip, port.published or port.target))
    return dict(found)


def published(profile: Profile) -> list[PortWish]:
    """On the host's own network there is nothing to publish: what listens inside listens there."""
    return [port for port in profile.ports if port.published is not None and profile.network_mode != "host"]
