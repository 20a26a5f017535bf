"""Checkups of all hosts at the same time, and how they are printed."""

from __future__ import annotations

import itertools
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from queue import SimpleQueue
from typing import TYPE_CHECKING

from gpuws.cli.toolkit.failures import note
from gpuws.cli.toolkit.options import Options
from gpuws.cli.toolkit.selection import PATIENCE, chosen_hosts, trouble
from gpuws.cli.toolkit.setup import open_fleet, set_up
from gpuws.cli.toolkit.tables import Style, coloured, style
from gpuws.cli.toolkit.waiting import gather
from gpuws.model.errors import GpuwsError, HostError
from gpuws.model.host.completeness import HOLDERS, final, shortfall
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.placement.plan import Check
from gpuws.model.text import about
from gpuws.present import doctor
from gpuws.present.documents import actions
from gpuws.present.documents.base import printed

if TYPE_CHECKING:
    from gpuws.fleet.base import Fleet


def examine(options: Options, hosts: Sequence[str], *, everything: bool) -> int:
    """Print what was found; the exit code."""
    setup = set_up(options)
    names = chosen_hosts(setup, [*hosts, *options.host], options.tag)
    if not names:
        note("there are no hosts — gpuws hosts import names the aliases of your SSH configuration")
    with open_fleet(setup, names) as fleet:
        snapshots = gather(fleet, HOLDERS, PATIENCE if options.timeout is None else options.timeout)
        found: dict[str, Sequence[Check]] = {}
        for snapshot, answer in ask(fleet, snapshots, setup.look.thresholds.idle_after):
            found[snapshot.name] = checks = answer.get()
            if not options.json:
                _print(report(snapshot, checks, style(), everything=everything))
        if options.json:
            _print([printed(actions.checkups(snapshots, found, time.time()))])
    for snapshot in snapshots:
        if not snapshot.state.reached:
            note(str(GpuwsError(about(snapshot.name, trouble(snapshot)), snapshot.remedy)))
        elif not final(snapshot, HOLDERS):
            note(str(shortfall(snapshot, HOLDERS)))
    return _code(options, snapshots, found)


def ask(
    fleet: Fleet, snapshots: Sequence[HostSnapshot], idle_after: float
) -> list[tuple[HostSnapshot, SimpleQueue[Sequence[Check]]]]:
    """All hosts at once; what each answers can be waited for by itself."""

    def work(name: str, answer: SimpleQueue[Sequence[Check]]) -> None:
        try:
            answer.put(fleet.checkup(name, idle_after=idle_after))
        except GpuwsError as error:
            answer.put((Check("link", "fail", error.message, error.remedy),))
        except Exception as error:  # noqa: BLE001 - a bug must not leave the command waiting
            answer.put((Check("link", "fail", f"a bug in gpuws: {type(error).__name__}: {error}", "please report it"),))

    asked: list[tuple[HostSnapshot, SimpleQueue[Sequence[Check]]]] = [(one, SimpleQueue()) for one in snapshots]
    for snapshot, answer in asked:
        threading.Thread(target=work, args=(snapshot.name, answer), name="checkup", daemon=True).start()
    return asked


def _code(options: Options, snapshots: Sequence[HostSnapshot], found: Mapping[str, Sequence[Check]]) -> int:
    reached = [snapshot for snapshot in snapshots if snapshot.state.reached]
    told = [snapshot for snapshot in reached if final(snapshot, HOLDERS)]
    if len(told) < len(snapshots) and not options.allow_partial:
        return HostError.exit_code
    failed = any(check.status == "fail" for one in reached for check in found[one.name])
    return GpuwsError.exit_code if failed else 0


def _print(lines: Iterable[str]) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def report(snapshot: HostSnapshot, checks: Sequence[Check], style: Style, *, everything: bool) -> Iterator[str]:
    """A heading; under it what is wrong, with `everything` all of it. Pure."""
    lines = doctor.report(doctor.Patient(snapshot.name, checks, snapshot.aliases), style.width, everything=everything)
    for line in lines if snapshot.state.reached else itertools.islice(lines, 1):
        yield coloured(line, style)
