"""Hosts as they are configured, as a table, and what one runs on, in a line. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from gpuws.model import units
from gpuws.model.alarms import FULL, fullness
from gpuws.model.host.host import Host
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.present.line import Line, Span, clean, one
from gpuws.present.tables.base import Column, Table, TableRow

DOT = Span(" · ", "rule")
COLUMNS = (Column("HOST"), Column("ADDRESS"), Column("JUMP"), Column("TAGS"), Column("ACCESS"))


def listing(hosts: Sequence[Host]) -> Table:
    return Table(COLUMNS, tuple(_row(host) for host in hosts))


def _row(host: Host) -> TableRow:
    cells = (host.name, address(host), host.jump, " ".join(host.tags), "read-only" if host.readonly else "")
    return TableRow(host.name, tuple(one(text or units.DASH) for text in cells))


def address(host: Host) -> str:
    """As it would be written in hosts.yaml; an alias stands for itself."""
    if host.is_local:
        return "this machine"
    text = host.hostname or "(SSH configuration)"
    text = f"{host.user}@{text}" if host.user else text
    return f"{text}:{host.port}" if host.port else text


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
        one(f"{clean(disk.mount, 20)} {full:.0%}", "warn" if full >= FULL else "muted")
        for disk in snapshot.disks
        if (full := fullness(disk)) is not None
    ]
    parts += [one(f"#{clean(tag, 20)}", "muted") for tag in snapshot.tags]
    parts += [one(f"also {clean(alias, 40)}", "muted") for alias in snapshot.aliases]
    return tuple(span for number, part in enumerate(parts) for span in ([DOT, *part] if number else part))
