"""The fleet by people: what each holds, and on the screen under each their containers and processes. Pure.

Figures are of what is seen now, as the header's; what stands below adds up to that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from gpuws.model import units
from gpuws.model.host.host import HostState
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.ownership.join import program as program_of
from gpuws.model.ownership.programs import Program, programs
from gpuws.model.ownership.tenancy import NOBODY_KNOWN
from gpuws.model.ownership.usage import Share, Totals, by_container, by_person, goes_to, totals
from gpuws.present.line import Line, Role, Span, clean, joined, one
from gpuws.present.tables.base import Column, Table, TableRow

COLUMNS = (
    Column("USER", 26, roomy=34),
    Column("GPUS", 4, at_right=True),
    Column("SHARED", 6, at_right=True, drop=3),
    Column("IDLE", 4, at_right=True),
    Column("RESERVED", 8, at_right=True, drop=2),
    Column("NOT SEEN", 8, at_right=True, drop=1),
    Column("MEMORY", 7, at_right=True),
    Column("WHERE", 0, only="screen"),
)
NOBODY = "?"
"""The key of what nobody knows whose it is; of others it is the filter that shows it."""
SUM = "="
"""The keys of sums begin so."""
EMPTY = "Nobody holds a GPU. n launches a workspace."


@dataclass(frozen=True, slots=True)
class _Fleet:
    """`every`: who holds most of what is seen first; `seen`: of hosts that are up, without the old values of others."""

    snapshots: Sequence[HostSnapshot]
    idle_after: float
    every: tuple[Share, ...]
    seen: tuple[Share, ...]
    boxes: tuple[Share, ...]
    boxes_seen: tuple[Share, ...]

    @classmethod
    def of(cls, snapshots: Sequence[HostSnapshot], idle_after: float) -> _Fleet:
        up = [snapshot for snapshot in snapshots if snapshot.state is HostState.UP]
        seen = by_person(up, idle_after)
        every = sorted(by_person(snapshots, idle_after), key=lambda share: -_as_seen(seen, share).gpus)
        boxes = by_container(snapshots, idle_after), by_container(up, idle_after)
        return cls(snapshots, idle_after, tuple(every), seen, *boxes)


def _as_seen(seen: Iterable[Share], share: Share) -> Share:
    """The same person's, or container's, of what is seen."""
    return next((each for each in seen if _same(each, share)), Share(share.user))


def _same(one: Share, other: Share) -> bool:
    """I may be called otherwise where more is seen of me."""
    boxes = (one.host, one.container) == (other.host, other.container)
    return boxes and one.mine is other.mine and (one.mine or one.user == other.user)


def listing(snapshots: Sequence[HostSnapshot], idle_after: float) -> Table:
    """A row a person, and the sums."""
    fleet = _Fleet.of(snapshots, idle_after)
    rows = [TableRow("", _person(fleet, person)) for person in fleet.every]
    return Table(COLUMNS, (*rows, *(_sums(fleet) if rows else ())))


def with_all(snapshots: Sequence[HostSnapshot], idle_after: float, now: float) -> Table:
    """Under each person their containers with what runs in them, and what runs beside containers."""
    fleet = _Fleet.of(snapshots, idle_after)
    running = programs(snapshots)
    rows: list[TableRow] = []
    for person in fleet.every:
        rows.append(TableRow(_filter(person, fleet.every), _person(fleet, person)))
        theirs = [box for box in fleet.boxes if box.mine is person.mine and box.user in _names(person)]
        own = [one for one in running if one.mine is person.mine and (one.holder.user or None) in _names(person)]
        for box in theirs:
            key = f"{_is('holder', box.container)} {_is('host', box.host)}"
            rows.append(TableRow(key, _container(fleet, box), level=1))
            inside = [one for one in own if (one.host, one.container) == (box.host, box.container)]
            rows += [_program(one, now, level=2) for one in inside]
        rows += [_program(one, now, level=1) for one in own if one.container is None]
    return Table(COLUMNS, (*rows, *(_sums(fleet) if rows else ())), EMPTY)


def process_place(key: str, snapshots: Sequence[HostSnapshot]) -> tuple[str, str] | None:
    """Host and UUID of the first GPU of the process whose row has this key; None: it is no process's."""
    found = (program for program in programs(snapshots) if _program_key(program) == key)
    return next(((program.host, program.gpus[0].uuid) for program in found), None)


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


# rows


