"""What a GPU did in the last hour."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GpuHistory:
    """Means over steps of `step` seconds, newest last, the last one ending at `ended_at` (epoch seconds).

    Percent, bytes, watts; None where nothing was read."""

    uuid: str
    step: float
    ended_at: float
    utilization: tuple[float | None, ...] = ()
    memory: tuple[int | None, ...] = ()
    power: tuple[float | None, ...] = ()
