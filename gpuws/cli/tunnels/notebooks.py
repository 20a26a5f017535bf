"""jupyter --stop and --log: the end of a server, and what it said."""

from __future__ import annotations

import sys
import time

from gpuws.cli.toolkit.confirmation import settle
from gpuws.cli.toolkit.options import Options
from gpuws.cli.toolkit.selection import find, hosts_of
from gpuws.cli.toolkit.setup import open_fleet, set_up
from gpuws.model.consent.kernels import server_question
from gpuws.model.query.target import parse


def stop(options: Options, word: str) -> int:
    setup = set_up(options)
    target = parse(word, setup.names())
    with open_fleet(setup, hosts_of(setup, target)) as fleet:
        found = find(fleet, target, options.timeout)
        port = target.port if target.suffix else None
        settle([server_question(found, port, time.time(), fleet.tunnels())], options)
        fleet.stop_jupyter(found.place, port)
        sys.stdout.write(f"{word}: stopped\n")
    return 0


def log(options: Options, word: str) -> int:
    setup = set_up(options)
    target = parse(word, setup.names())
    with open_fleet(setup, hosts_of(setup, target)) as fleet:
        found = find(fleet, target, options.timeout)
        sys.stdout.write("".join(f"{line}\n" for line in fleet.jupyter_log(found.place)))
    return 0
