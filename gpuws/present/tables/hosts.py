"""Hosts as they are configured, as a table, and what one runs on, in a line. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

from gpuws.model import units
from gpuws.model.alarms import FULL, fullness
from gpuws.model.host.address import Address
from gpuws.model.host.configured import ConfiguredHost
from gpuws.model.host.host import Host
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.present.host_state import glyph
from gpuws.present.line import Line, Span, clean, one
from gpuws.present.tables.base import Column, Table, TableRow

DOT = Span(" · ", "rule")
COLUMNS = (Column("HOST"), Column("ADDRESS"), Column("JUMP"), Column("TAGS"), Column("ACCESS"))


def listing(hosts: Sequence[Host]) -> Table:
    return Table(COLUMNS, tuple(_row(host) for host in hosts))


def _row(host: Host) -> TableRow:
    cells = (host.name, address(host), host.jump, " ".join(host.tags), "read-only" if host.readonly else "")
    return TableRow(host.name, tuple(one(text or units.DASH) for text in cells))


INVENTORY = (
    Column("HOST", 16, roomy=24),
    Column("ADDRESS", 0, least=24),
    Column("THROUGH", 14, drop=2),
    Column("TAGS", 16, drop=1),
    Column("STATE", 20),
)


def inventory(
    hosts: Sequence[ConfiguredHost], addresses: Mapping[str, str | None], snapshots: Mapping[str, HostSnapshot]
) -> Table:
    """What is written down, to be changed: `addresses` as `ssh -G` says, by name; None where ssh refuses to say."""
    rows = tuple(_written(each, addresses, snapshots.get(each.host.name)) for each in hosts)
    return Table(INVENTORY, rows, "No hosts yet. a adds one, i takes them from your SSH configuration.")


def _written(entry: ConfiguredHost, addresses: Mapping[str, str | None], snapshot: HostSnapshot | None) -> TableRow:
    host = entry.host
    where = addresses.get(host.name, address(host))
    refused = "ssh does not accept what is written of it"
    state: Line = ()
    if snapshot is not None:
        sign, role = glyph(snapshot)
        state = (Span(f"{sign} ", role), Span(snapshot.state.value, "muted"))
    return TableRow(
        host.name,
        (
            one(host.name, "strong"),
            one(refused, "warn") if where is None else one(clean(where, 100)),
            one(host.jump or "", "muted"),
            one(" ".join(host.tags), "muted"),
            state,
        ),
    )


def address(host: Host) -> str:
    """As it would be written in hosts.yaml; an alias stands for itself."""
    if host.is_local:
        return "this machine"
    return str(Address(host.hostname or "(SSH configuration)", host.user, host.port))


def ssh_command(host: Host) -> str:
    """The way there, as a person would type it."""
    return " ".join(map(_quoted, ssh_words(host)))


def ssh_words(host: Host) -> list[str]:
    """The same as arguments of a program."""
    words = ["ssh"]
    for flag, value in (("-F", host.ssh_config), ("-J", host.jump), ("-i", host.identity_file), ("-p", host.port)):
        words += [flag, str(value)] if value else []
    where = host.hostname or host.name
    return [*words, f"{host.user}@{where}" if host.user else where]


def _quoted(word: str) -> str:
    """A home's tilde is the shell's to expand."""
    return f"~/{shlex.quote(word[2:])}" if word.startswith("~/") else shlex.quote(word)


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
