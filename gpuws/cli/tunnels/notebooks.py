"""jupyter --stop and --log: the end of a server, and what it said."""

from __future__ import annotations

import sys

from gpuws.cli.toolkit.confirmation import agree
from gpuws.cli.toolkit.failures import note
from gpuws.cli.toolkit.options import Options
from gpuws.cli.toolkit.selection import find, hosts_of
from gpuws.cli.toolkit.setup import open_fleet, set_up
from gpuws.model.query.target import parse


def stop(options: Options, word: str) -> int:
    setup, target = set_up(options), parse(word)
    with open_fleet(setup, hosts_of(setup, target)) as fleet:
        found = find(fleet, target, options.timeout)
        port = target.port if target.suffix else None
        if not options.yes:
            which = f" on port {port}" if port else ""
            agree(f"Stop the Jupyter server{which} in {found.label}? Its kernels end, with what they hold.", "--yes")
        fleet.stop_jupyter(found.place, port)
        sys.stdout.write(f"{word}: stopped\n")
    return 0


def log(options: Options, word: str) -> int:
    setup, target = set_up(options), parse(word)
    with open_fleet(setup, hosts_of(setup, target)) as fleet:
        found = find(fleet, target, options.timeout)
        lines = fleet.jupyter_log(found.place)
        if not lines:
            where = f"gpuws logs {found.label}" if found.container else f"gpuws jupyter {found.label} --start"
            note(f"no server was started with --start in {found.label} — {where}")
        sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 0
