"""The listings: wait for the hosts, keep what was asked for, print it, say who failed."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from gpuws.cli.completion.names import remember
from gpuws.cli.listings.kinds import Listing, Moment, Renewal
from gpuws.cli.toolkit.failures import note
from gpuws.cli.toolkit.selection import chosen_hosts, trouble
from gpuws.cli.toolkit.setup import open_fleet, set_up
from gpuws.cli.toolkit.waiting import gather, until
from gpuws.model.errors import GpuwsError, HostError
from gpuws.model.host.completeness import shortfall
from gpuws.model.host.host import HostState
from gpuws.model.host.machine import one_each
from gpuws.model.ownership.kernels import unnamed
from gpuws.model.text import about
from gpuws.present.documents.base import printed

if TYPE_CHECKING:
    from gpuws.cli.toolkit.options import Options
    from gpuws.fleet.base import Fleet
    from gpuws.model.host.snapshot import HostSnapshot
    from gpuws.model.workspace.usage import Usage
    from gpuws.model.workspace.workspace import Ref

PATIENCE = 5.0  # seconds
NAMING = 3.0  # seconds


def show(
    listing: Listing, options: Options, hosts: Sequence[str], expressions: Sequence[str], *, watch: bool = False
) -> int:
    """Print `listing` of the chosen hosts; 3 where one of them failed, or did not tell all in time."""
    listing.keep(Moment((), 0.0, 0.0), expressions)  # what is wrong with a filter is said before anything is dialled
    setup = set_up(options)
    names = chosen_hosts(setup, [*hosts, *options.host], options.tag)
    idle_after = setup.look.thresholds.idle_after
    if not names:
        note("there are no hosts — gpuws hosts import names the aliases of your SSH configuration")
    with open_fleet(setup, names) as fleet:
        if watch:
            from gpuws.cli.listings.watch import watch_listing

            return watch_listing(listing, options, fleet, expressions, setup.look.thresholds)
        patience = PATIENCE if options.timeout is None else options.timeout
        snapshots = gather(fleet, listing.needs, patience)
        if listing.gpus:
            snapshots = _of_gpus(listing, fleet, snapshots, patience)
        old: list[str] = []
        if listing.renewal is not None and (setup.kept or listing.renewal.always):
            from gpuws.cli.listings.renewal import renewed

            snapshots, old = renewed(fleet, snapshots, listing.renewal.ask, patience)
        at = listing.keep(Moment(snapshots, time.time(), idle_after), expressions)
        if listing.engines:
            at = replace(at, tunnels=fleet.tunnels(), usage=_measured(fleet, at) if listing.measures else None)
        sys.stdout.write("".join(f"{line}\n" for line in _lines(listing, at, options)))
        sys.stdout.flush()
        remember(setup.hosts, fleet.snapshots())
    if listing.gpus and not options.json:
        _name_warnings(at)
        _sum_up(at)
    _name_troubled(snapshots)
    if listing.renewal is not None:
        _name_old(listing.renewal, old)
    short = [error for snapshot in snapshots if (error := shortfall(snapshot, listing.needs))]
    for error in short:
        note(str(error))
    if hosts or options.host or options.tag:
        _name_engineless(listing, snapshots)
    partial = short or not all(snapshot.state.reached for snapshot in snapshots)
    return HostError.exit_code if partial and not options.allow_partial else 0


def _name_old(renewal: Renewal, hosts: Sequence[str]) -> None:
    """Those that did not answer anew."""
    for host in hosts:
        said = f"{host} did not tell its {renewal.what} anew: what is shown of it may be old"
        note(f"{said} — {renewal.command} {host} asks again")


def _of_gpus(
    listing: Listing, fleet: Fleet, snapshots: tuple[HostSnapshot, ...], patience: float
) -> tuple[HostSnapshot, ...]:
    """With what is asked for only once GPUs are there to be seen."""
    named = _named(fleet, snapshots, patience)
    if not listing.detail:
        return named
    from gpuws.cli.listings.closely import detailed

    return detailed(fleet, named, patience)


def _named(fleet: Fleet, snapshots: tuple[HostSnapshot, ...], patience: float) -> tuple[HostSnapshot, ...]:
    """With the notebooks of my kernels, which their servers are asked for once a kernel is seen on a GPU: nothing is
    missing without them, so one that is slow holds nobody up for long."""
    if not any(_unnamed(snapshot) for snapshot in snapshots):
        return snapshots
    until(fleet, lambda: not any(_unnamed(each) for each in fleet.snapshots()), min(patience, NAMING))
    return one_each(fleet.snapshots())


def _unnamed(snapshot: HostSnapshot) -> bool:
    return "notebooks" not in snapshot.complete and bool(unnamed(snapshot.gpus))


def _measured(fleet: Fleet, at: Moment) -> Mapping[Ref, Usage]:
    from gpuws.cli.listings.usage import measured

    return measured(
        fleet,
        [each.ref for one in at.snapshots if one.state is HostState.UP for each in one.workspaces if each.enterable],
    )


def _lines(listing: Listing, at: Moment, options: Options) -> list[str]:
    if options.json:
        return [printed(listing.data(at))]
    if listing.lines is not None:
        return listing.lines(at)
    from gpuws.cli.toolkit.tables import render, style

    return render(listing.table(at), style())


def _name_warnings(at: Moment) -> None:
    """What is wrong on hosts that show values."""
    for snapshot in at.snapshots:
        for warning in snapshot.warnings:
            note(about(snapshot.name, str(warning)))


def _sum_up(at: Moment) -> None:
    """For a person only: programs have the JSON."""
    if sys.stdout.isatty() and sys.stderr.isatty():
        from gpuws.model.ownership.usage import totals
        from gpuws.present.tables.gpus import summary

        sums = totals(at.snapshots, at.idle_after)
        if sums.gpus:
            sys.stderr.write(f"{summary(sums)}\n")


def _name_troubled(snapshots: Sequence[HostSnapshot]) -> None:
    """Hosts that failed, and those whose values are old."""
    for snapshot in snapshots:
        if snapshot.state is not HostState.UP:
            note(str(GpuwsError(about(snapshot.name, trouble(snapshot)), snapshot.remedy)))


def _name_engineless(listing: Listing, snapshots: Sequence[HostSnapshot]) -> None:
    """Said only of hosts that were asked for: a fleet's file servers have no engine every day."""
    for snapshot in snapshots if listing.engines else ():
        if snapshot.engine is not None and snapshot.engine.error:
            note(str(GpuwsError(about(snapshot.name, snapshot.engine.error), snapshot.engine.remedy)))
