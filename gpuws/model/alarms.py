"""What of a host's readings is alarming: full file systems, faults of GPUs in the last day. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from gpuws.model.gpu.gpu import Gpu
from gpuws.model.gpu.reading import Disk, Xid
from gpuws.model.gpu.xid import of_a_program

FULL, OVERFULL = 0.9, 0.98
"""From such a part on a file system is worth a warning, and is as good as full."""
RECENT = 86400.0
"""Seconds for which a fault of a GPU that goes on is told."""
SAME = 10.0
"""Seconds between two words about one fault."""
RECENT_OF_A_PROGRAM = 3600.0
"""The same of what was a program's fault: the GPU is well."""


def fullness(disk: Disk) -> float | None:
    return disk.used / disk.total if disk.used is not None and disk.total else None


def recent(xids: Iterable[Xid] | None, now: float) -> list[Xid]:
    """`now`: epoch seconds. What has no time counts."""
    return [xid for xid in xids or () if xid.at is None or now - xid.at < _told_for(xid)]


def _told_for(xid: Xid) -> float:
    return RECENT_OF_A_PROGRAM if of_a_program(xid) else RECENT


def same_fault(one: Xid, other: Xid) -> bool:
    """The driver's word and the kernel's log tell of it at two times, and in two ways."""
    same = (one.number, one.bus_id) == (other.number, other.bus_id)
    return same and (one.at is None or other.at is None or abs(one.at - other.at) < SAME)


def recent_of(xids: Iterable[Xid] | None, gpu: Gpu, now: float) -> list[Xid]:
    """Those of one GPU, oldest first."""
    return [xid for xid in recent(xids, now) if same_bus(xid.bus_id, gpu.bus_id)]


def same_bus(one: str, other: str | None) -> bool:
    """Kernel and driver write domains of different widths: 0000:3b:00 and 00000000:3B:00.0 are the same."""
    return bool(other) and _slot(one) == _slot(other or "")


def _slot(bus_id: str) -> tuple[str, ...]:
    parts = ["0", *bus_id.lower().split(".")[0].split(":")]
    return tuple(part.lstrip("0") for part in parts[-3:])
