"""`--filter`: KEY=VALUE, KEY!=VALUE, or a word that is true or not. Pure."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from gpuws.model.container import Container
from gpuws.model.errors import UsageError
from gpuws.model.gpu import Gpu
from gpuws.model.snapshot import HostSnapshot

T = TypeVar("T")
Values = Callable[[T], Sequence[str | None]]
Flag = Callable[[T], bool]

GPU_VALUES: Mapping[str, Values[Gpu]] = {
    "name": lambda gpu: (gpu.name,),
    "health": lambda gpu: (gpu.health,),
    "user": lambda gpu: tuple(h.user for h in gpu.held_by),
    "holder": lambda gpu: tuple(h.name for h in gpu.held_by),
}
GPU_FLAGS: Mapping[str, Flag[Gpu]] = {
    "free": lambda gpu: gpu.free,
    "held": lambda gpu: bool(gpu.held_by),
    "mine": lambda gpu: gpu.mine,
}
CONTAINER_VALUES: Mapping[str, Values[Container]] = {
    "name": lambda one: (one.name,),
    "state": lambda one: (one.state,),
    "image": lambda one: (one.image,),
    "owner": lambda one: (one.owner,),
    "profile": lambda one: (one.profile,),
}
CONTAINER_FLAGS: Mapping[str, Flag[Container]] = {"mine": lambda one: one.mine}


@dataclass(frozen=True, slots=True)
class Condition:
    """`pattern` None: `key` is a word. Patterns know `*` and ignore case."""

    key: str
    pattern: str | None = None
    negated: bool = False


def parse(expressions: Sequence[str], values: Mapping[str, object], flags: Mapping[str, object]) -> list[Condition]:
    """UsageError with the known keys for anything else."""
    found = []
    for text in expressions:
        key, equals, pattern = text.partition("=")
        negated = key.endswith("!") if equals else key.startswith("!")
        condition = Condition(key.strip("! "), pattern if equals else None, negated)
        if condition.key not in ((*values, "host") if equals else flags):
            raise UsageError(f"--filter {text!r} is not understood", _known(values, flags))
        found.append(condition)
    return found


def _known(values: Mapping[str, object], flags: Mapping[str, object]) -> str:
    keys = ", ".join(f"{key}=…" for key in ("host", *values))
    return f"write {keys}, or {', '.join(flags)}"


def gpus(snapshots: Sequence[HostSnapshot], expressions: Sequence[str]) -> list[HostSnapshot]:
    """Hosts with the GPUs that match. A host that lost all of them to the filter is left out."""
    conditions = parse(expressions, GPU_VALUES, GPU_FLAGS)
    kept = []
    for snapshot in snapshots:
        left = tuple(g for g in snapshot.gpus if _all(conditions, snapshot.name, g, GPU_VALUES, GPU_FLAGS))
        if left or not snapshot.gpus or not conditions:
            kept.append(replace(snapshot, gpus=left))
    return kept


def containers(snapshots: Sequence[HostSnapshot], expressions: Sequence[str]) -> list[HostSnapshot]:
    conditions = parse(expressions, CONTAINER_VALUES, CONTAINER_FLAGS)
    return [
        replace(
            snapshot,
            containers=tuple(
                c for c in snapshot.containers if _all(conditions, snapshot.name, c, CONTAINER_VALUES, CONTAINER_FLAGS)
            ),
        )
        for snapshot in snapshots
    ]


def _all(
    conditions: Sequence[Condition], host: str, thing: T, values: Mapping[str, Values[T]], flags: Mapping[str, Flag[T]]
) -> bool:
    return all(_one(condition, host, thing, values, flags) for condition in conditions)


def _one(
    condition: Condition, host: str, thing: T, values: Mapping[str, Values[T]], flags: Mapping[str, Flag[T]]
) -> bool:
    if condition.pattern is None:
        return flags[condition.key](thing) is not condition.negated
    found = (host,) if condition.key == "host" else values[condition.key](thing)
    pattern = condition.pattern.lower()
    return any(fnmatch.fnmatchcase((text or "").lower(), pattern) for text in found or (None,)) is not condition.negated