def _person(fleet: _Fleet, share: Share) -> tuple[Line, ...]:
    name = clean(share.user, 40) or NOBODY_KNOWN
    seen = _as_seen(fleet.seen, share)
    figures = _figures(seen, share.gpus - seen.gpus, "text")
    return (one(name, "mine" if share.mine else "strong"), *figures, one(_where(fleet.snapshots, share), "muted"))


def _container(fleet: _Fleet, share: Share) -> tuple[Line, ...]:
    name = (Span("└ ", "rule"), Span(clean(share.container, 60), "mine" if share.mine else "text"))
    seen = _as_seen(fleet.boxes_seen, share)
    return (name, *_figures(seen, share.gpus - seen.gpus, "muted"), one(share.host, "muted"))


def _program_key(program: Program) -> str:
    return f"{program.host} {program.process.pid}"


def _program(program: Program, now: float, level: int) -> TableRow:
    process = program.process
    text = clean(process.notebook, 60) or clean(program_of(process.command), 60) or units.DASH
    name = (Span("  " * (level - 1) + "└ ", "rule"), Span(text, "muted"), Span(f" {process.pid}", "muted"))
    started = process.started_at
    session = f"tmux:{clean(process.session, 40)}" if process.session else ""
    place = f"{clean(program.host, 40)} {','.join(str(gpu.index) for gpu in program.gpus)}"
    age = "" if started is None else units.duration(now - started)
    where = joined([place, age, session, clean(process.command, 200)])
    cells = (name, one(str(len(program.gpus)), "muted"), *[()] * 4, one(units.size(program.memory), "muted"),
             one(where, "muted"))  # fmt: skip
    return TableRow(_program_key(program), cells, level=level)


def _figures(share: Share, unseen: int, role: Role) -> tuple[Line, ...]:
    known = share.memory or not share.unknown
    memory = units.size(share.memory) + ("+?" if share.unknown else "") if known else units.DASH
    return (
        _number(share.gpus, role),
        _number(share.shared, "muted"),
        _number(share.idle, "idle"),
        _number(share.reserved, "idle"),
        _number(unseen, "muted"),
        one(memory if share.gpus else "", role),
    )


def _number(number: int, role: Role) -> Line:
    return one(str(number), role) if number else one("·", "rule")


def _where(snapshots: Sequence[HostSnapshot], person: Share) -> str:
    """`alpha 0,1  foxtrot 0`"""
    found = []
    for snapshot in snapshots:
        held = [str(g.index) for g in snapshot.gpus if any(goes_to(person, snapshot.me, h) for h in g.held_by)]
        if held:
            found.append(f"{clean(snapshot.name, 40)} {','.join(held)}")
    return "  ".join(found)


# sums


def _sums(fleet: _Fleet) -> Iterator[TableRow]:
    """A GPU that several people hold is counted with each of them, so it is taken off again before the sum."""
    sums = totals(fleet.snapshots, fleet.idle_after)
    added = _added(fleet.seen)
    held = replace(added, gpus=sums.held, idle=sums.idle, reserved=_reserved(fleet.snapshots), shared=0)
    if added.gpus > held.gpus:
        twice = (held.gpus - added.gpus, 0, held.idle - added.idle, held.reserved - added.reserved)
        why = one("counted once in the sum", "muted")
        cells = (*(_number(number, "muted") for number in twice), (), (), why)
        yield TableRow(f"{SUM}shared", (one("held by several", "muted"), *cells), sum=True)
    figures = _figures(held, 0, "strong")
    yield TableRow(f"{SUM}held", (one("all held", "strong"), *figures, one(_others(sums), "muted")), sum=True)


def _added(shares: Sequence[Share]) -> Share:
    return Share(
        None,
        gpus=sum(share.gpus for share in shares),
        idle=sum(share.idle for share in shares),
        reserved=sum(share.reserved for share in shares),
        memory=sum(share.memory for share in shares),
        unknown=sum(share.unknown for share in shares),
    )


def _reserved(snapshots: Sequence[HostSnapshot]) -> int:
    """GPUs that are seen and held by reservations alone."""
    seen = [gpu for snapshot in snapshots if snapshot.state is HostState.UP for gpu in snapshot.gpus]
    return sum(bool(gpu.held_by) and all(holder.kind == "reservation" for holder in gpu.held_by) for gpu in seen)


def _others(sums: Totals) -> str:
    """`+ 4 free, 1 failing, 8 not seen`: with what is held all there are."""
    failing = sums.gpus - sums.free - sums.held - sums.unknown - sums.unseen
    more = ((sums.unknown, "unknown"), (failing, "failing"), (sums.unseen, "not seen"))
    return "+ " + ", ".join([f"{sums.free} free", *(f"{number} {word}" for number, word in more if number)])
