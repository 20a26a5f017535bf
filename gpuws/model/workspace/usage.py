"""What a workspace takes of its host's processors and memory: counters, and what lies between two of them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

NEAR = 0.9
"""From such a part of a cap on a workspace is near it."""


@dataclass(frozen=True, slots=True)
class Counters:
    """Of the workspace of that id. `at`: seconds on its host's clock; `cpu`: seconds of processors that it took since
    it began; `memory`: bytes, without files that the kernel keeps only because there is room. None: not told."""

    id: str
    at: float
    cpu: float | None = None
    memory: int | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """`cores`: processors that it kept busy on the mean, 1.5 for one and a half; `memory`: bytes."""

    cores: float | None = None
    memory: int | None = None


def usage(before: Sequence[Counters], after: Sequence[Counters]) -> Mapping[str, Usage]:
    """By id, of all in `after`. Counters that went back are those of another life of it: nothing is known yet."""
    known = {one.id: one for one in before}
    return {one.id: Usage(_cores(known.get(one.id), one), one.memory) for one in after}


def _cores(before: Counters | None, after: Counters) -> float | None:
    if before is None or before.cpu is None or after.cpu is None:
        return None
    seconds, took = after.at - before.at, after.cpu - before.cpu
    return took / seconds if seconds > 0 and took >= 0 else None
