"""Which GPUs a launch gets, and why the others not (DESIGN §6). Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gpuws.model import units
from gpuws.model.gpu import Gpu
from gpuws.model.plan import Check
from gpuws.model.profile import GpuWish


@dataclass(frozen=True, slots=True)
class Placement:
    """`gpus` in index order; `checks` say what is wrong or risky about the choice."""

    gpus: tuple[Gpu, ...]
    checks: tuple[Check, ...]


def choose(wish: GpuWish, gpus: Sequence[Gpu]) -> Placement:
    """GPUs for `wish`. Named GPUs are taken as named, with a warning when somebody lives there."""
    if wish.none:
        return Placement((), ())
    if not gpus:
        return Placement((), (Check("gpus", "fail", "this host shows no GPU", "choose another host, or gpus: none"),))
    return _named(wish, gpus) if wish.explicit else _any(wish, gpus)


def tenancy(gpu: Gpu) -> str:
    """`alice: train.py 74G` or `free`: who lives on a GPU, in a few words."""
    if gpu.health != "ok":
        return gpu.error or gpu.health
    if not gpu.held_by:
        return "free" if gpu.free else f"held by somebody unseen, {units.size(gpu.memory_used)}"
    holder = gpu.held_by[0]
    what = "reserved, unused" if holder.kind == "reservation" else units.size(gpu.memory_used)
    more = f" and {len(gpu.held_by) - 1} more" if len(gpu.held_by) > 1 else ""
    return f"{holder.user or 'somebody'}: {holder.name} {what}{more}"


def unsuitable(gpu: Gpu, wish: GpuWish) -> str | None:
    """Why `gpu` is not for a launch that names no GPUs; None: it is."""
    if not gpu.free:
        return tenancy(gpu)
    if wish.model and not re.search(wish.model, gpu.name, re.IGNORECASE):
        return f"is {gpu.name}"
    if wish.memory and (gpu.memory_free is None or gpu.memory_free < wish.memory):
        return f"{units.size(gpu.memory_free)} free"
    return None


def _any(wish: GpuWish, gpus: Sequence[Gpu]) -> Placement:
    reasons = {gpu.uuid: unsuitable(gpu, wish) for gpu in gpus}
    fit = [gpu for gpu in gpus if reasons[gpu.uuid] is None]
    if len(fit) >= wish.count:
        chosen = tuple(fit[: wish.count])
        names = ", ".join(f"{gpu.index} ({gpu.name})" for gpu in chosen)
        return Placement(chosen, (Check("gpus", "ok", f"GPU {names}"),))
    why = "; ".join(f"{gpu.index} {reasons[gpu.uuid]}" for gpu in gpus if reasons[gpu.uuid])
    detail = f"{wish.count} wanted, {len(fit)} fit: {why}"
    return Placement(
        tuple(fit), (Check("gpus", "fail", detail, "ask for fewer, choose another host, or name GPUs yourself"),)
    )


def _named(wish: GpuWish, gpus: Sequence[Gpu]) -> Placement:
    if wish.all:
        chosen, missing = list(gpus), []
    else:
        keys = [str(index) for index in wish.indices] or list(wish.uuids)
        by_key = {key: gpu for gpu in gpus for key in (str(gpu.index), gpu.uuid)}
        chosen = [by_key[key] for key in dict.fromkeys(keys) if key in by_key]
        missing = [key for key in keys if key not in by_key]
    checks = []
    if missing:
        have = ", ".join(str(gpu.index) for gpu in gpus)
        checks.append(Check("gpus", "fail", f"no GPU {', '.join(missing)} on this host", f"it has {have}"))
    checks += [
        Check("gpus", "fail" if gpu.health != "ok" else "warn", f"GPU {gpu.index}: {tenancy(gpu)}", "choose a free one")
        for gpu in chosen
        if not gpu.free
    ]
    if not checks:
        checks.append(Check("gpus", "ok", "GPU " + ", ".join(str(gpu.index) for gpu in chosen)))
    return Placement(tuple(sorted(chosen, key=lambda gpu: gpu.index)), tuple(checks))
