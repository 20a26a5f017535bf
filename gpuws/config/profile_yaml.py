"""A Profile back to the YAML that says it: only what differs from what holds without saying. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gpuws.config.emit import block
from gpuws.model.profile import Build, GpuMemoryCap, GpuWish, JupyterWish, PortWish, Profile, TmuxWish, Ulimit, Volume

_ANYWHERE = "127.0.0.1"
_VARIABLE = re.compile(r"\$(?=\$|\{)")
_UNITS = (("t", 40), ("g", 30), ("m", 20), ("k", 10))


def profile_to_yaml(profile: Profile) -> str:
    """A profile file that loads to `profile`, whatever the host; its name is the file's.

    Values stand as they are, a token and the environment's too. Holds for every Profile that a file can say."""
    return "".join(block(key, escaped(value)) for key, value in _said(profile).items() if value is not None)


def _said(profile: Profile) -> dict[str, Any]:
    """Keys and values in the order of the documentation; None: not said."""
    return {
        "description": profile.description or None,
        "image": profile.image,
        "build": _build(profile.build),
        "pull_policy": _unless(profile.pull_policy, "missing"),
        "command": _list(profile.command),
        "entrypoint": _list(profile.entrypoint),
        "gpus": gpus_value(profile.gpus),
        "gpu_memory": _gpu_memory(profile.gpu_memory),
        "mem_limit": _size(profile.mem_limit),
        "memswap_limit": None if profile.memswap_limit == profile.mem_limit else _size(profile.memswap_limit),
        "cpus": _number(profile.cpus),
        "pids_limit": profile.pids_limit,
        "shm_size": _size(profile.shm_size),
        "ipc": profile.ipc,
        "network_mode": profile.network_mode,
        "ulimits": {limit.name: _ulimit(limit) for limit in profile.ulimits} or None,
        "user": _unless(profile.user, "host"),
        "working_dir": profile.working_dir,
        "volumes": [_volume(volume) for volume in profile.volumes] or None,
        "ports": [_port(port) for port in profile.ports] or None,
        "environment": dict(profile.environment) or None,
        "env_file": list(profile.env_file) or None,
        "jupyter": _jupyter(profile.jupyter),
        "tmux": _tmux(profile.tmux),
        "restart": _unless(profile.restart, "no"),
        "init": _unless(profile.init, True),
        "stop_grace_period": _seconds(profile.stop_grace_period),
        "labels": dict(profile.labels) or None,
    }


def escaped(value: Any) -> Any:
    """A dollar that would begin a variable, or a `$$`, doubled."""
    match value:
        case str():
            return value.replace("$", "$$") if _VARIABLE.search(value) else value
        case list() | tuple():
            return [escaped(item) for item in value]
        case Mapping():
            return {key: escaped(item) for key, item in value.items()}
    return value


def _unless(value: Any, usual: Any) -> Any:
    return None if value == usual else value


def _list(words: tuple[str, ...] | None) -> list[str] | None:
    return None if words is None else list(words)


def _given(**said: Any) -> dict[str, Any]:
    return {key: value for key, value in said.items() if value is not None}


def _build(build: Build | None) -> Any:
    if build is None:
        return None
    return _given(
        context=build.context,
        dockerfile=build.dockerfile,
        dockerfile_inline=build.dockerfile_inline,
        target=build.target,
        args=dict(build.args) or None,
    )


def gpus_value(wish: GpuWish) -> Any:
    """A wish as `gpus:` has it; None for no GPU."""
    if wish.all:
        return "all"
    if wish.indices or wish.uuids:
        return [*wish.indices, *wish.uuids]
    policy = _unless(wish.policy, "free")
    if wish.memory is None and wish.model is None and policy is None:
        return wish.count or None
    return _given(count=wish.count, memory=_size(wish.memory), model=wish.model, policy=policy)


def _gpu_memory(cap: GpuMemoryCap | None) -> Any:
    if cap is None:
        return None
    said = _given(limit=_size(cap.limit), action=_unless(cap.action, "warn"), framework=cap.framework)
    return said if len(said) > 1 else said["limit"]


def _size(size: int | None) -> int | str | None:
    """`64g` where that is exact."""
    if not size or size < 0:
        return size
    return next((f"{size >> power}{unit}" for unit, power in _UNITS if size % (1 << power) == 0), size)


def _number(number: float | None) -> float | None:
    return int(number) if number is not None and number == int(number) else number


def _seconds(seconds: float | None) -> str | float | None:
    return seconds if seconds is None or seconds != int(seconds) else f"{int(seconds)}s"


def _ulimit(limit: Ulimit) -> Any:
    return limit.soft if limit.soft == limit.hard else {"soft": limit.soft, "hard": limit.hard}


def _volume(volume: Volume) -> Any:
    """`SOURCE:TARGET[:ro]` where that says it all."""
    short = volume.source is not None and ":" not in volume.source and volume.type != "tmpfs"
    if short and volume.check == "exists" and _is_bind(volume.source or "") == (volume.type == "bind"):
        return f"{volume.source}:{volume.target}{':ro' if volume.read_only else ''}"
    return _given(
        type=_unless(volume.type, "bind"),
        source=volume.source,
        target=volume.target,
        read_only=volume.read_only or None,
        check=_unless(volume.check, "exists"),
    )


def _is_bind(source: str) -> bool:
    return source.startswith(("/", "~"))


def _port(port: PortWish) -> Any:
    if port.name is not None or (port.published is None and port.host_ip != _ANYWHERE):
        host_ip = _unless(port.host_ip, _ANYWHERE)
        return _given(name=port.name, target=port.target, published=port.published, host_ip=host_ip)
    if port.published is None:
        return port.target
    ip = "" if port.host_ip == _ANYWHERE else f"[{port.host_ip}]:" if ":" in port.host_ip else f"{port.host_ip}:"
    return f"{ip}{port.published}:{port.target}"


def _jupyter(wish: JupyterWish | None) -> Any:
    if wish is None:
        return None
    return _given(port=wish.port, start=wish.start, token=wish.token)


def _tmux(wish: TmuxWish | None) -> Any:
    return None if wish is None else {"session": wish.session}
