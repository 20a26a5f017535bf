"""Tunnels of the keeper that live with this program: opened again on their port when another keeper took over."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from gpuws.fleet.events import Event, TunnelsChanged
from gpuws.model.errors import GpuwsError
from gpuws.model.session.tunnel import Tunnel

PATIENCE = 60.0  # seconds during which a tunnel is opened again
RETRY = 0.5  # seconds between attempts: its host must be connected first


@dataclass(frozen=True, slots=True)
class _Lease:
    """`listed`: the keeper has shown it; if it shows it no more, somebody closed it."""

    tunnel: Tunnel
    reopen: Callable[[], Tunnel]
    listed: bool = False


class LeasedTunnels:
    """Any thread may call."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._leases: dict[str, _Lease] = {}

    def add(self, tunnel: Tunnel, reopen: Callable[[], Tunnel]) -> None:
        with self._lock:
            self._leases[tunnel.id] = _Lease(tunnel, reopen)

    def drop(self, tunnel_id: str) -> None:
        with self._lock:
            self._leases.pop(tunnel_id, None)

    def added_to(self, listed: Sequence[Tunnel]) -> tuple[Tunnel, ...]:
        """`listed` and what the keeper does not show yet, or not again yet."""
        ids = {tunnel.id for tunnel in listed}
        with self._lock:
            missing = [lease.tunnel for key, lease in self._leases.items() if key not in ids]
        return (*listed, *(replace(tunnel, state="waiting") for tunnel in missing))

    def on_event(self, event: Event) -> None:
        if not isinstance(event, TunnelsChanged):
            return
        ids = {tunnel.id for tunnel in event.tunnels}
        with self._lock:
            self._leases = {
                key: replace(lease, listed=lease.listed or key in ids)
                for key, lease in self._leases.items()
                if key in ids or not lease.listed
            }

    def lost(self) -> None:
        """The keeper is gone, and with it what it showed."""
        with self._lock:
            self._leases = {key: replace(lease, listed=False) for key, lease in self._leases.items()}

    def open_again(self) -> None:
        """Each on its port; returns when all are open, or patience is over."""
        with self._lock:
            waiting = [lease.reopen for lease in self._leases.values()]
        deadline = time.monotonic() + PATIENCE
        while waiting and time.monotonic() < deadline:
            waiting = [reopen for reopen in waiting if not _works(reopen)]
            time.sleep(RETRY if waiting else 0)


def _works(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except GpuwsError:
        return False
    return True
