"""The rows of the fleet list: hosts, their GPUs while unfolded, and what to do about a host in trouble."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from gpuws.model.gpu import Gpu
from gpuws.model.snapshot import HostSnapshot
from gpuws.tui.present.figures import models
from gpuws.tui.present.filter import Filter
from gpuws.tui.present.line import cells, clean
from gpuws.tui.present.status import reason

Key = tuple[str, str]
"""Host name and GPU uuid; "" names the host's own row, "!" the note under it."""


@dataclass(frozen=True, slots=True)
class Row:
    kind: Literal["host", "gpu", "note"]
    snapshot: HostSnapshot
    gpu: Gpu | None = None

    @property
    def key(self) -> Key:
        return (self.snapshot.name, self.gpu.uuid if self.gpu else "!" if self.kind == "note" else "")


def rows(snapshots: Iterable[HostSnapshot], folded: Callable[[str], bool], chosen: Filter) -> list[Row]:
    """Rows in the configuration's order. While a filter is on, what it found is unfolded."""
    found: list[Row] = []
    for snapshot in snapshots:
        found += _host_rows(snapshot, folded(snapshot.name), chosen)
    return found


def _host_rows(snapshot: HostSnapshot, folded: bool, chosen: Filter) -> list[Row]:
    host = Row("host", snapshot)
    if chosen.on:
        itself = chosen.host(snapshot)
        gpus = [gpu for gpu in snapshot.gpus if chosen.gpu(snapshot, gpu)]
        return [host, *(Row("gpu", snapshot, gpu) for gpu in gpus)] if gpus or itself else []
    if folded:
        return [host]
    note = [Row("note", snapshot)] if needs_note(snapshot) else []
    return [host, *note, *(Row("gpu", snapshot, gpu) for gpu in snapshot.gpus)]


def needs_note(snapshot: HostSnapshot) -> bool:
    """A host in trouble has its remedy on a line of its own."""
    why = reason(snapshot, 0.0)
    return why is not None and bool(why.remedy)


def parent(key: Key) -> Key:
    return (key[0], "")


def best_start(found: Sequence[Row]) -> Key | None:
    """Where the cursor is after start: on my things, else on the first free GPU, else on the first row."""
    mine = next((row.key for row in found if row.gpu and row.gpu.mine), None)
    if mine:
        return mine
    hidden = next((row.key for row in found if row.kind == "host" and any(g.mine for g in row.snapshot.gpus)), None)
    free = next((row.key for row in found if row.gpu and row.gpu.free), None)
    return hidden or free or (found[0].key if found else None)


def name_width(snapshots: Collection[HostSnapshot]) -> int:
    """Cells of the widest host name with its GPUs' models."""
    return max((2 + cells(clean(s.name, 40)) + 2 + cells(models(s.gpus)) for s in snapshots), default=0)


def user_width(snapshots: Iterable[HostSnapshot]) -> int:
    """Cells of the widest person's name."""
    return max((cells(clean(h.user, 40)) for s in snapshots for g in s.gpus for h in g.held_by), default=0)
