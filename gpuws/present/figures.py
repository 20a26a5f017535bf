"""Figures of hosts and of the fleet: sums over what is known."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

from gpuws.model import units
from gpuws.model.gpu.gpu import Gpu
from gpuws.present.line import clean

_MAKERS = re.compile(r"\b(NVIDIA|Tesla|GeForce|Quadro|Graphics|Laptop|GPU)\b", re.IGNORECASE)
_SIZE = re.compile(r"[ -](\d+)\s?GB\b", re.IGNORECASE)
_FORM = re.compile(r"[ -](SXM\d?|PCIe|HBM\d\w?|NVL|Generation)\b", re.IGNORECASE)


@lru_cache(maxsize=256)
def model(name: str) -> str:
    """`A100-80` of `NVIDIA A100-SXM4-80GB`: what people call it."""
    short = _FORM.sub("", _MAKERS.sub("", clean(name, 60)))
    size = _SIZE.search(short)
    short = " ".join(_SIZE.sub("", short).split())
    return f"{short}-{size[1]}" if size else short or "GPU"


def models(gpus: Sequence[Gpu]) -> str:
    """`4×A100-80`; `2×A100-80 2×T4` where they differ."""
    counts = Counter(model(gpu.name) for gpu in gpus)
    return " ".join(f"{number}×{name}" for name, number in counts.items())


def total(values: Iterable[float | int | None]) -> float | None:
    """Sum of the known values; None where none is known."""
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def highest(values: Iterable[float | None]) -> float | None:
    return max((value for value in values if value is not None), default=None)


def fraction(used: float | None, of: float | None) -> float | None:
    return None if used is None or not of else used / of


def memory(used: float | None, of: float | None) -> str:
    """`74/80G`, at most nine cells."""
    if used is None and of is None:
        return ""
    gib = [units.DASH if value is None else f"{value / 2**30:.0f}" for value in (used, of)]
    if max(len(part) for part in gib) > 4:
        tib = [units.DASH if value is None else f"{value / 2**40:.1f}" for value in (used, of)]
        return f"{tib[0]}/{tib[1]}T"
    return f"{gib[0]}/{gib[1]}G"


def watts(value: float | None) -> str:
    """`398 W`, `4.1 kW`."""
    if value is None:
        return ""
    return f"{value:.0f} W" if value < 1000 else f"{value / 1000:.1f} kW"


def celsius(value: float | None) -> str:
    return "" if value is None else f"{value:.0f}°C"


def percent(value: float | None) -> str:
    return "" if value is None else f"{value:.0f}%"


def latency(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return f"{seconds * 1000:.0f}ms" if seconds < 1 else f"{seconds:.1f}s"


def free_instances(gpus: Iterable[Gpu]) -> int:
    """MIG instances that nobody holds, on GPUs where somebody holds another."""
    return sum(instance.free for gpu in gpus if not gpu.free for instance in gpu.mig_instances)
