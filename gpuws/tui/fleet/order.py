"""In which order hosts stand in the list, and the GPUs under them. Orders change slowly, so that rows rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from gpuws.model.gpu.gpu import Gpu
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.present.figures import mean
from gpuws.present.host_state import fresh
from gpuws.present.line import clean

Order = Literal["configured", "free", "busy", "who"]
ORDERS: tuple[Order, ...] = ("configured", "free", "busy", "who")
LABELS: Mapping[Order, str] = {
    "configured": "",
    "free": "free first",
    "busy": "busy first",
    "who": "by who",
}
Rank = tuple[float | str, ...]
STEP = 10.0
"""Percent: a smaller difference of utilization changes no order."""


def hosts_in(order: Order, snapshots: Sequence[HostSnapshot]) -> Sequence[HostSnapshot]:
    """Hosts that are not seen now stand last in every order but the configuration's."""
    if order == "configured":
        return snapshots
    rank = _HOST[order]
    return sorted(snapshots, key=lambda snapshot: (not (fresh(snapshot) and snapshot.gpus), rank(snapshot)))


def gpus_in(order: Order, gpus: Sequence[Gpu]) -> Sequence[Gpu]:
    return gpus if order == "configured" else sorted(gpus, key=_GPU[order])


def load(gpu: Gpu) -> float | None:
    """Mean utilization of the last minutes, else the latest; in whole steps."""
    value = mean(gpu.trend)
    value = gpu.utilization if value is None else value
    return None if value is None else round(value / STEP) * STEP


def person(gpu: Gpu) -> Rank:
    """Mine, others by name, held by nobody knows whom, free."""
    names = sorted(clean(holder.user) for holder in gpu.held_by if holder.user)
    return (0 if gpu.mine else 1 if names else 2 if not gpu.free else 3, names[0] if names else "")


def _host_person(snapshot: HostSnapshot) -> Rank:
    return min((person(gpu) for gpu in snapshot.gpus), default=())


_HOST: Mapping[Order, Callable[[HostSnapshot], Rank]] = {
    "free": lambda snapshot: (-sum(gpu.free for gpu in snapshot.gpus),),
    "busy": lambda snapshot: (-(mean(load(gpu) for gpu in snapshot.gpus) or 0) // STEP,),
    "who": _host_person,
}
_GPU: Mapping[Order, Callable[[Gpu], Rank]] = {
    "free": lambda gpu: (not gpu.free, -(gpu.memory_free or 0) // (1 << 34), gpu.index),
    "busy": lambda gpu: (-(load(gpu) or 0), gpu.free, gpu.index),
    "who": lambda gpu: (*person(gpu), gpu.index),
}
