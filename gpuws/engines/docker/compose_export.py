"""A captured container as a Compose file, for the same host: its GPUs by id, its volumes by their names. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gpuws.engines.docker.gpus import CDI_KIND
from gpuws.engines.docker.portable import GPU_VARIABLE
from gpuws.model.captured import Captured
from gpuws.model.container import GpuMode
from gpuws.model.profile import GpuWish, PortWish, Profile, Volume
from gpuws.model.secret import is_secret

COMPOSE_NETWORKS = frozenset({"host", "none"})


def compose_file(name: str, captured: Captured, mode: GpuMode | None) -> str:
    """`captured` literally. Secrets stand in it by name only: Compose takes them from the environment."""
    import yaml

    profile = captured.profile
    data: dict[str, Any] = {"services": {_service(profile.name): _said(_escaped(_keys(name, profile, mode)))}}
    named = [volume.source for volume in profile.volumes if volume.type == "volume" and volume.source]
    if named:
        data["volumes"] = {source: {"external": True} for source in dict.fromkeys(named)}
    if (network := _own_network(profile)) is not None:
        data["networks"] = {network: {"external": True}}
    lost = "".join(f"# lost: {note}\n" for note in captured.notes)
    text: str = yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=120)
    return lost + text


def _keys(name: str, profile: Profile, mode: GpuMode | None) -> dict[str, Any]:
    grace = profile.stop_grace_period
    return {
        "image": profile.image,
        "container_name": name,
        "command": _list(profile.command),
        "entrypoint": _list(profile.entrypoint),
        "user": {"image": None, "root": "0:0"}.get(profile.user, profile.user),
        "working_dir": profile.working_dir,
        "environment": {key: _value(key, value) for key, value in profile.environment.items() if key != GPU_VARIABLE},
        "deploy": _gpus(profile.gpus, mode),
        "mem_limit": profile.mem_limit,
        "memswap_limit": profile.memswap_limit if profile.memswap_limit is not None else profile.mem_limit,
        "cpus": profile.cpus,
        "pids_limit": profile.pids_limit,
        "shm_size": profile.shm_size,
        "ipc": profile.ipc,
        "network_mode": profile.network_mode if _own_network(profile) is None else None,
        "networks": [network] if (network := _own_network(profile)) is not None else None,
        "ulimits": {one.name: {"soft": one.soft, "hard": one.hard} for one in profile.ulimits},
        "volumes": [_volume(volume) for volume in profile.volumes],
        "ports": [_port(port) for port in profile.ports if port.published is not None],
        "expose": [str(port.target) for port in profile.ports if port.published is None],
        "restart": profile.restart if profile.restart != "no" else None,
        "init": profile.init or None,
        "stop_grace_period": f"{grace:g}s" if grace is not None else None,
        "labels": dict(profile.labels),
    }


def _gpus(wish: GpuWish, mode: GpuMode | None) -> dict[str, Any] | None:
    """A reservation, as Compose wants it; CDI devices have names of their own."""
    if wish.none:
        return None
    ids = [*wish.uuids, *map(str, wish.indices)]
    if mode == "cdi":
        names = [f"{CDI_KIND}={one}" for one in ids or ["all"]]
        device: dict[str, Any] = {"driver": "cdi", "device_ids": names, "capabilities": ["gpu"]}
    elif ids:
        device = {"driver": "nvidia", "device_ids": ids, "capabilities": ["gpu"]}
    else:
        device = {"driver": "nvidia", "count": "all" if wish.all else wish.count, "capabilities": ["gpu"]}
    return {"resources": {"reservations": {"devices": [device]}}}


def _volume(volume: Volume) -> dict[str, Any]:
    return {
        "type": volume.type,
        "source": volume.source,
        "target": volume.target,
        "read_only": volume.read_only or None,
    }


def _port(port: PortWish) -> dict[str, Any]:
    return {"target": port.target, "published": str(port.published), "host_ip": port.host_ip}


def _value(name: str, value: str | None) -> str | None:
    return None if value is None or is_secret(name, value) else value


def _own_network(profile: Profile) -> str | None:
    """A network that somebody made: it must exist, and Compose leaves it as it is."""
    mode = profile.network_mode
    return mode if mode and mode not in COMPOSE_NETWORKS and not mode.startswith("container:") else None


def _list(words: tuple[str, ...] | None) -> list[str] | None:
    return None if words is None else list(words)


def _service(name: str) -> str:
    return name.replace(".", "-")


def _said(value: Mapping[str, Any]) -> dict[str, Any]:
    """Without what says nothing. In `environment` null means the environment's own value."""
    kept = {key: inner for key, inner in value.items() if inner not in (None, {}, [])}
    if volumes := kept.get("volumes"):
        kept["volumes"] = [{key: inner for key, inner in one.items() if inner is not None} for one in volumes]
    return kept


def _escaped(value: Any) -> Any:
    """Compose reads `$` as the beginning of a variable."""
    match value:
        case str():
            return value.replace("$", "$$")
        case list():
            return [_escaped(item) for item in value]
        case dict():
            return {key: _escaped(inner) for key, inner in value.items()}
    return value
