"""The fleet by people: what each holds, and under each their containers."""

from __future__ import annotations

from collections.abc import Sequence

from gpuws.model import units
from gpuws.model.rollup import Share, by_container, by_person
from gpuws.model.snapshot import HostSnapshot
from gpuws.tui.present.line import Line, Role, Span, clean
from gpuws.tui.present.panels import one
from gpuws.tui.present.status import IDLE
from gpuws.tui.present.tables import Column, Table, TableRow

COLUMNS = (Column("WHO", 26), Column("GPUS", 4, True), Column("MEMORY", 7, True), Column("IDLE", 4), Column("WHERE", 0))
EMPTY = "Nobody holds a GPU. n launches a workspace."


def people_table(snapshots: Sequence[HostSnapshot], idle_after: float) -> Table:
    boxes = by_container(snapshots, idle_after)
    rows: list[TableRow] = []
    for person in by_person(snapshots, idle_after):
        rows.append(TableRow(_key("user", person.user), _person(person, _where(snapshots, person.user))))
        theirs = [box for box in boxes if box.user == person.user]
        rows += [TableRow(_key("holder", box.container, box.host), _container(box)) for box in theirs]
    return Table(COLUMNS, tuple(rows), EMPTY)


def filter_of(key: str) -> str:
    """The filter that shows what a row stands for; "" where nothing does."""
    return key if "=" in key else ""


def _key(what: str, name: str | None, host: str | None = None) -> str:
    if not name:
        return "?"
    quoted = clean(name).replace('"', "")
    return f'{what}="{quoted}"' + (f' host="{host}"' if host else "")


def _person(share: Share, where: str) -> tuple[Line, ...]:
    name = clean(share.user, 40) or "somebody"
    return (one(name, "mine" if share.mine else "strong"), *_figures(share, "text"), one(where, "muted"))


def _container(share: Share) -> tuple[Line, ...]:
    name = (Span("  └ ", "faint"), Span(clean(share.container, 60), "mine" if share.mine else "text"))
    return (name, *_figures(share, "muted"), one(share.host, "muted"))


def _figures(share: Share, role: Role) -> tuple[Line, ...]:
    memory = units.size(share.memory) + ("+?" if share.unknown else "")
    idle = f"{share.idle} {IDLE}" if share.idle else ""
    return (one(str(share.gpus), role), one(memory if share.memory else units.DASH, role), one(idle, "idle"))


def _where(snapshots: Sequence[HostSnapshot], user: str | None) -> str:
    """`alpha 0,1  foxtrot 0`"""
    found = []
    for snapshot in snapshots:
        held = [str(gpu.index) for gpu in snapshot.gpus if any((h.user or None) == user for h in gpu.held_by)]
        if held:
            found.append(f"{clean(snapshot.name, 40)} {','.join(held)}")
    return "  ".join(found)
