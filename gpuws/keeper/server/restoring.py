"""Tunnels of the keeper before this one, opened again on their ports."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection

from gpuws.fleet.events import Event, HostUpdated
from gpuws.keeper.server.backend import Backend
from gpuws.model.errors import GpuwsError
from gpuws.model.host.host import HostState
from gpuws.model.session.tunnel import TunnelPlan

log = logging.getLogger(__name__)


def restore(backend: Backend, plans: Collection[TunnelPlan], restored: Callable[[str], None]) -> None:
    """Their listeners stand when this returns; their hosts are connected to meanwhile. `restored` gets each id."""
    notebooks = []
    for plan in plans:
        try:
            backend.restore(plan)
        except GpuwsError as error:  # the host was taken out of the configuration, or the port is somebody else's now
            log.warning("the tunnel to %s could not be opened again: %s", plan.target.text, error.message)
            continue
        restored(plan.target.text)
        if plan.target.kind == "notebook":
            notebooks.append(plan)
    if notebooks:
        threading.Thread(target=_find_tokens, args=(backend, notebooks), name="notebooks", daemon=True).start()


def _find_tokens(backend: Backend, plans: list[TunnelPlan]) -> None:
    """Each notebook's address, once its host is there and its containers are known."""
    due, waiting = threading.Event(), {plan.target.place.host for plan in plans}

    def look(event: Event) -> None:
        if isinstance(event, HostUpdated) and event.snapshot.name in waiting:
            due.set()

    stop = backend.fleet.subscribe(look)
    try:
        while plans:
            listed = {
                s.name for s in backend.fleet.snapshots() if s.state is HostState.UP and "containers" in s.complete
            }
            for plan in [plan for plan in plans if plan.target.place.host in listed]:
                plans.remove(plan)
                _find_token(backend, plan)
            if plans:
                due.wait()
                due.clear()
    finally:
        stop()


def _find_token(backend: Backend, plan: TunnelPlan) -> None:
    try:
        backend.fleet.open_jupyter(plan.target.place, plan.local_port)
    except GpuwsError as error:
        log.warning("the notebook of %s was not found again: %s", plan.target.label, error.message)
