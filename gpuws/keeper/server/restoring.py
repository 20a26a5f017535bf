"""Tunnels of the keeper before this one, opened again on their ports."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection

from gpuws.fleet.base import Fleet
from gpuws.model.errors import GpuwsError
from gpuws.model.session.tunnel import TunnelPlan

log = logging.getLogger(__name__)


def restore(fleet: Fleet, plans: Collection[TunnelPlan], restored: Callable[[str], None]) -> None:
    """Their listeners stand when this returns; their hosts are connected to, and notebooks looked for, meanwhile.
    `restored` gets each id."""
    for plan in plans:
        try:
            tunnel = fleet.hold_tunnel(plan.target, plan.local_port, bind=plan.bind)
        except GpuwsError as error:  # the host was taken out of the configuration
            log.warning("the tunnel to %s could not be opened again: %s", plan.target.text, error.message)
            continue
        restored(tunnel.id)
