"""What can be handed to one job: a whole GPU, or one instance of a divided one. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gpuws.model.gpu.gpu import Availability, Gpu, MigInstance


@dataclass(frozen=True, slots=True)
class Slot:
    gpu: Gpu
    mig: MigInstance | None = None

    @property
    def uuid(self) -> str:
        return self.mig.uuid if self.mig else self.gpu.uuid

    @property
    def label(self) -> str:
        """As people point at it: 3, or 3:1 for an instance."""
        return f"{self.gpu.index}:{self.mig.index}" if self.mig else str(self.gpu.index)

    @property
    def place(self) -> Gpu | MigInstance:
        """What tells how it is: an instance itself, as long as nothing is wrong with its GPU."""
        return self.mig if self.mig and self.gpu.health == "ok" else self.gpu

    @property
    def availability(self) -> Availability:
        return self.place.availability

    @property
    def free(self) -> bool:
        return self.availability.state == "free"


def slots(gpu: Gpu) -> Iterator[Slot]:
    """The GPU itself, and each of its instances."""
    yield Slot(gpu)
    for instance in gpu.mig_instances:
        yield Slot(gpu, instance)
