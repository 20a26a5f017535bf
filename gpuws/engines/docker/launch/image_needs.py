"""What CUDA and which driver an image asks for. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gpuws.engines.docker.existing.parse import rows, table
from gpuws.model.gpu.cuda import Version, named, version

CONSUMER = re.compile(r"GeForce|TITAN", re.IGNORECASE)
BRANDS = (("geforce", ("geforce", "geforcertx")), ("titan", ("titan", "titanrtx")), ("quadro", ("quadro", "quadrortx")))
OTHER_BRANDS = ("tesla", "nvidia", "nvidiartx", "unknown")

_CONDITION = re.compile(r"(cuda|driver|brand|arch)\s*(>=|<=|!=|=|>|<)\s*(\S+)\Z")


@dataclass(frozen=True, slots=True)
class Needs:
    """What an image says of itself. `require`: NVIDIA_REQUIRE_CUDA, which NVIDIA's hook insists on.

    `stated` False: `cuda` was only read from a name."""

    cuda: Version | None = None
    require: str | None = None
    stated: bool = True


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
        if found := named(name):
            return Needs(found, require, stated=False)
    return Needs(None, require)


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
