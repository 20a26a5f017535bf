"""What the panel under the fleet list says of the selected host beside its tables."""

from __future__ import annotations

from collections.abc import Iterable

from gpuws.model import units
from gpuws.model.gpu import Holder
from gpuws.model.snapshot import HostSnapshot
from gpuws.model.tunnel import Tunnel
from gpuws.present import holders, host_state
from gpuws.present.line import Line, Span, clean, one
from gpuws.tui.present.chips import DISK_FULL, fullness

DOT = Span(" · ", "faint")


def leads(tunnel: Tunnel, host: str) -> bool:
    """To the host or into one of its containers."""
    return tunnel.target.place.host == host


def facts(snapshot: HostSnapshot) -> Line:
    """One line about the host itself: software, load, memory, disks."""
    engine = snapshot.engine
    parts: list[Line] = [
        one(text, "muted")
        for text in (
            snapshot.driver and f"driver {clean(snapshot.driver, 20)}",
            snapshot.cuda and f"CUDA {clean(snapshot.cuda, 10)}",
            engine.version and f"engine {clean(engine.version, 20)}" if engine and not engine.error else None,
            None if snapshot.cpu_percent is None else f"cpu {snapshot.cpu_percent:.0f}%",
            None if snapshot.load is None else f"load {snapshot.load:.1f}",
            f"ram {units.size(snapshot.memory_used)}/{units.size(snapshot.memory_total)}"
            if snapshot.memory_total
            else None,
        )
        if text
    ]
    parts += [
        one(f"{clean(disk.mount, 20)} {full:.0%}", "warn" if full >= DISK_FULL else "muted")
        for disk in snapshot.disks
        if (full := fullness(disk)) is not None
    ]
    parts += [one(f"#{clean(tag, 20)}", "muted") for tag in snapshot.tags]
    parts += [one(f"also {clean(alias, 40)}", "muted") for alias in snapshot.aliases]
    return tuple(span for number, part in enumerate(parts) for span in ([DOT, *part] if number else part))


def troubles(snapshot: HostSnapshot) -> Line:
    """The host's warnings in full, with their remedies."""
    return tuple(Span(f"{host_state.LOOK} {clean(str(warning))}   ", "warn") for warning in snapshot.warnings)


def evidence(held_by: Iterable[Holder]) -> Line:
    """Who is idle, since when, and what shows it."""
    return tuple(Span(f"{host_state.IDLE} {said}   ", "idle") for said in holders.evidence(held_by))
