"""The rows of the fleet list: hosts, and while one is unfolded its GPUs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from gpuws.model.gpu.gpu import Gpu
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.present.figures import models
from gpuws.present.line import clean
from gpuws.present.tables.sorting import Sort
from gpuws.tui.fleet.filter import Filter
from gpuws.tui.fleet.order import CONFIGURED, gpus_in, hosts_in
from gpuws.tui.fleet.row import Key, Row
from gpuws.tui.toolkit.fitting import cells


def rows(
    snapshots: Sequence[HostSnapshot], folded: Callable[[str], bool], chosen: Filter, sort: Sort = CONFIGURED
) -> list[Row]:
    """While a filter is on, what it found is unfolded."""
    found: list[Row] = []
    for snapshot in hosts_in(sort, snapshots):
        found += _host_rows(snapshot, folded(snapshot.name), chosen, sort)
    return found


def _host_rows(snapshot: HostSnapshot, folded: bool, chosen: Filter, sort: Sort) -> list[Row]:
    gpus = gpus_in(sort, snapshot.gpus)
    if chosen.on:
        gpus = [gpu for gpu in gpus if chosen.gpu(snapshot, gpu)]
        return [Row("host", snapshot), *_gpu_rows(snapshot, gpus)] if gpus or chosen.host(snapshot) else []
    if folded:
        return [Row("host", snapshot, folded=True)]
    return [Row("host", snapshot), *_gpu_rows(snapshot, gpus)]


def _gpu_rows(snapshot: HostSnapshot, gpus: Iterable[Gpu]) -> Iterator[Row]:
    for gpu in gpus:
        yield Row("gpu", snapshot, gpu)
        for instance in gpu.mig_instances:
            yield Row("mig", snapshot, gpu, instance)


def best_start(found: Sequence[Row]) -> Key | None:
    """Where the cursor is after start: on my things, else on the first free GPU, else on the first row."""
    mine = next((row.key for row in found if row.kind == "gpu" and row.gpu and row.gpu.mine), None)
    if mine:
        return mine
    hidden = next((row.key for row in found if row.kind == "host" and any(g.mine for g in row.snapshot.gpus)), None)
    free = next((row.key for row in found if row.kind == "gpu" and row.gpu and row.gpu.free), None)
    return hidden or free or (found[0].key if found else None)


def name_width(snapshots: Collection[HostSnapshot]) -> int:
    """Cells of the widest host name with its GPUs' models."""
    return max((2 + cells(clean(s.name, 40)) + 2 + cells(models(s.gpus)) for s in snapshots), default=0)


def user_width(snapshots: Iterable[HostSnapshot]) -> int:
    """Cells of the widest person's name."""
    return max((cells(clean(h.user, 40)) for s in snapshots for g in s.gpus for h in g.held_by), default=0)
