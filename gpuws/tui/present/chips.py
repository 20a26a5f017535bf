"""Chips: what wants a look although values come. A word or two each; the whole sentences are in the panel."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from gpuws.model.fault import Fault, FaultKind
from gpuws.model.gpu import Gpu
from gpuws.model.reading import Disk, Xid
from gpuws.model.snapshot import HostSnapshot
from gpuws.present.host_state import LOOK
from gpuws.present.line import Line, Role, Span, clean
from gpuws.tui.present.line import cells, cut, width

DISK_FULL = 0.9
DISK_OVER = 0.98
XID_SECONDS = 86400.0
"""For so long a fault of a GPU that goes on is worth a chip."""

_SHORT: dict[FaultKind, str] = {
    "reboot-pending": "reboot pending",
    "persistence": "persistence off",
    "misreports": "faulty driver",
}


@dataclass(frozen=True, slots=True)
class Chip:
    text: str
    role: Role = "warn"


def chips(snapshot: HostSnapshot, now: float) -> list[Chip]:
    """Worst first."""
    found = [*_xid_chips(snapshot, now), *(Chip(saying(each)) for each in snapshot.warnings), *_disk_chips(snapshot)]
    return sorted(dict.fromkeys(found), key=lambda chip: chip.role != "error")


def saying(warning: Fault) -> str:
    """A warning in a word or two."""
    return _SHORT.get(warning.kind) or cut(re.split(r"[:;,.(]", clean(warning.text))[0], 26)


def fullness(disk: Disk) -> float | None:
    return disk.used / disk.total if disk.used is not None and disk.total else None


def fresh_xids(xids: Iterable[Xid] | None, now: float) -> list[Xid]:
    return [xid for xid in xids or () if xid.at is None or now - xid.at < XID_SECONDS]


def xids_of(snapshot: HostSnapshot, gpu: Gpu, now: float) -> list[Xid]:
    """The faults of one GPU in the last day, oldest first."""
    return [xid for xid in fresh_xids(snapshot.xids, now) if same_bus(xid.bus_id, gpu.bus_id)]


def same_bus(one: str, other: str | None) -> bool:
    """Kernel and driver write domains of different widths: 0000:3b:00 and 00000000:3B:00.0 are the same."""
    return bool(other) and _slot(one) == _slot(other or "")


def _slot(bus_id: str) -> tuple[str, ...]:
    parts = ["0", *bus_id.lower().split(".")[0].split(":")]
    return tuple(part.lstrip("0") for part in parts[-3:])


def _xid_chips(snapshot: HostSnapshot, now: float) -> Iterator[Chip]:
    for number in dict.fromkeys(xid.number for xid in fresh_xids(snapshot.xids, now)):
        yield Chip(f"Xid {number}", "error")


def _disk_chips(snapshot: HostSnapshot) -> Iterator[Chip]:
    for disk in snapshot.disks:
        full = fullness(disk)
        if full is not None and full >= DISK_FULL:
            yield Chip(f"{clean(disk.mount, 20)} {full:.0%}", "error" if full >= DISK_OVER else "warn")


def fitted(parts: Sequence[Line], room: int, separator: str = " · ") -> Line:
    """As many parts as fit, in order; +n stands for those left out, in the colour of the worst of them.

    The first is always there."""
    kept: list[Span] = list(parts[0]) if parts else []
    for number, part in enumerate(parts[1:], start=1):
        rest = len(parts) - number - 1
        more = len(separator) + len(f"+{rest}") if rest else 0
        if width(kept) + len(separator) + width(part) + more > room:
            room -= width(kept) + len(separator)
            return (*kept, Span(separator, "muted"), _left_out(parts[number:], room))
        kept += [Span(separator, "muted"), *part]
    return tuple(kept)


def _left_out(parts: Sequence[Line], room: int) -> Span:
    """A fault among them has its glyph too, where there is room: not everybody sees colours."""
    role, text = _worst(parts), f"+{len(parts)}"
    marked = f"{LOOK} {text}"
    return Span(marked if role == "error" and cells(marked) <= room else text, role)


def _worst(parts: Iterable[Line]) -> Role:
    roles = {span.role for part in parts for span in part}
    return "error" if "error" in roles else "warn" if roles & {"warn", "idle"} else "muted"


def chip_lines(found: Iterable[Chip]) -> list[Line]:
    return [(Span(f"{LOOK} {chip.text}", chip.role),) for chip in found]
