"""Which driver an image's CUDA needs. Pure.

Drivers: NVIDIA, CUDA Toolkit Release Notes, tables 2 and 3, and the CUDA Compatibility guide."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gpuws.engines.docker.existing.parse import rows, table

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
}
"""CUDA → the driver that came with it: the first that knows all of it."""

FAMILY = {11: (450, 80), 12: (525, 60), 13: (580, 65)}
"""Major version of CUDA → the oldest driver that runs all its minor versions (minor-version compatibility)."""

CONSUMER = re.compile(r"GeForce|TITAN", re.IGNORECASE)
BRANDS = (("geforce", ("geforce", "geforcertx")), ("titan", ("titan", "titanrtx")), ("quadro", ("quadro", "quadrortx")))
OTHER_BRANDS = ("tesla", "nvidia", "nvidiartx", "unknown")

_CONDITION = re.compile(r"(cuda|driver|brand|arch)\s*(>=|<=|!=|=|>|<)\s*(\S+)\Z")
_NAMED = re.compile(r"cu(?:da)?[:_-]?(1\d)\.?(\d)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Needs:
    """What an image says of itself. `require`: NVIDIA_REQUIRE_CUDA, which NVIDIA's hook insists on.

    `stated` False: `cuda` was only read from a name."""

    cuda: Version | None = None
    require: str | None = None
    stated: bool = True


def version(text: str | None) -> Version | None:
    """(12, 8) of "12.8.1"; None where there are no numbers."""
    match = re.match(r"\s*(\d{1,4})(?:\.(\d{1,4}))?", text or "")
    return (int(match[1]), int(match[2] or 0)) if match else None


def needs(config: Mapping[str, Any], names: Iterable[str]) -> Needs:
    """Of an image's `Config` (empty where it is not there yet); `names`: its name, the lines it is built from."""
    env = dict(item.split("=", 1) for item in rows(config.get("Env")) if isinstance(item, str) and "=" in item)
    label = table(config.get("Labels")).get("com.nvidia.cuda.version")
    require = env.get("NVIDIA_REQUIRE_CUDA")
    if env.get("NVIDIA_DISABLE_REQUIRE", "").lower() in ("1", "true"):
        require = None
    stated = version(env.get("CUDA_VERSION") or (label if isinstance(label, str) else None))
    if stated:
        return Needs(stated, require)
    for name in names:
        if match := _NAMED.search(name):
            return Needs((int(match[1]), int(match[2])), require, stated=False)
    return Needs(None, require)


def runs(driver: Version) -> Version | None:
    """The newest CUDA that a driver knows all of."""
    return max((cuda for cuda, first in SHIPPED_WITH.items() if first <= driver[:2]), default=None)


def satisfied(require: str, cuda: Version | None, driver: Version | None, gpu: str) -> bool | None:
    """Whether NVIDIA_REQUIRE_CUDA is met; None: can't be told. Spaces divide alternatives, commas conditions."""
    verdicts = [_all(_holds(word, cuda, driver, gpu) for word in one.split(",")) for one in require.split()]
    if not verdicts or True in verdicts:
        return True
    return None if None in verdicts else False


def _all(verdicts: Iterable[bool | None]) -> bool | None:
    found = list(verdicts)
    return False if False in found else None if None in found else True


def _holds(condition: str, cuda: Version | None, driver: Version | None, gpu: str) -> bool | None:
    match = _CONDITION.match(condition.strip())
    if not match:
        return None
    subject, operator, value = match.groups()
    if subject == "brand":
        return _compare(value in brands(gpu), operator, True)
    have = {"cuda": cuda, "driver": driver}.get(subject)
    wanted = version(value)
    if have is None or wanted is None:
        return None
    size = value.count(".") + 1
    return _compare((*have, 0)[:size], operator, wanted[:size])


def brands(gpu: str) -> tuple[str, ...]:
    """What NVML may call the brand of a GPU of that name."""
    return next((found for word, found in BRANDS if word in gpu.lower()), OTHER_BRANDS)


def _compare(have: Any, operator: str, wanted: Any) -> bool | None:
    match operator:
        case "=":
            return bool(have == wanted)
        case "!=":
            return bool(have != wanted)
        case ">=":
            return bool(have >= wanted)
        case "<=":
            return bool(have <= wanted)
        case ">":
            return bool(have > wanted)
        case _:
            return bool(have < wanted)
