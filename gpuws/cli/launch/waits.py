"""waits: those that go on in the keeper."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence

from gpuws.cli.keeper.keeper import condition_of
from gpuws.cli.toolkit.environment import demo_wanted, keeper_wanted
from gpuws.cli.toolkit.failures import note
from gpuws.cli.toolkit.options import Options
from gpuws.cli.toolkit.outcome import Outcome
from gpuws.cli.toolkit.setup import keeper_home, user_paths
from gpuws.cli.toolkit.tables import render, style
from gpuws.cli.tunnels.tunnels import fleet_of
from gpuws.model.errors import TargetError
from gpuws.model.placement.queued_wait import QueuedWait
from gpuws.present.documents import listings
from gpuws.present.documents.base import printed
from gpuws.present.documents.done import Deed
from gpuws.present.tables import waits


def list_waits(options: Options) -> int:
    found = queued_waits(options)
    if options.json:
        sys.stdout.write(f"{printed(listings.waits(found))}\n")
        return 0
    if not found:
        note("nothing is waited for — gpuws wait --gpus N --launch PROFILE --detach does")
        return 0
    for line in render(waits.listing(found, time.time()), style()):
        sys.stdout.write(f"{line}\n")
    return 0


def cancel_waits(options: Options, words: Sequence[str]) -> int:
    """All of them, or an error before any is ended."""
    known = {one.id: one for one in queued_waits(options)}
    for word in words:
        if word not in known:
            raise TargetError(f"no wait {word!r}", "there are: " + (", ".join(known) or "none"))
    chosen = tuple(dict.fromkeys(words))
    deeds = [Deed("", word, f"gpuws waits cancel {word}") for word in chosen]
    with fleet_of(options) as fleet, Outcome("cancel", "waits", deeds, options) as outcome:
        for word in chosen:
            line = f"{word}: {waits.ordered(known[word])}"
            if options.dry_run:
                outcome.would(f"{line}: would be ended")
            else:
                fleet.cancel_wait(word)
                outcome.done("", word, f"{line}: ended")
    return 0


def queued_waits(options: Options) -> tuple[QueuedWait, ...]:
    """Those of the keeper, or those that a killed one left."""
    if demo_wanted():
        with fleet_of(options) as fleet:
            return fleet.waits()
    if not keeper_wanted():
        note("without the keeper each wait lives in the program that waits")
        return ()
    from gpuws.keeper.server.saved import read_waits

    home = keeper_home(options, user_paths(options))
    if (found := condition_of(home)) is not None:
        return found.waits
    left = read_waits(home.waits)
    if any(one.open for one in left):
        note("no keeper runs; the next command that needs hosts starts one, and it goes on with these")
    return left
