"""What wants a look although values come: a word or two each, and the whole sentences. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gpuws.model.alarms import FULL, OVERFULL, fullness, recent
from gpuws.model.gpu.fault import Fault, FaultKind
from gpuws.model.gpu.reading import Xid
from gpuws.model.gpu.xid import called, of_a_program
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.present.glyphs import LOOK
from gpuws.present.line import Line, Role, Span, clean

_SHORT: dict[FaultKind, str] = {
    "reboot-pending": "reboot pending",
    "persistence": "persistence off",
    "misreports": "faulty driver",
    "stalled-mount": "NFS hangs",
}


@dataclass(frozen=True, slots=True)
class Alert:
    text: str
    role: Role = "warn"


def alerts(snapshot: HostSnapshot, now: float) -> list[Alert]:
    """Worst first."""
    found = [*_xids(snapshot, now), *(Alert(saying(each)) for each in snapshot.warnings), *_disks(snapshot)]
    return sorted(dict.fromkeys(found), key=lambda alert: alert.role != "error")


def saying(warning: Fault) -> str:
    """A warning in a word or two."""
    return _SHORT.get(warning.kind) or clean(re.split(r"[:;,.(]", warning.text)[0], 26)


def _xids(snapshot: HostSnapshot, now: float) -> Iterator[Alert]:
    for xid in recent(snapshot.xids, now):
        yield Alert(called(xid), fault_role(xid))


def fault_role(xid: Xid) -> Role:
    """A program's fault is a warning: the GPU is well."""
    return "warn" if of_a_program(xid) else "error"


def _disks(snapshot: HostSnapshot) -> Iterator[Alert]:
    for disk in snapshot.disks:
        full = fullness(disk)
        if full is not None and full >= FULL:
            yield Alert(f"{clean(disk.mount, 20)} {full:.0%}", "error" if full >= OVERFULL else "warn")


def alert_lines(found: Iterable[Alert]) -> list[Line]:
    return [(Span(f"{LOOK} {alert.text}", alert.role),) for alert in found]


def troubles(snapshot: HostSnapshot) -> Line:
    """The host's warnings in full, with their remedies."""
    return tuple(Span(f"{LOOK} {clean(str(warning))}   ", "warn") for warning in snapshot.warnings)
