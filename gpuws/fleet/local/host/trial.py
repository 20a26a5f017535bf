"""A host tried out before it is one of the fleet: connected to as any other, looked at, and let go."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable

from gpuws.fleet.local.host.supervisor import Supervisor
from gpuws.model.errors import Cancelled
from gpuws.model.host.completeness import HOLDERS, final
from gpuws.model.host.host import Host, HostState
from gpuws.model.host.snapshot import HostSnapshot

GLANCE = 0.1  # seconds between looks at `cancel`
READING = 15.0  # seconds for GPUs and engine, once it is reached

Publish = Callable[[HostSnapshot], None]
Make = Callable[[Host, Publish], Supervisor]


def tried(host: Host, make: Make, report: Publish, cancel: threading.Event) -> HostSnapshot:
    """`make` gives the supervisor that connects. What the host is known to be then; `Cancelled`."""
    told: queue.SimpleQueue[HostSnapshot] = queue.SimpleQueue()
    supervisor = make(host, told.put)
    supervisor.start(person=True)
    try:
        return _outcome(told, report, cancel)
    finally:
        supervisor.close()


def _outcome(told: queue.SimpleQueue[HostSnapshot], report: Publish, cancel: threading.Event) -> HostSnapshot:
    up_at: float | None = None
    newest: HostSnapshot | None = None
    while not cancel.is_set():
        try:
            newest = told.get(timeout=GLANCE)
        except queue.Empty:
            pass
        else:
            report(newest)
        if newest is None:
            continue
        if newest.state is HostState.UP:
            up_at = up_at or time.monotonic()
        if _over(newest) or (up_at is not None and time.monotonic() - up_at > READING):
            return newest
    raise Cancelled("the test was stopped")


def _over(snapshot: HostSnapshot) -> bool:
    """All that it can tell was told, or it is not reached. While a question is open there is no error yet."""
    if snapshot.state is HostState.UP:
        return final(snapshot, HOLDERS) and snapshot.engine is not None
    return snapshot.error is not None
