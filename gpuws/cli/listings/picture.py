"""The fleet list without the screen: its own rows and columns, and each holder of a GPU that several share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from gpuws.model.gpu.gpu import MigInstance
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.ownership.tenancy import person, programs
from gpuws.model.settings import Thresholds
from gpuws.present.holders import memory_of
from gpuws.present.host_state import fade
from gpuws.present.line import Line, Span
from gpuws.present.tables.sorting import Sort
from gpuws.tui.fleet import row_lines
from gpuws.tui.fleet.columns import chosen
from gpuws.tui.fleet.filter import Filter
from gpuws.tui.fleet.row import Row
from gpuws.tui.fleet.rows import name_width, rows, user_width

NARROWEST = 40
"""Cells; where there are fewer, lines are cut."""
LOUD = frozenset({"error", "warn"})
"""What an old value's row still says in its colour."""


class Picture:
    """Columns grow with what they show and never shrink: nothing jumps."""

    def __init__(self, thresholds: Thresholds) -> None:
        self._thresholds = thresholds
        self._widths = (0, 0)
        self._columns = chosen(())

    def lines(self, snapshots: Sequence[HostSnapshot], size: int, sort: Sort, now: float) -> list[Line]:
        """The heading and the rows, each of `size` cells at most."""
        self._widths = (max(self._widths[0], name_width(snapshots)), max(self._widths[1], user_width(snapshots)))
        scene = replace(self._scene(size, now), keys=False)
        found = [row_lines.heading(scene, sort)]
        for row in rows(snapshots, lambda _host: False, Filter(), sort):
            found += [_faded(each, row_lines.line(each, scene), now) for each in (row, *_shares(row))]
        return found

    def columns(self, size: int) -> list[str]:
        """Those that are shown, by which rows can be sorted."""
        return self._scene(size, 0.0).layout.ids

    def _scene(self, size: int, now: float) -> row_lines.Scene:
        return row_lines.scene(max(size, NARROWEST), self._widths, self._columns, self._thresholds, now)


def _shares(row: Row) -> Iterator[Row]:
    """Of a GPU or instance that several hold: what each of them has of it, as an instance of its own."""
    place, gpu = row.place, row.gpu
    if place is None or gpu is None or (gpu.mig_instances and row.mig is None) or len(place.held_by) < 2:
        return
    for number, holder in enumerate(place.held_by):
        share = MigInstance(
            uuid=f"{place.uuid}/{number}", index=number, profile=person(holder), memory_total=place.memory_total,
            memory_used=memory_of(holder, place.processes), held_by=(holder,),
            processes=tuple(programs(holder, place.processes)),
        )  # fmt: skip
        yield replace(row, kind="mig", mig=share)


def _faded(row: Row, line: Line, now: float) -> Line:
    """Values of a host that is not seen now are faint."""
    if row.gpu is None or not fade(row.snapshot, now):
        return line
    return tuple(Span(text, role if role in LOUD else "faint") for text, role in line)
