"""GPU memory that ran out: what a failed program's last lines say of it, and who else was on the GPU then. Pure.

Messages are those of PyTorch 1.x to 2.9 (CUDA and HIP), cuBLAS, cuDNN, NCCL, JAX, TensorFlow and vLLM."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gpuws.model.gpu.gpu import Gpu, GpuProcess
from gpuws.model.text import plain
from gpuws.model.units import size
from gpuws.model.workspace.workspace import Workspace

LINES = 80
"""So many of a log's last lines are looked at: what follows the message is a traceback of each rank."""
LATELY = 40.0
"""Seconds: who was seen on a GPU longer ago than this before a program ended may not have been there then."""
MOST = 4  # holders that are named
_UNITS = {"bytes": 1, "B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40}
_LARGEST = 1 << 50  # what the driver does not tell PyTorch prints as 17179869184 GiB
_AMOUNT = r"([\d.]+) ?(bytes|B|KiB|MiB|GiB|TiB)"
_WANTED = (
    re.compile(rf"(?:CUDA|HIP|XPU) out of memory\. Tried to allocate {_AMOUNT}"),
    re.compile(rf"RESOURCE_EXHAUSTED: .*?[Oo]ut of memory.*?allocat\w+ {_AMOUNT}"),
    re.compile(rf"less than desired GPU memory utilization \([\d.]+, {_AMOUNT}\)"),
)
_PLAIN = re.compile(
    r"(?:CUDA|HIP)(?: driver)? error: out of memory|cudaErrorMemoryAllocation|(?:CUDA|HIP) out of memory"
    r"|CU(?:BLAS|SOLVER|SPARSE|DNN)_STATUS_ALLOC_FAILED|Cuda failure (?:\d+ )?'out of memory'"
    r"|RESOURCE_EXHAUSTED: .*?[Oo]ut of memory|OOM when allocating tensor.*device:GPU"
    r"|less than desired GPU memory utilization"
)
_GPU = re.compile(r"\bGPU (\d+)(?: has|;)|device:GPU:(\d+)")
_FREE = re.compile(rf"of which {_AMOUNT} is free|{_AMOUNT} free;")
_OTHER = re.compile(rf"Process (\d+) has {_AMOUNT} memory in use")


@dataclass(frozen=True, slots=True)
class RanOut:
    """As the program said it. `wanted`, `free`: bytes; `gpu`: as it numbers those that it has; `others`: pids on its
    host with the bytes that each held, where it said so. None: not said."""

    wanted: int | None = None
    free: int | None = None
    gpu: int | None = None
    others: tuple[tuple[int, int | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Held:
    """By somebody else. `memory`: bytes, None where that can't be told; `user`: "" where nobody knows whose; `what`: a
    container, else a program."""

    memory: int | None
    user: str
    what: str


@dataclass(frozen=True, slots=True)
class Scene:
    """The GPU on which it happened, by its number, and who else was on it."""

    gpu: str
    others: tuple[Held, ...]


def ran_out(log: str) -> RanOut | None:
    """The last message of it in the last lines of a log; None where there is none."""
    for line in reversed(log.splitlines()[-LINES:]):
        if not _PLAIN.search(line):
            continue
        wanted = next((found for each in _WANTED if (found := each.search(line))), None)
        gpu, free = _GPU.search(line), _FREE.search(line)
        return RanOut(
            _bytes(*wanted.groups()[-2:]) if wanted else None,
            _bytes(*[part for part in free.groups() if part]) if free else None,
            int(next(part for part in gpu.groups() if part)) if gpu else None,
            tuple((int(pid), _bytes(amount, unit)) for pid, amount, unit in _OTHER.findall(line)),
        )
    return None


def scene(said: RanOut, workspace: Workspace, gpus: Sequence[Gpu]) -> Scene | None:
    """`gpus`: as they were seen just before it ended. None where it can't be told which of them it was."""
    own = [gpu for gpu in sorted(gpus, key=lambda one: one.index) if "all" in workspace.gpus or _has(workspace, gpu)]
    named = {pid for pid, _ in said.others}
    with_them = [gpu for gpu in own if named & {process.pid for process in gpu.processes}]
    if len(with_them) == 1:
        found = with_them[0]
    elif said.gpu is not None and said.gpu < len(own):
        found = own[said.gpu]
    elif len(own) == 1:
        found = own[0]
    else:
        return None
    instance = next((one for one in found.mig_instances if one.uuid in workspace.gpus), None)
    number = str(found.index) if instance is None else f"{found.index}:{instance.index}"
    return Scene(number, _others((instance or found).processes, workspace))


def sentence(said: RanOut, where: Scene | None) -> str:
    """`GPU memory ran out: wanted 60G on GPU 2, 21G free; on it were 90G of carol (train-bert), 28G of bob (jup)`."""
    place = f" on GPU {where.gpu}" if where else ""
    asked = "" if said.wanted is None else f"wanted {size(said.wanted)}{place}"
    free = "" if said.free is None else f"{size(said.free)} free"
    what = ", ".join(part for part in (asked or place.removeprefix(" "), free) if part)
    return f"GPU memory ran out{f': {what}' if what else ''}; {_who(said, where)}"


def _who(said: RanOut, where: Scene | None) -> str:
    if where is not None and where.others:
        names = [_name(one) for one in where.others[:MOST]]
        more = len(where.others) - MOST
        return f"on it were {', '.join(names)}{f' and {more} more' if more > 0 else ''}"
    if where is not None and not said.others:
        return "nobody else was seen on it"
    if said.others:
        amounts = ", ".join(size(held) if held is not None else "some" for _, held in said.others[:MOST])
        return f"{amounts} of it by other processes, whose it was is not known"
    return "who else was on it then is not known"


def _name(one: Held) -> str:
    held = "an unknown amount" if one.memory is None else size(one.memory)
    what = plain(one.what, 60)
    return f"{held} of {plain(one.user, 40)} ({what})" if one.user else f"{held} of {what}"


def _has(workspace: Workspace, gpu: Gpu) -> bool:
    known = {gpu.uuid, str(gpu.index), *(one.uuid for one in gpu.mig_instances)}
    return bool(known & set(workspace.gpus))


def _others(processes: Iterable[GpuProcess], workspace: Workspace) -> tuple[Held, ...]:
    """By container, else by program: those who held most first."""
    from gpuws.model.ownership.join import program

    sums: dict[tuple[str, str], int | None] = {}
    for one in processes:
        if one.container_id == workspace.id:
            continue
        key = one.user or "", one.container or program(one.command) or f"pid {one.pid}"
        before = sums.get(key, 0)
        sums[key] = None if before is None or one.memory is None else before + one.memory
    found = [Held(memory, *key) for key, memory in sums.items()]
    return tuple(sorted(found, key=lambda one: (-(one.memory or 0), one.what)))


def _bytes(amount: str, unit: str) -> int | None:
    try:
        found = int(float(amount) * _UNITS[unit])
    except ValueError:  # 1.2.3
        return None
    return found if found < _LARGEST else None
