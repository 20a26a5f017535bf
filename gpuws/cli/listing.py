"""The listings: wait for the hosts, keep what was asked for, print it, say who failed."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from gpuws.cli import filters, json, rows
from gpuws.cli.compose import open_fleet, set_up
from gpuws.cli.failures import note
from gpuws.cli.options import Options
from gpuws.cli.seen import remember
from gpuws.cli.selection import about, chosen_hosts, trouble
from gpuws.cli.tables import Table, render, style
from gpuws.cli.wait import gather, until
from gpuws.fleet.base import Fleet
from gpuws.model.errors import GpuwsError
from gpuws.model.host import HostState
from gpuws.model.snapshot import HostSnapshot

PATIENCE = 5.0  # seconds
INTERVAL = 2.0  # seconds between two looks of --watch
UNREACHED = 3
Snapshots = Sequence[HostSnapshot]


@dataclass(frozen=True, slots=True)
class Listing:
    """`needs`: what must have been read. `keep` applies filters. `lines`, if given, replaces the table."""

    needs: frozenset[str]
    keep: Callable[[Snapshots, Sequence[str]], Snapshots]
    table: Callable[[Snapshots, float], Table]
    data: Callable[[Snapshots, float], json.Data]
    lines: Callable[[Snapshots], list[str]] | None = None


def _everything(snapshots: Snapshots, _: Sequence[str]) -> Snapshots:
    return snapshots


GPUS = Listing(frozenset({"telemetry", "containers"}), filters.gpus, rows.gpus, json.gpus)
SESSIONS = Listing(frozenset({"sessions", "containers"}), _everything, rows.sessions, json.sessions)


def containers(*, everything: bool, mine: bool, quiet: bool) -> Listing:
    """`gpuws ps`, with what -a, --mine and -q change."""

    def keep(snapshots: Snapshots, expressions: Sequence[str]) -> Snapshots:
        states = everything or any(text.startswith("state") for text in expressions)
        found = filters.containers(snapshots, [*expressions, *(["mine"] if mine else [])])
        return found if states else [_living(snapshot) for snapshot in found]

    return Listing(
        frozenset({"telemetry", "containers"}), keep, rows.containers, json.containers, targets if quiet else None
    )


def _living(snapshot: HostSnapshot) -> HostSnapshot:
    living = ("running", "paused", "restarting")
    return replace(snapshot, containers=tuple(c for c in snapshot.containers if c.state in living))


def targets(snapshots: Snapshots) -> list[str]:
    """One a line, as other commands take them."""
    return [f"{snapshot.name}/{c.name}" for snapshot in snapshots for c in snapshot.containers]


def show(
    listing: Listing, options: Options, hosts: Sequence[str], expressions: Sequence[str], *, watch: bool = False
) -> int:
    """Print `listing` of the chosen hosts; 3 where one of them failed."""
    listing.keep((), expressions)  # what is wrong with a filter is said before anything is dialled
    setup = set_up(options)
    names = chosen_hosts(setup, [*hosts, *options.host], options.tag)
    if not names:
        note("there are no hosts — gpuws hosts import names the aliases of your SSH configuration")
    with open_fleet(setup, names) as fleet:
        timeout = PATIENCE if options.timeout is None else options.timeout
        snapshots = gather(fleet, listing.needs, timeout)
        remember(setup.names(), snapshots)
        _print(listing, options, snapshots, expressions, watch=watch)
        while watch:
            _again(listing, options, fleet, expressions)
    _name_troubled(snapshots)
    if hosts or options.host or options.tag:
        _name_engineless(listing, snapshots)
    failed = any(snapshot.state not in (HostState.UP, HostState.STALE) for snapshot in snapshots)
    return UNREACHED if failed and not options.allow_partial else 0


def _name_troubled(snapshots: Snapshots) -> None:
    """Hosts that failed, and those whose values are old."""
    for snapshot in snapshots:
        if snapshot.state is not HostState.UP:
            note(str(GpuwsError(about(snapshot.name, trouble(snapshot)), snapshot.remedy)))


def _name_engineless(listing: Listing, snapshots: Snapshots) -> None:
    """Said only of hosts that were asked for: a fleet's file servers have no engine every day."""
    for snapshot in snapshots if listing.table is rows.containers else ():
        if snapshot.engine is not None and snapshot.engine.error:
            note(str(GpuwsError(about(snapshot.name, snapshot.engine.error), snapshot.engine.remedy)))


def _print(
    listing: Listing, options: Options, snapshots: Snapshots, expressions: Sequence[str], *, watch: bool
) -> None:
    now = time.time()
    kept = listing.keep(snapshots, expressions)
    if options.json:
        lines = [json.text(listing.data(kept, now), indent=None if watch else 2)]
    elif listing.lines is not None:
        lines = listing.lines(kept)
    else:
        lines = render(listing.table(kept, now), style())
    if watch and sys.stdout.isatty():
        lines = lines[: shutil.get_terminal_size().lines - 1]
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def _again(listing: Listing, options: Options, fleet: Fleet, expressions: Sequence[str]) -> None:
    """One more look, a moment later; on a terminal in the same place."""
    until(fleet, lambda: False, INTERVAL)
    if sys.stdout.isatty():
        sys.stdout.write("\x1b[H\x1b[2J")
    _print(listing, options, fleet.snapshots(), expressions, watch=True)
