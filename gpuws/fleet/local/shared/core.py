"""What the facets of one local fleet work on together."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from gpuws.fleet.events import HostUpdated, QuestionsChanged, TunnelsChanged
from gpuws.fleet.local.shared.hosts import Hosts
from gpuws.fleet.local.shared.open_tunnels import OpenTunnels
from gpuws.fleet.local.shared.places import Places
from gpuws.fleet.local.shared.questions import Questions
from gpuws.fleet.local.shared.stops import Stops
from gpuws.fleet.publisher import Publisher

if TYPE_CHECKING:
    from gpuws.fleet.local.shared.dependencies import Connector, InventorySource, ProfileDesk, ProfileSource, TrustDesk
    from gpuws.fleet.local.shared.following import Follower
    from gpuws.fleet.local.shared.wait_queue import WaitQueue
    from gpuws.jupyter.kernels import Reached
    from gpuws.model.host.host import Host
    from gpuws.model.notice.wishes import Wishes
    from gpuws.model.session.tunnel import Tunnel, TunnelTarget
    from gpuws.model.settings import Settings


class Core:
    """Each facet is a class of its own on top of this one; the fleet is all of them at once.

    `environ` answers what profiles take from a caller that brings no environment of its own. `wishes`: what is to be
    told, None: as nothing was said of it."""

    def __init__(
        self,
        hosts: Sequence[Host],
        settings: Settings,
        connector: Connector,
        profiles: ProfileSource,
        inventory: InventorySource,
        desk: ProfileDesk,
        trust: TrustDesk,
        environ: Mapping[str, str] = os.environ,
        wishes: Wishes | None = None,
        stops: Stops | None = None,
    ) -> None:
        self._profiles = profiles
        self._inventory = inventory
        self._desk = desk
        self._trust = trust
        self._environ = environ
        self._wishes = wishes
        self._publisher = Publisher()
        publish = self._publisher.publish
        self._questions = Questions(lambda pending: publish(QuestionsChanged(pending)))
        self._hosts = Hosts(
            settings,
            connector,
            self._questions,
            lambda snapshot: publish(HostUpdated(snapshot)),
            self._at_hand,
            stops or Stops(),
        )
        self._places = Places(self._hosts)
        self._tunnels = OpenTunnels(
            self._places, lambda tunnels: publish(TunnelsChanged(tunnels)), self._look_after, self._look_up
        )
        self._follower: Follower | None = None
        self._waits: WaitQueue | None = None
        self._making_waits = threading.Lock()
        for host in hosts:
            self._hosts.add(host)

    def _at_hand(self, host: str) -> Sequence[Reached]:
        """The notebook servers in workspaces there to which tunnels are open, with their tokens."""
        return self._tunnels.servers(host)

    def _look_up(self, target: TunnelTarget) -> TunnelTarget:
        """Where the service of that name listens now. What that takes is loaded with the first."""
        from gpuws.fleet.local.shared.listening import looked_up

        return looked_up(self._places, target)

    def _look_after(self, tunnels: tuple[Tunnel, ...]) -> None:
        """What that takes is loaded with the first of them."""
        if self._follower is None:
            from gpuws.fleet.local.shared.following import Follower

            self._follower = Follower(self._places, self._tunnels)
        self._follower.look(tunnels)
