"""inspect: everything the engine knows of containers, without what looks like a secret."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from gpuws.cli.toolkit.failures import note
from gpuws.cli.toolkit.options import Options
from gpuws.cli.toolkit.selection import container_of, find_all, hosts_of, parse_all
from gpuws.cli.toolkit.setup import open_fleet, set_up
from gpuws.model.secret import Hiding, named_by
from gpuws.model.units import count
from gpuws.present.documents.base import printed


def print_inspected(options: Options, words: Sequence[str]) -> int:
    """A JSON array, one object a container, as `docker inspect` prints it."""
    setup = set_up(options)
    targets = parse_all(words, setup.names())
    with open_fleet(setup, hosts_of(setup, *targets)) as fleet:
        found = [container_of(one) for one in find_all(fleet, targets, options.timeout)]
        told = [fleet.inspect(one.ref) for one in found]
    hiding = [Hiding(named_by(one)) for one in told]
    shown = [hidden.of(one) for hidden, one in zip(hiding, told, strict=True)]
    sys.stdout.write(f"{printed(shown)}\n")
    if names := dict.fromkeys(name for one in hiding for name in one.hidden):
        note(f"{count(len(names), 'secret')} hidden: {', '.join(names)}")
    return 0
