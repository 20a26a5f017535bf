"""What a GPU tells only whoever looks closely, for a listing: one host after the other, as a screen looks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gpuws.cli.toolkit.failures import note
from gpuws.cli.toolkit.waiting import until
from gpuws.model.host.host import HostState
from gpuws.model.text import about

if TYPE_CHECKING:
    from gpuws.fleet.base import Fleet
    from gpuws.model.host.snapshot import HostSnapshot


def detailed(fleet: Fleet, snapshots: tuple[HostSnapshot, ...], patience: float) -> tuple[HostSnapshot, ...]:
    """These, with the details of their GPUs. `patience`: seconds for each host; one that takes longer is named."""
    return tuple(_of(fleet, each, patience) for each in snapshots)


def _of(fleet: Fleet, snapshot: HostSnapshot, patience: float) -> HostSnapshot:
    if snapshot.state is not HostState.UP or not any(gpu.health == "ok" for gpu in snapshot.gpus):
        return snapshot
    if snapshot.telemetry != "nvml":
        note(about(snapshot.name, "nvidia-smi tells no details of its GPUs"))
        return snapshot

    def now() -> Iterator[HostSnapshot]:
        return (each for each in fleet.snapshots() if each.name == snapshot.name)

    def told() -> bool:
        return all(gpu.detail is not None or gpu.health != "ok" for each in now() for gpu in each.gpus)

    fleet.watch(snapshot.name)
    try:
        if not until(fleet, told, patience):
            note(about(snapshot.name, "it did not tell the details of all its GPUs in time"))
        return next(now(), snapshot)
    finally:
        fleet.watch(None)
