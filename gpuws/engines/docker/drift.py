"""Where a container differs from what its profile says now: two literal captures, compared key by key. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from gpuws.engines.docker.gpus import VISIBLE
from gpuws.model import units
from gpuws.model.captured import Difference
from gpuws.model.gpu import Gpu
from gpuws.model.profile import GpuMemoryCap, GpuWish, PortWish, Profile, Ulimit, Volume
from gpuws.model.secret import is_secret, masked

SET = "set"

Show = Callable[[object], str]


def differences(wanted: Profile, actual: Profile, secret_names: Collection[str]) -> tuple[Difference, ...]:
    """Both literal (`capture.read`): `wanted` of what the profile would create, `actual` of the container."""
    limits = {one.name for one in wanted.ulimits}
    actual = replace(actual, ulimits=tuple(one for one in actual.ulimits if one.name in limits))  # others: the engine's
    return tuple(
        difference
        for found in (
            _scalars(wanted, actual),
            _items("ulimits", _by(wanted.ulimits, _ulimit), _by(actual.ulimits, _ulimit)),
            _items("volumes", _by(wanted.volumes, _volume), _by(actual.volumes, _volume)),
            _items("ports", _by(wanted.ports, _port), _by(actual.ports, _port)),
            _items("environment", *(_hidden(one.environment, secret_names) for one in (wanted, actual))),
            _items("labels", *(_hidden(one.labels, ()) for one in (wanted, actual))),
        )
        for difference in found
    )


def gpus(wish: GpuWish, held: Sequence[str], there: Sequence[Gpu]) -> Difference | None:
    """`held`: UUIDs or indices, or ("all",); `there`: the host's GPUs."""
    by_index = {str(gpu.index): gpu.uuid for gpu in there}
    has = {by_index.get(name, name) for name in held}
    has = set(by_index.values()) if has == {"all"} and there else has
    if wish.all:
        fits, text = has >= set(by_index.values()) or has == {"all"}, "all"
    elif wish.explicit:
        named = {*wish.uuids, *(by_index.get(str(index), str(index)) for index in wish.indices)}
        fits, text = has == named, ", ".join([*wish.uuids, *map(str, wish.indices)])
    else:
        fits, text = len(has) == wish.count, str(wish.count)
    return None if fits else Difference("gpus", text, ", ".join(held) or "none")


def _scalars(wanted: Profile, actual: Profile) -> Iterator[Difference]:
    for key, show in _SCALARS.items():
        ours, theirs = getattr(wanted, key), getattr(actual, key)
        if ours != theirs:
            yield Difference(key, _shown(ours, show), _shown(theirs, show))


def _items(key: str, wanted: Mapping[str, str | None], actual: Mapping[str, str | None]) -> Iterator[Difference]:
    for name in sorted(wanted.keys() | actual.keys()):
        ours, theirs = wanted.get(name), actual.get(name)
        if ours != theirs:
            yield Difference(f"{key}.{name}", ours, theirs)


def _hidden(values: Mapping[str, str | None], secret_names: Collection[str]) -> dict[str, str | None]:
    """Secrets only as set or not set: their values are not shown, and ours may be a new one each time."""
    return {
        name: SET if name in secret_names or is_secret(name, value or "") else value
        for name, value in values.items()
        if name != VISIBLE
    }


def _by(
    things: Sequence[Ulimit] | Sequence[Volume] | Sequence[PortWish], show: Callable[..., tuple[str, str]]
) -> dict[str, str | None]:
    return dict(show(thing) for thing in things)


def _ulimit(limit: Ulimit) -> tuple[str, str]:
    return limit.name, f"{limit.soft}:{limit.hard}"


def _volume(volume: Volume) -> tuple[str, str]:
    source = volume.source or f"({volume.type})"
    return volume.target, f"{source}{' read-only' if volume.read_only else ''}"


def _port(port: PortWish) -> tuple[str, str]:
    return str(port.target), "not published" if port.published is None else f"{port.host_ip}:{port.published}"


def _shown(value: object, show: Show) -> str | None:
    return None if value is None else show(value)


def _size(value: object) -> str:
    return "without limit" if value == -1 else units.size(value if isinstance(value, int) else None)


def _cap(cap: GpuMemoryCap) -> str:
    return " ".join(word for word in (units.size(cap.limit), cap.action, cap.framework) if word)


def _words(value: object) -> str:
    return masked(shlex.join(str(word) for word in value) if isinstance(value, tuple) else str(value))


def _yes(value: object) -> str:
    return "true" if value else "false"


_SCALARS: Mapping[str, Show] = {
    "image": str,
    "command": _words,
    "entrypoint": _words,
    "gpu_memory": lambda value: _cap(value) if isinstance(value, GpuMemoryCap) else str(value),
    "mem_limit": _size,
    "memswap_limit": _size,
    "cpus": lambda value: f"{value:g}" if isinstance(value, int | float) else str(value),
    "pids_limit": str,
    "shm_size": _size,
    "ipc": str,
    "network_mode": str,
    "user": str,
    "working_dir": str,
    "restart": str,
    "init": _yes,
    "stop_grace_period": lambda value: f"{value}s",
}
