"""metrics: what hosts tell now, as OpenMetrics."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence

from gpuws.cli.toolkit.failures import note
from gpuws.cli.toolkit.options import Options
from gpuws.cli.toolkit.selection import chosen_hosts
from gpuws.cli.toolkit.setup import open_fleet, set_up
from gpuws.cli.toolkit.waiting import gather
from gpuws.model.errors import HostError
from gpuws.model.host.completeness import shortfall
from gpuws.present.metrics.families import families
from gpuws.present.metrics.text import written

PATIENCE = 5.0
"""Seconds."""
NEEDS = frozenset({"telemetry", "containers"})


def print_metrics(options: Options, hosts: Sequence[str], *, names: bool) -> int:
    """3 where a host failed, or did not tell all in time; what is known of it is told all the same."""
    setup = set_up(options)
    chosen = chosen_hosts(setup, [*hosts, *options.host], options.tag)
    with open_fleet(setup, chosen) as fleet:
        snapshots = gather(fleet, NEEDS, PATIENCE if options.timeout is None else options.timeout)
    sys.stdout.write(written(families(snapshots, time.time(), names=names)))
    short = [error for snapshot in snapshots if (error := shortfall(snapshot, NEEDS))]
    for error in short:
        note(str(error))
    partial = short or not all(snapshot.state.reached for snapshot in snapshots)
    return HostError.exit_code if partial and not options.allow_partial else 0
