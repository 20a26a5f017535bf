"""What the demo's GPUs report, made up from a card's figures and a load. Pure."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import replace
from functools import cache

from gpuws.fleet.demo.lab.machines import GIB, Broken, Card, Machine
from gpuws.model.gpu.reading import GpuCounters, GpuDetail, GpuLink, GpuReading, MigReading, Xid

DRIVER_MEMORY = 4 << 20  # bytes on an idle GPU


@cache
def identifier(*words: object) -> uuid.UUID:
    """The same for the same words, on every machine."""
    return uuid.UUID(bytes=hashlib.sha256("/".join(map(str, words)).encode()).digest()[:16])


def gpu_uuid(machine: str, index: int) -> str:
    return f"GPU-{identifier(machine, f'gpu{index}')}"


def instance_uuid(machine: str, index: int, instance: int) -> str:
    return f"MIG-{identifier(machine, f'gpu{index}', instance)}"


def place_uuid(machine: str, index: int, instance: int | None) -> str:
    """Where a program runs."""
    return gpu_uuid(machine, index) if instance is None else instance_uuid(machine, index, instance)


def temperature(index: int, load: float) -> float:
    """°C; the one in the middle of the case gets the warm air of the others."""
    return 31 + index % 4 + load * 0.4


def power(card: Card, load: float) -> float:
    return card.watts * (0.12 + 0.85 * load / 100)


def reading(
    machine: Machine, index: int, load: float, held: dict[int | None, int], wobble: float, *, looked_at: bool
) -> GpuReading:
    """`held`: bytes by MIG instance, None for none. `wobble`: -1…1, what moves from tick to tick."""
    card = machine.card
    assert card is not None
    common = GpuReading(
        index=index,
        uuid=gpu_uuid(machine.name, index),
        name=card.name,
        memory_total=card.memory * GIB,
        power_limit=float(card.watts),
        bus_id=bus_id(index),
        numa_node=index * 2 // machine.count,
        persistence=not machine.warnings,
    )
    if fault := next((broken for broken in machine.broken if broken.index == index), None):
        return replace(common, health=fault.health, error=fault.error)
    mig = _instances(machine, index, held)
    return replace(
        common,
        memory_used=sum(held.values()) + DRIVER_MEMORY,
        utilization=None if mig is not None else round(load),
        temperature=round(temperature(index, load) + wobble),
        power=round(power(card, load) + wobble, 1),
        fan=round(30 + load * 0.5) if card.fans else None,
        links=_links(machine, index),
        mig=mig,
        detail=_detail(card, load, wobble) if looked_at else None,
        memory_activity=None if mig is not None else round(load * 0.4),
        counters=_counters(load) if card.counters and mig is None else None,
    )


def xid(fault: Broken, at: float) -> Xid | None:
    return Xid(fault.xid[0], bus_id(fault.index), fault.xid[1], at) if fault.xid else None


def bus_id(index: int) -> str:
    return f"00000000:{0x18 + 0x11 * index:02X}:00.0"


def _instances(machine: Machine, index: int, held: dict[int | None, int]) -> tuple[MigReading, ...] | None:
    divided = next((one for one in machine.divided if one.index == index), None)
    if divided is None:
        return None
    return tuple(
        MigReading(
            uuid=instance_uuid(machine.name, index, number),
            index=number,
            profile=profile,
            gpu_instance=number + 1,
            compute_instance=0,
            memory_used=held.get(number, 0) + 38 * (1 << 20),
            memory_total=memory * GIB,
        )
        for number, (profile, memory) in enumerate(divided.instances)
    )


def _links(machine: Machine, index: int) -> tuple[GpuLink, ...]:
    assert machine.card is not None
    others = [other for other in range(machine.count) if other != index]
    if machine.card.lanes:
        return tuple(GpuLink(gpu_uuid(machine.name, other), "NVLINK", machine.card.lanes) for other in others)
    half = machine.count / 2
    return tuple(
        GpuLink(gpu_uuid(machine.name, other), "NODE" if (other < half) == (index < half) else "SYS")
        for other in others
    )


def _counters(load: float) -> GpuCounters:
    """Of a model in training."""
    return GpuCounters(
        seconds=2.0,
        active=round(load, 1),
        sm_active=round(load * 0.93, 1),
        sm_occupancy=round(load * 0.21, 1),
        tensor=round(load * 0.52, 1),
        dram=round(load * 0.37, 1),
        fp64=0.0,
        fp32=round(load * 0.08, 1),
        fp16=round(load * 0.01, 1),
        pcie_sent=int(load * 5e4),
        pcie_received=int(load * 2e5),
        nvlink_sent=int(load * 4e7),
        nvlink_received=int(load * 4e7),
    )


def _detail(card: Card, load: float, wobble: float) -> GpuDetail:
    busy = load >= 1
    hot = load > 95
    return GpuDetail(
        clock_sm=card.clock - (75 + round(15 * wobble) if hot else 0) if busy else 345,
        clock_sm_max=card.clock,
        clock_memory=card.clock_memory if busy else 405,
        clock_memory_max=card.clock_memory,
        performance_state=0 if busy else 8,
        throttle=("power cap",) if hot else (),
        ecc_corrected=0 if card.ecc else None,
        ecc_uncorrected=0 if card.ecc else None,
        pcie_generation=card.pcie if busy else 1,
        pcie_generation_max=card.pcie,
        pcie_width=16,
        pcie_width_max=16,
        pcie_received=int(load * 9e6 * (1 + 0.2 * wobble)),
        pcie_sent=int(load * 3e6 * (1 - 0.2 * wobble)),
        memory_reserved=615 << 20,
        encoder=0.0,
        decoder=0.0,
    )
