"""`cp`: what is copied where, asked and looked at before the first byte; then one transfer after the other."""

from __future__ import annotations

import shlex
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gpuws.cli.files.again import come_back
from gpuws.cli.files.report import Row, tell_end
from gpuws.cli.toolkit.cancellation import cancellable
from gpuws.cli.toolkit.confirmation import agreed, each, settle
from gpuws.cli.toolkit.failures import note
from gpuws.cli.toolkit.options import Options
from gpuws.cli.toolkit.progress import ProgressLine
from gpuws.cli.toolkit.selection import find_all, hosts_of
from gpuws.cli.toolkit.setup import open_fleet, set_up
from gpuws.fleet.copying.end import End
from gpuws.fleet.copying.here import Here
from gpuws.fleet.copying.running import Programs
from gpuws.fleet.copying.sources import Source, planned
from gpuws.fleet.copying.there import There
from gpuws.fleet.copying.work import CopyWork
from gpuws.model.errors import TargetError, Unreachable, UsageError
from gpuws.model.files.destination import Copy, shown
from gpuws.model.files.spot import Spot, need_path, parse_spot
from gpuws.model.placement.plan import Progress
from gpuws.model.query.target import Found, parse
from gpuws.model.workspace.workspace import PlaceRef

if TYPE_CHECKING:
    from gpuws.fleet.base import Fleet


@dataclass(slots=True)
class Job:
    """`target` None: this machine. `left` grows by what did not come along."""

    fleet: Fleet
    options: Options
    programs: Programs
    left: list[str]

    def end(self, found: Found | None, user: str | None) -> Here | There:
        if found is None:
            return Here(self.left.append)
        return There(
            self.fleet, found.place, found.label, self.left.append, self.programs, user if found.container else None
        )


def copy(options: Options, words: Sequence[str], user: str | None) -> int:
    spots = [parse_spot(word) for word in words]
    if all(spot.target is None for spot in spots):
        raise UsageError("all of these are on this machine", "cp -a copies here; a host's is TARGET:PATH")
    with _here_perhaps(words):
        return _with_places(options, spots, user, shlex.join(["gpuws", "cp", *words]))


@contextmanager
def _here_perhaps(words: Sequence[str]) -> Iterator[None]:
    """Where there is no such target, but a file here of that very name, colon and all, that is told."""
    try:
        yield
    except TargetError as error:
        if meant := next((word for word in words if ":" in word and Path(word).exists()), None):
            raise TargetError(error.message, f"the file here? write ./{meant}") from error
        raise


def _with_places(options: Options, spots: Sequence[Spot], user: str | None, command: str) -> int:
    setup = set_up(options)
    targets = {spot.target: parse(spot.target, setup.names()) for spot in spots if spot.target is not None}
    with open_fleet(setup, hosts_of(setup, *targets.values())) as fleet:
        found = dict(zip(targets, find_all(fleet, list(targets.values()), options.timeout), strict=True))
        places: list[Found | None] = [found[spot.target] if spot.target is not None else None for spot in spots]
        for spot, place in zip(spots, places, strict=True):
            need_path(spot, workspace=place is not None and place.container is not None)
        if user is not None and not any(place and place.container for place in places):
            raise UsageError("-u names a user in a container, and none is named here")
        job = Job(fleet, options, Programs(), [])
        return _copy(job, spots, places, user, command)


def _copy(job: Job, spots: Sequence[Spot], places: Sequence[Found | None], user: str | None, command: str) -> int:
    options, into = job.options, places[-1]
    asked = each("copy", [into], [command]) if into is not None else []
    if not options.dry_run:
        settle(asked, options)
    target = job.end(into, user)
    ends = {place.place if place else None: job.end(place, user) for place in places[:-1]}
    named = zip(spots[:-1], places[:-1], strict=True)
    # a container that is not mine is looked into by its engine until its name was typed
    inside = into is None or into.container is None or into.container.mine or not options.dry_run
    pairs = planned(
        [(spot, ends[place.place if place else None]) for spot, place in named], target, spots[-1], writing=inside
    )
    rows = [Row(_name(source.end, one.source.path), _name(target, one.final)) for source, one in pairs]
    if options.dry_run:
        agreed(asked, [f"{row.source} -> {row.target}" for row in rows], options)
        return 0
    return _carry_out(job, pairs, target, rows)


def _carry_out(job: Job, pairs: Sequence[tuple[Source, Copy]], target: Here | There, rows: Sequence[Row]) -> int:
    began, line = time.monotonic(), ProgressLine()
    report = line.report if sys.stderr.isatty() else _unheard
    work = CopyWork(pairs, target, job.left, job.programs, report)

    def carry(cancel: threading.Event) -> None:
        def back(error: Unreachable, places: Sequence[PlaceRef]) -> None:
            come_back(job.fleet, {place.host for place in places}, cancel, error, line)

        work.run(back, cancel)

    try:
        cancellable(carry, line.end)
    finally:
        line.end()
        job.programs.close()
        for fault in dict.fromkeys(work.faults):
            note(fault)
    return tell_end(job.options, rows, work.copied, time.monotonic() - began, wrong=len(work.faults))


def _unheard(_: Progress) -> None:
    """Nobody looks on."""


def _name(end: End, path: bytes) -> str:
    return f"{end.label}{shown(path)}"
