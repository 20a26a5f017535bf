"""`ports`: what listens in a place, and which port a service's name means."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gpuws.cli.toolkit.failures import note
from gpuws.cli.toolkit.options import Options
from gpuws.cli.toolkit.selection import find, hosts_of
from gpuws.cli.toolkit.setup import open_fleet, set_up
from gpuws.cli.toolkit.tables import render, style
from gpuws.model.errors import TargetError
from gpuws.model.query.target import Found, parse
from gpuws.model.session.service import TITLES, ListeningPort
from gpuws.present.documents import listings
from gpuws.present.documents.base import printed
from gpuws.present.tables import ports

if TYPE_CHECKING:
    from gpuws.fleet.base import Fleet


def list_ports(options: Options, word: str) -> int:
    setup, target = set_up(options), parse(word)
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


def port_of(fleet: Fleet, found: Found, service: str) -> ListeningPort:
    """The one port there that `service` means. TargetError with the candidates where it is none or several."""
    listed = fleet.listening_ports(found.place)
    there = [one for one in listed if one.service == service]
    if len(there) == 1:
        return there[0]
    if there:
        several = ", ".join(f"{found.label}:{one.port}" for one in there)
        raise TargetError(f"{found.label} has {TITLES[service]} on several ports", f"one of {several}")
    raise TargetError(f"{found.label}: {TITLES[service]} does not listen there", _others(found, listed))


def _others(found: Found, listed: Sequence[ListeningPort]) -> str:
    web = ", ".join(f"{one.title} on {one.port}" for one in listed if one.web)
    return f"what does: {web}" if web else f"gpuws ports {found.label} lists what does"
