"""`ports`: what listens in a place."""

from __future__ import annotations

import sys
import time

from gpuws.cli.toolkit.failures import note
from gpuws.cli.toolkit.options import Options
from gpuws.cli.toolkit.selection import find, hosts_of
from gpuws.cli.toolkit.setup import open_fleet, set_up
from gpuws.cli.toolkit.tables import render, style
from gpuws.model.query.target import parse
from gpuws.present.documents import listings
from gpuws.present.documents.base import printed
from gpuws.present.tables import ports


def list_ports(options: Options, word: str) -> int:
    setup = set_up(options)
    target = parse(word, setup.names())
    with open_fleet(setup, hosts_of(setup, target)) as fleet:
        found = find(fleet, target, options.timeout)
        listed = fleet.listening_ports(found.place)
    if options.json:
        sys.stdout.write(printed(listings.listening_ports(found.snapshot, found.label, listed, time.time())) + "\n")
        return 0
    if not listed:
        note(f"nothing listens in {found.label}")
    for line in render(ports.listing(listed), style()) if listed else ():
        sys.stdout.write(f"{line}\n")
    return 0
