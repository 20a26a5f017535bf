"""The fleet by people: what each holds, and on the screen under each their containers. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from gpuws.model import units
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.ownership.tenancy import NOBODY_KNOWN
from gpuws.model.ownership.usage import Share, by_container, by_person, goes_to
from gpuws.present.line import Line, Role, Span, clean, one
from gpuws.present.tables.base import Column, Table, TableRow

COLUMNS = (
    Column("USER", 26),
    Column("GPUS", 4, at_right=True),
    Column("IDLE GPUS", 9, at_right=True),
    Column("MEMORY", 7, at_right=True),
    Column("WHERE", 0, only="screen"),
)
NOBODY = "?"
"""The key of what nobody knows whose it is; of others it is the filter that shows it."""
EMPTY = "Nobody holds a GPU. n launches a workspace."


def listing(snapshots: Sequence[HostSnapshot], idle_after: float) -> Table:
    """A row a person."""
    people = by_person(snapshots, idle_after)
    return Table(COLUMNS, tuple(TableRow("", _person(person, "")) for person in people))


def with_containers(snapshots: Sequence[HostSnapshot], idle_after: float) -> Table:
    people, boxes = by_person(snapshots, idle_after), by_container(snapshots, idle_after)
    rows: list[TableRow] = []
    for person in people:
        rows.append(TableRow(_filter(person, people), _person(person, _where(snapshots, person))))
        theirs = [box for box in boxes if box.mine is person.mine and box.user in _names(person)]
        rows += [TableRow(f"{_is('holder', box.container)} {_is('host', box.host)}", _container(box)) for box in theirs]
    return Table(COLUMNS, tuple(rows), EMPTY)


def _names(share: Share) -> tuple[str | None, ...]:
    return (share.user, *share.aliases)


def _filter(person: Share, people: Sequence[Share]) -> str:
    """An old name of mine may be a login there that others use: then the name alone shows too much."""
    names = [name for name in _names(person) if name]
    if any(other is not person and set(names) & set(_names(other)) for other in people):
        return "mine" if person.mine else f"!mine {_is('user', person.user)}"
    return " | ".join(_is("user", name) for name in names) or NOBODY


def _is(what: str, name: str | None) -> str:
    quoted = clean(name).replace('"', "")
    return f'{what}="{quoted}"'


def _person(share: Share, where: str) -> tuple[Line, ...]:
    name = clean(share.user, 40) or NOBODY_KNOWN
    return (one(name, "mine" if share.mine else "strong"), *_figures(share, "text"), one(where, "muted"))


def _container(share: Share) -> tuple[Line, ...]:
    name = (Span("  └ ", "rule"), Span(clean(share.container, 60), "mine" if share.mine else "text"))
    return (name, *_figures(share, "muted"), one(share.host, "muted"))


def _figures(share: Share, role: Role) -> tuple[Line, ...]:
    known = share.memory or not share.unknown
    memory = units.size(share.memory) + ("+?" if share.unknown else "") if known else units.DASH
    return (one(str(share.gpus), role), one(str(share.idle), "idle" if share.idle else role), one(memory, role))


def _where(snapshots: Sequence[HostSnapshot], person: Share) -> str:
    """`alpha 0,1  foxtrot 0`"""
    found = []
    for snapshot in snapshots:
        held = [str(g.index) for g in snapshot.gpus if any(goes_to(person, snapshot.me, h) for h in g.held_by)]
        if held:
            found.append(f"{clean(snapshot.name, 40)} {','.join(held)}")
    return "  ".join(found)
