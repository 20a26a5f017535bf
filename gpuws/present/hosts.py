"""Hosts as they are configured, as a table. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from gpuws.model import units
from gpuws.model.host import Host
from gpuws.present.line import one
from gpuws.present.table import Column, Table, TableRow

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
