"""In which order hosts stand in the list, and the GPUs under them: as configured, by what is free, or by a column.

Orders change slowly, so that rows rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gpuws.model.gpu.gpu import Gpu
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.present.host_state import fresh
from gpuws.present.tables.sorting import FALLING, RISING, Rank, Sort, arranged
from gpuws.tui.fleet.columns import BY_ID

CONFIGURED = Sort()
FREE = "free first"
ORDERS = (CONFIGURED, Sort(FREE), Sort("util"), Sort("who"))
"""Those that the order's key goes through."""
_BUSY = "busy first"


@dataclass(frozen=True, slots=True)
class _Ranks:
    gpu: Callable[[Gpu], Rank | None]
    host: Callable[[HostSnapshot], Rank | None]
    falling: bool


_FREE = _Ranks(
    lambda gpu: (not gpu.free, -(gpu.memory_free or 0) // (1 << 34)),
    lambda snapshot: -sum(gpu.free for gpu in snapshot.gpus),
    falling=False,
)


def hosts_in(sort: Sort, snapshots: Sequence[HostSnapshot]) -> Sequence[HostSnapshot]:
    """Hosts that are not seen now stand last in every order but the configuration's."""
    ranks = _ranks(sort)
    if ranks is None:
        return snapshots
    seen = [snapshot for snapshot in snapshots if fresh(snapshot) and snapshot.gpus]
    others = [snapshot for snapshot in snapshots if not (fresh(snapshot) and snapshot.gpus)]
    return [*arranged(seen, ranks.host, falling=sort.falls(ranks.falling)), *others]


def gpus_in(sort: Sort, gpus: Sequence[Gpu]) -> Sequence[Gpu]:
    ranks = _ranks(sort)
    return gpus if ranks is None else arranged(gpus, ranks.gpu, falling=sort.falls(ranks.falling))


def _ranks(sort: Sort) -> _Ranks | None:
    if sort.column == FREE:
        return _FREE
    column = BY_ID.get(sort.column)
    return None if column is None else _Ranks(column.gpu, column.host, column.falling)


def arrow(sort: Sort) -> str:
    """Which way it goes; "" as configured."""
    ranks = _ranks(sort)
    if ranks is None:
        return ""
    return FALLING if sort.column == FREE or sort.falls(ranks.falling) else RISING


def label(sort: Sort) -> str:
    """`↓ busy first`; "" as configured."""
    sign, column = arrow(sort), BY_ID.get(sort.column)
    if not sign or column is None:
        return sign and f"{sign} {FREE}"
    by = "by who" if column.id == "who" else f"by {column.column.title.lower()}"
    return f"{sign} {_BUSY if sort == Sort('util') else by}"


def kept(sort: Sort) -> str:
    """As it is remembered."""
    return f"{'-' if sort.reverse else ''}{sort.column}"


def of(text: str) -> Sort:
    """What was remembered; as configured where there is no such order any more."""
    sort = Sort(text.removeprefix("-"), text.startswith("-"))
    return sort if _ranks(sort) else CONFIGURED
