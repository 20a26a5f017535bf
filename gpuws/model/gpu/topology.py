"""Which GPUs lie near one another: by NVLink, by PCIe, by NUMA node. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations
from math import comb

from gpuws.model.gpu.gpu import Gpu

NEARNESS = {"NVLINK": 6, "PIX": 5, "PXB": 4, "PHB": 3, "NODE": 2, "SYS": 1}
"""As `nvidia-smi topo` names the ways, the nearest highest; 0 is unknown."""

MOST_SETS = 3000
"""More sets than this are not all compared: they are grown from each GPU instead."""

Score = tuple[int, int, int]


def nearness(one: Gpu, other: Gpu) -> tuple[int, int]:
    """How near, and over how many lanes of NVLink. Without links to look at the NUMA node must do."""
    for link in one.links:
        if link.peer == other.uuid:
            return NEARNESS.get(link.kind, 0), link.lanes or 0
    if one.numa_node is None or other.numa_node is None:
        return 0, 0
    return NEARNESS["NODE" if one.numa_node == other.numa_node else "SYS"], 0


def closeness(gpus: Iterable[Gpu]) -> Score:
    """Of a set: its farthest pair counts first, since collectives wait for it; then lanes, then all pairs."""
    pairs = [nearness(one, other) for one, other in combinations(gpus, 2)]
    if not pairs:
        return (0, 0, 0)
    return min(rank for rank, _ in pairs), sum(lanes for _, lanes in pairs), sum(rank for rank, _ in pairs)


def sets(gpus: Sequence[Gpu], size: int) -> Iterable[tuple[Gpu, ...]]:
    """Sets to choose among, those of low index first: all of them, or one around each GPU where there are too many."""
    if comb(len(gpus), size) <= MOST_SETS:
        return combinations(gpus, size)
    return [_around(seed, gpus, size) for seed in gpus]


def described(gpus: Sequence[Gpu]) -> str:
    """`NVLink`, `NUMA node 1`, `across NUMA nodes`: what a person wants to know of a set; "" for nothing known."""
    if len(gpus) < 2:
        return ""
    if closeness(gpus)[0] == NEARNESS["NVLINK"]:
        return "NVLink"
    nodes = {gpu.numa_node for gpu in gpus}
    if None in nodes:
        return ""
    return f"NUMA node {nodes.pop()}" if len(nodes) == 1 else "across NUMA nodes"


def _around(seed: Gpu, gpus: Sequence[Gpu], size: int) -> tuple[Gpu, ...]:
    chosen = [seed]
    left = [gpu for gpu in gpus if gpu is not seed]
    while len(chosen) < size:
        nearest = max(left, key=lambda gpu: closeness([*chosen, gpu]))
        chosen.append(nearest)
        left.remove(nearest)
    return tuple(sorted(chosen, key=lambda gpu: gpu.index))
