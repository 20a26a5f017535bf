"""The kinds of listings: what each needs, keeps and prints. What draws and filters is loaded when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gpuws.model.host.naming import labelled
from gpuws.present.documents import gpus as gpu_documents
from gpuws.present.documents import listings
from gpuws.present.documents.base import Data
from gpuws.present.tables.sorting import Sort

if TYPE_CHECKING:
    from gpuws.fleet.base import Fleet
    from gpuws.model.host.snapshot import HostSnapshot
    from gpuws.model.session.tunnel import Tunnel
    from gpuws.model.workspace.usage import Usage
    from gpuws.model.workspace.workspace import Ref
    from gpuws.present.tables.base import Table
    from gpuws.present.tables.workspaces import By

CONFIGURED = Sort()


@dataclass(frozen=True, slots=True)
class Moment:
    """What a listing shows. `now`: epoch seconds; `idle_after`: seconds without work. `usage`: what containers take,
    where that was asked for; `tunnels`: those that are open."""

    snapshots: Sequence[HostSnapshot]
    now: float
    idle_after: float
    usage: Mapping[Ref, Usage] | None = None
    tunnels: Sequence[Tunnel] = ()


Renew = Callable[["Fleet", str], bool]
"""Of a host; False where it did not answer."""


@dataclass(frozen=True, slots=True)
class Renewal:
    """`ask`: a host for what a keeper may have read long ago: its `what`, which `command` lists. `always`: also where
    there is no keeper, since nothing reads it by itself."""

    ask: Renew
    what: str
    command: str
    always: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """`needs`: what must have been read. `keep` applies filters. `lines`, if given, replaces the table.

    `engines`: it shows what container engines tell, so a host without one is worth a word. `gpus`: it shows each GPU,
    so what is wrong with them is, and their sums; `sort`: in which order. `measures`: what containers take is asked
    for. `renewal`: what hosts are asked for anew. `detail`: what a GPU tells only whoever looks closely."""

    needs: frozenset[str]
    keep: Callable[[Moment, Sequence[str]], Moment]
    table: Callable[[Moment], Table]
    data: Callable[[Moment], Data]
    lines: Callable[[Moment], list[str]] | None = None
    engines: bool = False
    gpus: bool = False
    sort: Sort = CONFIGURED
    measures: bool = False
    renewal: Renewal | None = None
    detail: bool = False


def gpus(*, by_user: bool = False, sort: Sort = CONFIGURED, detail: bool = False) -> Listing:
    """`gpuws gpus`: one row a GPU, or one a person."""
    needs = frozenset({"telemetry", "containers"})
    if by_user:
        return Listing(needs, _matching_gpus, _user_table, _user_data)
    return Listing(
        needs,
        _matching_gpus,
        lambda at: _gpu_table(_in_order(at, sort)),
        lambda at: gpu_documents.gpus(_in_order(at, sort).snapshots, at.now),
        gpus=True,
        sort=sort,
        detail=detail,
    )


def sessions() -> Listing:
    """`gpuws tmux ls`"""
    return Listing(
        frozenset({"sessions", "containers"}),
        lambda at, _: at,
        _session_table,
        _session_data,
        renewal=Renewal(lambda fleet, host: fleet.read_sessions(host), "sessions", "gpuws tmux ls"),
    )


@dataclass(frozen=True, slots=True)
class Containers:
    """The command line of `gpuws ps`. `everything`: stopped ones, too; `by`: what they are grouped by; `column`: what
    they are sorted by, -COLUMN the other way round."""

    everything: bool = False
    mine: bool = False
    quiet: bool = False
    usage: bool = False
    by: By = ""
    column: str = ""


def containers(asked: Containers) -> Listing:
    """`gpuws ps`, with what its options change."""

    def keep(at: Moment, expressions: Sequence[str]) -> Moment:
        from gpuws.cli.listings import filters

        found = filters.containers(at.snapshots, [*expressions, *(["mine"] if asked.mine else [])])
        if not asked.everything and not filters.name_a_state(expressions):
            found = [_living(snapshot) for snapshot in found]
        return replace(at, snapshots=found)

    return Listing(
        frozenset({"telemetry", "containers"}),
        keep,
        lambda at: _container_table(at, asked),
        lambda at: listings.containers(at.snapshots, at.now, at.usage, at.tunnels),
        lines=_targets if asked.quiet else None,
        engines=True,
        measures=asked.usage,
    )


def _matching_gpus(at: Moment, expressions: Sequence[str]) -> Moment:
    if not expressions:
        return at
    from gpuws.cli.listings import filters

    return replace(at, snapshots=filters.gpus(at.snapshots, expressions, at.idle_after))


def _in_order(at: Moment, sort: Sort) -> Moment:
    if sort == CONFIGURED:
        return at
    from gpuws.cli.listings.order import arranged

    return replace(at, snapshots=arranged(at.snapshots, sort))


def _living(snapshot: HostSnapshot) -> HostSnapshot:
    return replace(snapshot, workspaces=tuple(c for c in snapshot.workspaces if c.alive))


def _targets(at: Moment) -> list[str]:
    """One a line, as other commands take them."""
    return [labelled(snapshot.name, c.typed) for snapshot in at.snapshots for c in snapshot.workspaces]


def _gpu_table(at: Moment) -> Table:
    from gpuws.present.tables import gpus

    return gpus.listing(at.snapshots, at.now)


def _user_table(at: Moment) -> Table:
    from gpuws.present.tables import people

    return people.listing(at.snapshots, at.idle_after)


def _user_data(at: Moment) -> Data:
    from gpuws.model.ownership.usage import by_person

    return gpu_documents.users(at.snapshots, by_person(at.snapshots, at.idle_after), at.now)


def _container_table(at: Moment, asked: Containers) -> Table:
    from gpuws.present.tables import workspaces

    table = workspaces.listing(workspaces.Fleet(at.snapshots, at.now, asked.by, at.usage, at.tunnels))
    if not asked.column:
        return table
    from gpuws.present.tables.sorting import by_column

    title = asked.column.removeprefix("-").replace("-", " ").upper()
    return replace(table, rows=tuple(by_column(table, Sort(title, asked.column.startswith("-")))))


def _session_data(at: Moment) -> Data:
    from gpuws.present.documents import sessions

    return sessions.sessions(at.snapshots, at.now)


def _session_table(at: Moment) -> Table:
    from gpuws.present.tables import sessions

    return sessions.listing(at.snapshots, at.now)
