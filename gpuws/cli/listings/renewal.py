"""Asking hosts anew for what a keeper does not read all the time, before it is listed."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gpuws.cli.listings.kinds import Renew
from gpuws.model.errors import GpuwsError
from gpuws.model.host.machine import one_each

if TYPE_CHECKING:
    from gpuws.fleet.base import Fleet
    from gpuws.model.host.snapshot import HostSnapshot


def renewed(
    fleet: Fleet, snapshots: Sequence[HostSnapshot], renew: Renew, patience: float
) -> tuple[tuple[HostSnapshot, ...], list[str]]:
    """All hosts as they are afterwards, and those that were reached but did not answer in `patience` seconds. They are
    asked at once; one that hangs holds nobody up for longer."""
    answered: set[str] = set()

    def ask(host: str) -> None:
        try:
            if renew(fleet, host):
                answered.add(host)
        except GpuwsError:
            return  # it is named with those that did not answer

    asked = [snapshot.name for snapshot in snapshots if snapshot.state.reached]
    threads = [threading.Thread(target=ask, args=(host,), name=f"renew {host}", daemon=True) for host in asked]
    for thread in threads:
        thread.start()
    until = time.monotonic() + patience
    for thread in threads:
        thread.join(max(until - time.monotonic(), 0))
    return one_each(fleet.snapshots()), [host for host in asked if host not in answered]
