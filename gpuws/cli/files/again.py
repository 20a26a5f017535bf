"""A copy whose link was cut waits for its hosts, and goes on."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection
from typing import TYPE_CHECKING

from gpuws.cli.toolkit.failures import note
from gpuws.cli.toolkit.progress import ProgressLine
from gpuws.cli.toolkit.selection import reachable
from gpuws.cli.toolkit.waiting import settled, until
from gpuws.model.errors import GpuwsError, Unreachable

if TYPE_CHECKING:
    from gpuws.fleet.base import Fleet

NEEDS = frozenset({"containers"})
PAUSE = 1.0
"""Seconds before the first look: a link that broke is not taken for broken at once."""
GLANCE = 0.5  # seconds between looks whether the user cancelled
PATIENCE = 24 * 3600.0
"""Seconds for a host to come back."""


def come_back(
    fleet: Fleet, names: Collection[str], cancel: threading.Event, error: Unreachable, line: ProgressLine
) -> None:
    """Returns once all hosts `names` can be worked with, or `cancel` is set. Raises where one will not come back by
    itself, or for a day did not."""
    line.end()
    note(f"{error.message}: the copy goes on when it is back")
    deadline = time.monotonic() + PATIENCE
    cancel.wait(PAUSE)

    def done() -> bool:
        its = [one for one in fleet.snapshots() if one.name in names]
        return all(one.state.final or (one.state.reached and settled(one, NEEDS)) for one in its)

    while not cancel.is_set():
        if time.monotonic() > deadline:
            raise error
        if until(fleet, done, GLANCE):
            for one in fleet.snapshots():
                if one.name in names:
                    reachable(one)
            return
    raise GpuwsError("cancelled")
