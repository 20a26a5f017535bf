"""A listing that is shown again and again: in one place on a terminal, one after the other elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from gpuws.cli.listings.frame import KEYS, SORTING, framed
from gpuws.cli.listings.kinds import Listing, Moment
from gpuws.cli.terminal.alternate_screen import HANG_UP, NEWS, NOTHING, RESIZED, Window
from gpuws.cli.toolkit.selection import trouble
from gpuws.cli.toolkit.tables import Style, coloured, filled, harmless, lines_of, render, style, widths
from gpuws.cli.toolkit.waiting import gather, on_terminal, until
from gpuws.model.host.host import HostState
from gpuws.model.host.machine import one_each
from gpuws.model.ownership.usage import totals
from gpuws.model.text import about
from gpuws.present.documents.base import printed
from gpuws.present.line import Line, Span
from gpuws.present.tables.gpus import summary
from gpuws.present.tables.sorting import Sort

if TYPE_CHECKING:
    from gpuws.cli.listings.picture import Picture
    from gpuws.cli.toolkit.options import Options
    from gpuws.fleet.base import Fleet
    from gpuws.model.host.snapshot import HostSnapshot
    from gpuws.model.settings import Thresholds

PATIENCE = 5.0  # seconds
INTERVAL = 2.0  # seconds between two looks where nothing changes: ages move
PACE = 0.5  # seconds between two frames at least
SETTLE = 0.05  # seconds from the first news to the frame: what comes at once is drawn at once
AROUND = 3  # lines above and below the rows
LEAVING = ("q", HANG_UP)
STEPS = {"j": 1, "k": -1, "down": 1, "up": -1, "page down": 10, "page up": -10, " ": 10}
"""Rows that a key scrolls by."""

Snapshots = Sequence["HostSnapshot"]


def watch_listing(
    listing: Listing, options: Options, fleet: Fleet, expressions: Sequence[str], thresholds: Thresholds
) -> int:
    """Until Ctrl-C, on a terminal also until q. A single host is read as closely as on its page."""
    if listing.gpus and len(hosts := fleet.snapshots()) == 1:
        fleet.watch(hosts[0].name)

    def look(snapshots: Snapshots) -> Moment:
        return listing.keep(Moment(snapshots, time.time(), thresholds.idle_after), expressions)

    if options.json or not sys.stdout.isatty():
        return _stream(listing, options, fleet, look)
    view: View = ListView(thresholds, listing.sort) if listing.gpus else TableView(listing)
    with Window() as window:
        return _paint(fleet, look, view, window)


def _stream(listing: Listing, options: Options, fleet: Fleet, look: Callable[[Snapshots], Moment]) -> int:
    """A line of JSON each time, or a table with an empty line behind it."""
    gather(fleet, listing.needs, PATIENCE if options.timeout is None else options.timeout)
    while True:
        at = look(one_each(fleet.snapshots()))
        lines = [printed(listing.data(at), indent=None)] if options.json else [*render(listing.table(at), style()), ""]
        sys.stdout.write("".join(f"{line}\n" for line in lines))
        sys.stdout.flush()
        until(fleet, lambda: False, INTERVAL)


class TableView:
    """A listing's own table. Columns never get narrower: nothing jumps."""

    keys = KEYS

    def __init__(self, listing: Listing) -> None:
        self._listing = listing
        self._least: Sequence[int] = ()

    def lines(self, at: Moment, columns: int) -> list[Line]:
        """The titles first."""
        table = self._listing.table(at)
        self._least = widths(table, self._least)
        return lines_of(table, columns, self._least)

    def notes(self, snapshots: Snapshots, *, hides: bool) -> list[Line]:  # noqa: ARG002 - it has no row for them
        """Hosts that show nothing or old values, and what is wrong on the others. `hides`: not all rows are seen."""
        return [
            *away(snapshots),
            *((Span(f" {about(one.name, str(each))}"),) for one in snapshots for each in one.warnings),
        ]

    def take(self, _key: str, _columns: int) -> bool:
        return False


class ListView:
    """The list of GPUs as the screen has it."""

    keys = (KEYS[0], *SORTING, *KEYS[1:])

    def __init__(self, thresholds: Thresholds, sort: Sort) -> None:
        from gpuws.cli.listings.picture import Picture

        self._picture: Picture = Picture(thresholds)
        self._sort = sort

    def lines(self, at: Moment, columns: int) -> list[Line]:
        return self._picture.lines(at.snapshots, columns, self._sort, at.now)

    def notes(self, snapshots: Snapshots, *, hides: bool) -> list[Line]:
        """Hosts say in their own rows what is wrong with them, as long as these are seen."""
        return away(snapshots) if hides else []

    def take(self, key: str, columns: int) -> bool:
        """Another order, by the keys of the screen."""
        from gpuws.tui.fleet.order import ORDERS

        if key == "r":
            known = ORDERS.index(self._sort) if self._sort in ORDERS else -1
            self._sort = ORDERS[(known + 1) % len(ORDERS)]
        elif key in ("<", ">"):
            self._sort = self._sort.beside(self._picture.columns(columns), 1 if key == ">" else -1)
        else:
            return False
        return True


def away(snapshots: Snapshots) -> list[Line]:
    """Hosts that show nothing or old values."""
    return [(Span(f" {about(one.name, trouble(one))}", "muted"),) for one in snapshots if one.state is not HostState.UP]


View = TableView | ListView
"""How what is watched is drawn, and what its keys do."""


def _paint(fleet: Fleet, look: Callable[[Snapshots], Moment], view: View, window: Window) -> int:
    """Frames, as the fleet or the window changes or a key wants another part or order."""
    stop = fleet.subscribe(lambda _event: window.tell())
    top: int | None = 0
    try:
        while top is not None:
            for question in fleet.questions():
                with window.aside():
                    fleet.answer(question.id, on_terminal(question, fleet))
            snapshots, size = one_each(fleet.snapshots()), window.size()
            at = look(snapshots)
            clock = time.strftime("%H:%M:%S", time.localtime(at.now))
            sums = (Span(f" {summary(totals(at.snapshots, at.idle_after))} · {clock}", "strong"),)
            heading, *rows = view.lines(at, size.columns)
            notes = view.notes(snapshots, hides=len(rows) > size.lines - AROUND)
            frame = framed((sums, heading), rows, notes, view.keys, size.lines, top)
            shown = style()
            window.draw([_written(line, size.columns, shown) for line in frame.lines])
            top = _until_due(window, view, frame.top, size.columns)
    finally:
        stop()
    return 0


@lru_cache(maxsize=512)
def _written(line: Line, columns: int, shown: Style) -> str:
    """Most lines read as they did."""
    return coloured(filled(harmless(line), columns), shown)


def _until_due(window: Window, view: View, top: int, columns: int) -> int | None:
    """The first row of the next frame, once that is due; None: no more."""
    began, due = time.monotonic(), INTERVAL
    while (left := began + due - time.monotonic()) > 0:
        told = window.wait(left)
        if told in LEAVING:
            return None
        if told == NEWS:
            due = max(PACE, min(due, time.monotonic() - began + SETTLE))
        elif told in STEPS:
            return max(top + STEPS[told], 0)
        elif told in (NOTHING, RESIZED) or view.take(told, columns):
            return top
    return top
