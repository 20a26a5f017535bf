"""GPUs as shown: readings joined to people and containers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gpuws.model.reading import GpuReading


@dataclass(frozen=True, slots=True)
class GpuProcess:
    pid: int
    user: str | None = None
    command: str | None = None
    memory: int | None = None  # bytes of this GPU
    utilization: float | None = None
    container: str | None = None  # its name, else the first 12 characters of its id
    session: str | None = None
    notebook: str | None = None
    started_at: float | None = None
    mine: bool = False


@dataclass(frozen=True, slots=True)
class Holder:
    """Who lives on a GPU. A reservation is a container that asked for the GPU and runs nothing on it."""

    kind: Literal["process", "container", "reservation"]
    name: str
    user: str | None = None
    idle_seconds: float | None = None
    mine: bool = False


@dataclass(frozen=True, slots=True)
class Gpu(GpuReading):
    """A reading with its people."""

    held_by: tuple[Holder, ...] = ()
    processes: tuple[GpuProcess, ...] = ()

    @property
    def free(self) -> bool:
        """Nobody holds it and nothing is wrong with it. Foreign memory without a visible process counts as held."""
        return self.health == "ok" and not self.held_by and (self.memory_used or 0) < UNEXPLAINED_MEMORY

    @property
    def memory_free(self) -> int | None:
        if self.memory_total is None or self.memory_used is None:
            return None
        return max(self.memory_total - self.memory_used, 0)

    @property
    def mine(self) -> bool:
        return any(holder.mine for holder in self.held_by)


# Drivers keep some hundred MiB without any process; more than this, and somebody we can't see holds the GPU.
UNEXPLAINED_MEMORY = 1 << 30
