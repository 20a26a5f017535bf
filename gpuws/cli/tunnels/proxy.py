"""`proxy`: a SOCKS proxy here that leads to whatever a host reaches."""

from __future__ import annotations

import sys

from gpuws.cli.toolkit.confirmation import agree
from gpuws.cli.toolkit.failures import note
from gpuws.cli.toolkit.options import Options
from gpuws.cli.toolkit.selection import find, hosts_of
from gpuws.cli.toolkit.setup import open_fleet, set_up
from gpuws.cli.toolkit.waiting import until
from gpuws.link.forward.socks import SocksProxy
from gpuws.model.errors import UsageError
from gpuws.model.query.target import parse
from gpuws.workstation.loopback import others


def run_proxy(options: Options, word: str, port: int | None) -> int:
    """Until Ctrl-C. Each connection goes over the host's link; names are looked up there."""
    setup = set_up(options)
    target = parse(word, setup.names())
    with open_fleet(setup, hosts_of(setup, target)) as fleet:
        found = find(fleet, target, options.timeout)
        if found.container is not None:
            raise UsageError(f"{found.label} is a container", f"a host leads on: gpuws proxy {found.place.host}")
        _agree_to_people(options, found.label)
        proxy = SocksProxy(lambda host, there: fleet.dial_port(found.place, there, host), port)
        try:
            sys.stdout.write(f"socks5h://127.0.0.1:{proxy.port}\n")
            sys.stdout.flush()
            note(f"leads to whatever {found.label} reaches; open until Ctrl-C")
            until(fleet, lambda: False, None)
        finally:
            proxy.close()
    return 0


def _agree_to_people(options: Options, host: str) -> None:
    """Who is logged in here, too, could go wherever the host leads."""
    people = () if options.yes else others()
    if people:
        here = f"{', '.join(people)} {'is' if len(people) == 1 else 'are'} logged in here, too"
        agree(f"a proxy asks for no login, and {here}: they would reach what {host} reaches. Open it?", "--yes")
