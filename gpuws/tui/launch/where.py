"""Hosts to launch on: which can, which have room, which are asked for the best. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gpuws.model.host.host import HostState
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.profile.profile import ProfileSummary
from gpuws.present.line import clean

MOST_ASKED = 8
"""Hosts that are asked for plans at the same time."""


def wanted(profile: ProfileSummary | None) -> int:
    """How many GPUs a profile asks for, as far as its summary tells."""
    number = re.match(r"\d+", profile.gpus) if profile else None
    return int(number[0]) if number else 0


def launchable(snapshot: HostSnapshot) -> str:
    """Why no container can be launched there; "" when it can."""
    if snapshot.state is not HostState.UP:
        return snapshot.state.value
    if snapshot.readonly:
        return "read-only"
    if snapshot.engine is not None and snapshot.engine.error:
        return clean(snapshot.engine.error, 60)
    return ""


def able(snapshot: HostSnapshot, profile: ProfileSummary | None) -> bool:
    """Whether `profile` can be launched there, as far as can be seen from here: also by an engine that the host has
    whatever has become of its container engine. None: a container."""
    if not launchable(snapshot):
        return True
    if profile is None or snapshot.engine is None or snapshot.state is not HostState.UP or snapshot.readonly:
        return False
    beside = snapshot.engine.beside
    return bool(beside) and not profile.image if profile.engine is None else profile.engine in beside


def ranked(snapshots: Sequence[HostSnapshot], need: int, profile: ProfileSummary | None = None) -> list[HostSnapshot]:
    """Hosts to launch on: those with enough free GPUs first, the emptiest of them first."""

    def rank(snapshot: HostSnapshot) -> tuple[bool, bool, int]:
        free = sum(gpu.free for gpu in snapshot.gpus)
        return (not able(snapshot, profile), free < need, -free)

    return sorted(snapshots, key=rank)


def untold(snapshots: Sequence[HostSnapshot]) -> frozenset[str]:
    """Hosts that have not told all their GPUs."""
    return frozenset(one.name for one in snapshots if "telemetry" not in one.complete)


def fits(snapshot: HostSnapshot, need: int, profile: ProfileSummary | None) -> bool:
    """As far as can be seen from here it has GPUs enough that nobody holds."""
    return able(snapshot, profile) and sum(gpu.free for gpu in snapshot.gpus) >= need


def candidates(snapshots: Sequence[HostSnapshot], need: int, profile: ProfileSummary | None) -> tuple[str, ...]:
    """Hosts worth asking for the best, in the configuration's order; in a large fleet only the most promising."""
    promising = [one for one in ranked(snapshots, need, profile) if able(one, profile)]
    asked = {host.name for host in promising[:MOST_ASKED]}
    return tuple(snapshot.name for snapshot in snapshots if snapshot.name in asked)
