"""One machine under several names is one machine: shown once, and every name stays a target (INTERFACE §1). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from gpuws.model.host.host import HostState

if TYPE_CHECKING:
    from gpuws.model.gpu.reading import Machine
    from gpuws.model.host.snapshot import HostSnapshot


def machine_of(snapshot: HostSnapshot) -> Machine | None:
    return snapshot.facts.machine if snapshot.facts else None


def acquainted(snapshot: HostSnapshot, every: Iterable[HostSnapshot], *, strict: bool = False) -> HostSnapshot:
    """`snapshot` with the other names of its machine among `every`; read-only where it is by one of them.

    `strict`: it is by a name that was not seen yet."""
    machine = machine_of(snapshot)
    twins = [one for one in every if one.name != snapshot.name and machine_of(one) == machine] if machine else []
    if not twins and not strict:
        return snapshot
    readonly = strict or snapshot.readonly or any(one.readonly for one in twins)
    aliases = dict.fromkeys((*snapshot.aliases, *(one.name for one in twins)))
    return replace(snapshot, readonly=readonly, aliases=tuple(aliases))


def one_each(snapshots: Sequence[HostSnapshot]) -> tuple[HostSnapshot, ...]:
    """Each machine once, by the first of its names that is up. `snapshots`: in the configuration's order."""
    machines: dict[Machine, list[HostSnapshot]] = {}
    for snapshot in snapshots:
        if machine := machine_of(snapshot):
            machines.setdefault(machine, []).append(snapshot)
    rows = {names[0].name: names for names in map(_up_first, machines.values())}
    alone = [one for one in snapshots if machine_of(one) is None or one.name in rows]
    return tuple(acquainted(one, rows.get(one.name, ())) for one in alone)


def _up_first(names: list[HostSnapshot]) -> list[HostSnapshot]:
    return sorted(names, key=lambda one: one.state is not HostState.UP)
