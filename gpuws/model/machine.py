"""One machine under several names is one machine: shown once, and every name stays a target (INTERFACE §1). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from gpuws.model.host import HostState

if TYPE_CHECKING:
    from gpuws.model.reading import Machine
    from gpuws.model.snapshot import HostSnapshot


def machine_of(snapshot: HostSnapshot) -> Machine | None:
    return snapshot.facts.machine if snapshot.facts else None


def acquainted(snapshot: HostSnapshot, every: Iterable[HostSnapshot]) -> HostSnapshot:
    """`snapshot` with the other names of its machine among `every`; read-only where it is by one of them."""
    machine = machine_of(snapshot)
    twins = [one for one in every if one.name != snapshot.name and machine_of(one) == machine] if machine else []
    if not twins:
        return snapshot
    readonly = snapshot.readonly or any(one.readonly for one in twins)
    return replace(snapshot, readonly=readonly, aliases=tuple(one.name for one in twins))


def one_each(snapshots: Sequence[HostSnapshot]) -> tuple[HostSnapshot, ...]:
    """Each machine once, by the first of its names that is up. `snapshots`: in the configuration's order."""
    chosen: dict[Machine, HostSnapshot] = {}
    for snapshot in sorted(snapshots, key=lambda one: one.state is not HostState.UP):
        if machine := machine_of(snapshot):
            chosen.setdefault(machine, snapshot)
    return tuple(one for one in snapshots if (machine := machine_of(one)) is None or chosen[machine] is one)
