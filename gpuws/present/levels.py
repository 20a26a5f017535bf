"""How a GPU's figures are coloured: calm as they come, warm for what deserves a look, red for trouble alone. Pure."""

from __future__ import annotations

from gpuws.model.gpu.gpu import Gpu, MigInstance
from gpuws.model.ownership.usage import rests
from gpuws.model.settings import Thresholds
from gpuws.present.figures import fraction
from gpuws.present.line import Role

HOT = 85.0
"""°C from which a GPU's temperature deserves a look: most slow down a few degrees above."""


def memory(place: Gpu | MigInstance, limits: Thresholds) -> Role:
    """Of its bar. Full is normal use; what deserves a look is held by nobody who works, or shared and nearly full."""
    if isinstance(place, Gpu) and place.health != "ok":
        return "hot"
    return "warm" if rests(place, limits.idle_after) or tight(place, limits) else "calm"


def tight(place: Gpu | MigInstance, limits: Thresholds) -> bool:
    """Several share it and nearly all of its memory is in use: the next allocation of one of them may fail. Instances
    of a divided GPU share nothing."""
    if isinstance(place, Gpu) and place.mig_instances:
        return False
    used = fraction(place.memory_used, place.memory_total)
    return len(place.held_by) > 1 and used is not None and used * 100 >= limits.memory[1]


def amount(percent: float | None, limits: tuple[float, float]) -> Role:
    """Of a figure: quiet below the first of `limits`."""
    return "muted" if percent is None or percent < limits[0] else "text"


def load(percent: float | None, limits: tuple[float, float]) -> Role:
    """Of a bar of utilization: from the second of `limits` on the GPU is busy."""
    return "calm" if percent is not None and percent >= limits[1] else "spark"


def heat(celsius: float | None) -> Role:
    """Of the figure."""
    return "warn" if celsius is not None and celsius >= HOT else "muted"
