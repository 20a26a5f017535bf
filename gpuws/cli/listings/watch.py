"""A listing that is shown again and again: in one place on a terminal, one after the other elsewhere."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from gpuws.cli.listings.kinds import Listing, Moment
from gpuws.cli.terminal.alternate_screen import Window
from gpuws.cli.toolkit.selection import trouble
from gpuws.cli.toolkit.tables import cut, render, style, widths
from gpuws.cli.toolkit.waiting import gather, on_terminal, until
from gpuws.model.host.host import HostState
from gpuws.model.host.machine import one_each
from gpuws.model.ownership.usage import totals
from gpuws.model.text import about
from gpuws.present.documents.base import printed
from gpuws.present.tables.gpus import summary

if TYPE_CHECKING:
    from gpuws.cli.toolkit.options import Options
    from gpuws.fleet.base import Fleet
    from gpuws.model.host.snapshot import HostSnapshot

PATIENCE = 5.0  # seconds
INTERVAL = 2.0  # seconds between two looks where nothing changes: ages move
PACE = 0.5  # seconds between two frames at least
FEWEST_NOTES = 3  # lines

Snapshots = Sequence["HostSnapshot"]


def watch_listing(
    listing: Listing, options: Options, fleet: Fleet, expressions: Sequence[str], idle_after: float
) -> int:
    """Until Ctrl-C."""

    def look(snapshots: Snapshots) -> Moment:
        return listing.keep(Moment(snapshots, time.time(), idle_after), expressions)

    if options.json or not sys.stdout.isatty():
        return _stream(listing, options, fleet, look)
    with Window() as window:
        return _paint(listing, fleet, look, window)


def _stream(listing: Listing, options: Options, fleet: Fleet, look: Callable[[Snapshots], Moment]) -> int:
    """A line of JSON, or a table, each time."""
    gather(fleet, listing.needs, PATIENCE if options.timeout is None else options.timeout)
    while True:
        at = look(one_each(fleet.snapshots()))
        lines = [printed(listing.data(at), indent=None)] if options.json else render(listing.table(at), style())
        sys.stdout.write("".join(f"{line}\n" for line in lines))
        sys.stdout.flush()
        until(fleet, lambda: False, INTERVAL)


def _paint(listing: Listing, fleet: Fleet, look: Callable[[Snapshots], Moment], window: Window) -> int:
    """Frames, as the fleet or the window changes. Columns never get narrower: nothing jumps."""
    changed = threading.Event()
    stop = fleet.subscribe(lambda _event: changed.set())
    least: Sequence[int] = ()
    try:
        while True:
            changed.clear()
            for question in fleet.questions():
                with window.aside():
                    fleet.answer(question.id, on_terminal(question, fleet))
            snapshots = one_each(fleet.snapshots())
            at, size = look(snapshots), window.size()
            table = listing.table(at)
            least = widths(table, least)
            rows = render(table, replace(style(), width=size.columns), least)
            clock = time.strftime("%H:%M:%S", time.localtime(at.now))
            head = cut(f"{summary(totals(at.snapshots, at.idle_after))} · {clock}", size.columns)
            window.draw([head, *rows], notes(snapshots, size.lines - len(rows) - 1), size)
            _pause(changed, window, size)
    finally:
        stop()


def _pause(changed: threading.Event, window: Window, size: os.terminal_size) -> None:
    deadline = time.monotonic() + INTERVAL
    time.sleep(PACE)
    while time.monotonic() < deadline and window.size() == size and not changed.wait(PACE):
        pass


def notes(snapshots: Snapshots, room: int) -> list[str]:
    """Hosts that show nothing or old values, and what is wrong on the others: in `room` lines, but at least a few."""
    every = [about(one.name, trouble(one)) for one in snapshots if one.state is not HostState.UP]
    every += [about(one.name, str(warning)) for one in snapshots for warning in one.warnings]
    most = max(room, FEWEST_NOTES)
    return every if len(every) <= most else [*every[: most - 1], f"and {len(every) - most + 1} more"]
