"""Rows of a checkup mended: all are asked about before the first is touched, and looked at again afterwards."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from gpuws.cli.doctor.checkup import ask, report
from gpuws.cli.toolkit.confirmation import agreed
from gpuws.cli.toolkit.failures import note
from gpuws.cli.toolkit.options import Options
from gpuws.cli.toolkit.selection import PATIENCE, chosen_hosts, trouble
from gpuws.cli.toolkit.setup import open_fleet, set_up
from gpuws.cli.toolkit.tables import style
from gpuws.cli.toolkit.waiting import gather
from gpuws.model.checkup.mend import Mend
from gpuws.model.consent.mends import mend_confirmation
from gpuws.model.errors import GpuwsError, TargetError, Unreachable
from gpuws.model.host.completeness import HOLDERS
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.placement.plan import Check
from gpuws.model.text import about
from gpuws.present.documents import actions
from gpuws.present.documents.base import printed

if TYPE_CHECKING:
    from gpuws.fleet.base import Fleet

SETTLING = 8.0
"""Seconds until what was done shows in what the host's engine lists."""
PAUSE = 0.5
REMAKING = ("port", "ended")
"""After these a container is gone, or another one: what is about it comes before."""
Found = Mapping[str, Sequence[Check]]


def mend(options: Options, hosts: Sequence[str], names: Sequence[str]) -> int:
    """The exit code: 1 where a row is still there."""
    wanted = {name.replace(" ", "_") for name in names}
    setup = set_up(options)
    with open_fleet(setup, chosen_hosts(setup, [*hosts, *options.host], options.tag)) as fleet:
        snapshots = gather(fleet, HOLDERS, PATIENCE if options.timeout is None else options.timeout)
        for one in snapshots:
            if not one.state.reached:
                raise Unreachable(about(one.name, trouble(one)), one.remedy)
        idle_after = setup.look.thresholds.idle_after
        offered = _offered(_looked(fleet, snapshots, idle_after), wanted)
        now, tunnels, known = time.time(), fleet.tunnels(), {one.name: one for one in snapshots}
        asked = [mend_confirmation(one, known[host], now, tunnels) for host, one in offered]
        if not agreed(asked, [one.command for _, one in offered], options):
            return 0
        code = max(_carry_out(fleet, host, one, options) for host, one in offered)
        touched = [known[host] for host in dict.fromkeys(host for host, _ in offered)]
        found = _settled(fleet, touched, idle_after, wanted, hurried=code != 0)
        if options.json:
            sys.stdout.write(f"{printed(actions.checkups(touched, found, time.time()))}\n")
        else:
            _say(touched, found, wanted)
        return code or int(_left(found, wanted))


def _looked(fleet: Fleet, snapshots: Sequence[HostSnapshot], idle_after: float) -> Found:
    return {one.name: answer.get() for one, answer in ask(fleet, snapshots, idle_after)}


def _offered(found: Found, wanted: set[str]) -> list[tuple[str, Mend]]:
    """`TargetError` where a name is of nothing that can be mended: with what is to be done about it, or what can be."""
    rows = [(host, check) for host, checks in found.items() for check in checks if check.status != "ok"]
    offered = [(host, check.mend) for host, check in rows if check.name in wanted and check.mend is not None]
    for name in sorted(wanted - {check.name for _, check in rows if check.mend is not None}):
        if here := next(((host, check) for host, check in rows if check.name == name), None):
            raise TargetError(f"{about(here[0], name)} is not for gpuws to mend: {here[1].detail}", here[1].remedy)
        there = sorted({check.name for _, check in rows if check.mend is not None})
        remedy = f"what gpuws can mend there: {', '.join(there)}" if there else "there is nothing that gpuws can mend"
        raise TargetError(f"{', '.join(found)} {'has' if len(found) == 1 else 'have'} no trouble {name!r}", remedy)
    return sorted(offered, key=lambda one: one[1].kind in REMAKING)


def _carry_out(fleet: Fleet, host: str, one: Mend, options: Options) -> int:
    try:
        said = fleet.mend(host, one)
    except GpuwsError as error:
        note(str(GpuwsError(about(host, error.message), error.remedy)))
        return error.exit_code
    if not options.json:
        sys.stdout.write(f"{about(host, said)}\n")
        sys.stdout.flush()
    return 0


def _left(found: Found, wanted: set[str]) -> bool:
    return any(check.name in wanted and check.status != "ok" for checks in found.values() for check in checks)


def _settled(
    fleet: Fleet, snapshots: Sequence[HostSnapshot], idle_after: float, wanted: set[str], *, hurried: bool
) -> Found:
    deadline = time.monotonic() + (0.0 if hurried else SETTLING)
    while True:
        found = _looked(fleet, snapshots, idle_after)
        if not _left(found, wanted) or time.monotonic() >= deadline:
            return found
        time.sleep(PAUSE)


def _say(snapshots: Sequence[HostSnapshot], found: Found, wanted: set[str]) -> None:
    """What of it is still there."""
    for snapshot in snapshots:
        rows = [check for check in found[snapshot.name] if check.name in wanted and check.status != "ok"]
        if rows:
            lines = report(snapshot, rows, style(), everything=False)
            sys.stdout.write("".join(f"{line}\n" for line in lines))
        else:
            sys.stdout.write(f"{about(snapshot.name, 'looked at again: mended')}\n")
