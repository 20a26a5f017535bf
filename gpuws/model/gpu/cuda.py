"""Which driver runs which CUDA, and what CUDA a name tells of. Pure.

Drivers: NVIDIA, CUDA Toolkit Release Notes, tables 2 and 3, and the CUDA Compatibility guide."""

from __future__ import annotations

import re

Version = tuple[int, ...]

SHIPPED_WITH: dict[Version, Version] = {
    (11, 8): (520, 61),
    (12, 0): (525, 60),
    (12, 1): (530, 30),
    (12, 2): (535, 54),
    (12, 3): (545, 23),
    (12, 4): (550, 54),
    (12, 5): (555, 42),
    (12, 6): (560, 28),
    (12, 8): (570, 26),
    (12, 9): (575, 51),
    (13, 0): (580, 65),
    (13, 1): (590, 44),
    (13, 2): (595, 45),
    (13, 3): (610, 43),
}
"""CUDA → the driver that came with it: the first that knows all of it."""

FAMILY = {11: (450, 80), 12: (525, 60), 13: (580, 65)}
"""Major version of CUDA → the oldest driver that runs all its minor versions (minor-version compatibility)."""

_NAMED = re.compile(r"cu(?:da)?[:_-]?(1\d)\.?(\d)", re.IGNORECASE)


def version(text: str | None) -> Version | None:
    """(12, 8) of "12.8.1"; None where there are no numbers."""
    match = re.match(r"\s*(\d{1,4})(?:\.(\d{1,4}))?", text or "")
    return (int(match[1]), int(match[2] or 0)) if match else None


def named(name: str) -> Version | None:
    """(12, 8) of `pytorch/pytorch:2.8.0-cuda12.8-cudnn9-runtime` or `train-cu128`; None where it tells of none."""
    match = _NAMED.search(name)
    return (int(match[1]), int(match[2])) if match else None


def runs(driver: Version) -> Version | None:
    """The newest CUDA that a driver knows all of."""
    return max((cuda for cuda, first in SHIPPED_WITH.items() if first <= driver[:2]), default=None)


def runs_by_family(cuda: Version, driver: Version) -> bool:
    """By minor-version compatibility: a driver that runs the first of a family runs all of it."""
    family = FAMILY.get(cuda[0])
    return family is not None and driver[:2] >= family
