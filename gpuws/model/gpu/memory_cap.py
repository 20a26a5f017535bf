"""The cap on GPU memory that Docker can't hold: who is above it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gpuws.model.gpu.gpu import Gpu
from gpuws.model.units import size
from gpuws.model.workspace.workspace import Workspace

if TYPE_CHECKING:  # every host's list passes here, hardly one has a cap
    from gpuws.model.profile.profile import GpuMemoryCap

LABEL = "gpuws.gpu_memory"  # LIMIT in bytes, a space, ACTION


@dataclass(frozen=True, slots=True)
class Holding:
    """`used`: bytes that the container's processes hold of GPU `gpu`."""

    container: Workspace
    gpu: int
    used: int
    cap: GpuMemoryCap

    @property
    def why(self) -> str:
        """It was stopped."""
        return f"it held {size(self.used)} of GPU {self.gpu}, its cap is {size(self.cap.limit)}"

    def __str__(self) -> str:
        return f"{self.container.name} holds {size(self.used)} of GPU {self.gpu}, its cap is {size(self.cap.limit)}" + (
            "; it is being stopped" if self.cap.action == "stop" and self.container.mine else ""
        )


def cap_of(labels: Mapping[str, str]) -> GpuMemoryCap | None:
    """None where there is none, or it makes no sense."""
    limit, _, action = labels.get(LABEL, "").partition(" ")
    if not limit.isdecimal() or not int(limit) or action not in ("warn", "stop"):
        return None
    from gpuws.model.profile.profile import GpuMemoryCap

    return GpuMemoryCap(int(limit), "stop" if action == "stop" else "warn")


def breaches(gpus: Sequence[Gpu], containers: Sequence[Workspace]) -> tuple[Holding, ...]:
    """Every container that holds more of a GPU than its cap."""
    return tuple(one for one in capped(gpus, containers) if one.used > one.cap.limit)


def kept(containers: Sequence[Workspace]) -> Iterator[Workspace]:
    """Mine that live with a cap: somebody has to watch it."""
    return (one for one in containers if one.mine and one.alive and cap_of(one.labels) is not None)


def capped(gpus: Sequence[Gpu], containers: Sequence[Workspace]) -> Iterator[Holding]:
    """What each container with a cap holds of each GPU; what is not known counts for nothing."""
    for one in containers:
        if (cap := cap_of(one.labels)) is not None:
            yield from (Holding(one, gpu.index, _used(gpu, one.id), cap) for gpu in gpus)


def _used(gpu: Gpu, container_id: str) -> int:
    return sum(process.memory or 0 for process in gpu.processes if process.container_id == container_id)
