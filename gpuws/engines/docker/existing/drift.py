"""Where a container differs from what its profile says now: two literal captures, compared key by key. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import fields, replace

from gpuws.engines.docker.options.option import Option
from gpuws.engines.docker.options.resources import shown_cap
from gpuws.engines.docker.options.table import OPTIONS
from gpuws.model.gpu.gpu import Gpu
from gpuws.model.profile.captured import Difference
from gpuws.model.profile.profile import GpuWish, Profile

_CAP = Option("gpu_memory", "", "", show=shown_cap)
"""No option of Docker's: a label says it."""
_ORDER = [one.name for one in fields(Profile)]
_COMPARED = sorted(
    (option for option in (*OPTIONS, _CAP) if option.key != "gpus" and (option.read or option is _CAP)),
    key=lambda option: (option.each is not None, _ORDER.index(option.key)),
)
"""What has one value first, then what has parts, both as the documentation orders keys."""


def differences(wanted: Profile, actual: Profile, secret_names: Collection[str]) -> tuple[Difference, ...]:
    """Both literal (`capture.read`): `wanted` of what the profile would create, `actual` of the container."""
    limits = {one.name for one in wanted.ulimits}
    actual = replace(actual, ulimits=tuple(one for one in actual.ulimits if one.name in limits))  # others: the engine's
    found: list[Difference] = []
    for option in _COMPARED:
        ours, theirs = getattr(wanted, option.key), getattr(actual, option.key)
        if ours == theirs:
            continue
        if option.each:
            found += _parts(option.key, option.each(ours, secret_names), option.each(theirs, secret_names))
        else:
            shown = (None if value is None else option.show(value) for value in (ours, theirs))
            found.append(Difference(option.key, *shown))
    return tuple(found)


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


def _parts(key: str, wanted: Mapping[str, str | None], actual: Mapping[str, str | None]) -> Iterator[Difference]:
    for name in sorted(wanted.keys() | actual.keys()):
        ours, theirs = wanted.get(name), actual.get(name)
        if ours != theirs:
            yield Difference(f"{key}.{name}", ours, theirs)
