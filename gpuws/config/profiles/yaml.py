"""A Profile back to the YAML that says it: only what differs from what holds without saying. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any

from gpuws.config.yaml.emit import block
from gpuws.model.profile.profile import (
    OF_THE_FILE,
    Build,
    GpuMemoryCap,
    GpuWish,
    HostDevice,
    JupyterWish,
    PortWish,
    Profile,
    TmuxWish,
    Ulimit,
    Volume,
)

_ANYWHERE = "127.0.0.1"
_VARIABLE = re.compile(r"\$(?=\$|\{)")
_UNITS = (("t", 40), ("g", 30), ("m", 20), ("k", 10))


def profile_to_yaml(profile: Profile, waiting: Mapping[str, Any] = {}) -> str:
    """A profile file that loads to `profile`, whatever the host; its name is the file's.

    Values stand as they are, a token and the environment's too. Holds for every Profile that a file can say.
    `waiting`: values with variables, as a file has them, by key: instead of the profile's."""
    said = {key: escaped(value) for key, value in _said(profile).items() if value is not None}
    if profile.names_here:
        said["environment"] |= {name: f"${{{here}}}" for name, here in profile.names_here.items()}
    said |= waiting
    return "".join(block(key, said[key]) for key in (one.name for one in fields(Profile)) if key in said)


def _said(profile: Profile) -> dict[str, Any]:
    """Keys and values; None: not said."""
    said = {key: value for key, value in _fields(profile).items() if key not in _NOT_SAID}
    if profile.memswap_limit == profile.mem_limit:
        said.pop("memswap_limit", None)
    if profile.ulimits:
        said["ulimits"] = {limit.name: _ulimit(limit) for limit in profile.ulimits}
    return said


_NOT_SAID = frozenset({"name", *OF_THE_FILE})


def _spelled(value: Any, kind: str = "") -> Any:
    """A value of the model as a file has it; `kind`: its type there, which says what a number counts."""
    if (spelled := _SPELLED.get(type(value))) is not None:
        return spelled(value)
    if is_dataclass(value) and not isinstance(value, type):
        return _fields(value)
    if isinstance(value, tuple):
        return [_spelled(item) for item in value]
    if isinstance(value, Mapping):
        return dict(value)
    return _number(value, kind)


def _fields(value: Any) -> dict[str, Any]:
    """What differs from what holds without saying, by its own name."""
    return {
        one.name: _spelled(getattr(value, one.name), str(one.type))
        for one in fields(value)
        if getattr(value, one.name) != _default(one)
    }


def _default(one: Field[Any]) -> Any:
    return one.default_factory() if one.default_factory is not MISSING else one.default


def _number(value: Any, kind: str) -> Any:
    if kind.startswith("Bytes"):
        return _size(value)
    if kind.startswith("Seconds"):
        return _seconds(value)
    return int(value) if isinstance(value, float) and value == int(value) else value


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


def _given(**said: Any) -> dict[str, Any]:
    return {key: value for key, value in said.items() if value is not None}


def _build(build: Build) -> Any:
    return _given(
        context=build.context,
        dockerfile=build.dockerfile,
        dockerfile_inline=build.dockerfile_inline,
        target=build.target,
        args={name: None if name in build.taken else value for name, value in build.args.items()} or None,
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


def _gpu_memory(cap: GpuMemoryCap) -> Any:
    said = _fields(cap)
    return said if len(said) > 1 else said["limit"]


def _size(size: int | None) -> int | str | None:
    """`64g` where that is exact."""
    if not size or size < 0:
        return size
    return next((f"{size >> power}{unit}" for unit, power in _UNITS if size % (1 << power) == 0), size)


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


def _device(device: HostDevice) -> str:
    """`SOURCE[:TARGET][:rwm]`."""
    inside = "" if device.target == device.source else f":{device.target}"
    return f"{device.source}{inside}{'' if device.permissions == 'rwm' else f':{device.permissions}'}"


_SPELLED: Mapping[type, Callable[[Any], Any]] = {
    GpuWish: gpus_value,
    GpuMemoryCap: _gpu_memory,
    Build: _build,
    Volume: _volume,
    HostDevice: _device,
    PortWish: _port,
    JupyterWish: lambda wish: _given(
        port=wish.port,
        start=wish.start,
        bind=_unless(wish.bind, "container"),
        restart=_unless(wish.restart, "no"),
    ),
    TmuxWish: lambda wish: {"session": wish.session},
}
"""Values that files have shorter forms for."""
