"""The fleet of a program that outlives those who look at it: hosts come, rest and change while it goes on."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from gpuws.fleet.events import HostsChanged
from gpuws.fleet.local.fleet import LocalFleet
from gpuws.fleet.local.host.supervisor import Supervisor

if TYPE_CHECKING:
    from gpuws.fleet.local.dependencies import ProfileSource
    from gpuws.model.host import Host
    from gpuws.model.kept_wait import KeptWait
    from gpuws.model.settings import Settings
    from gpuws.model.tunnel import TunnelPlan


class LastingFleet(LocalFleet):
    """A `LocalFleet` that starts with nobody to look: each host is dialled when somebody wants it."""

    def connect(self, hosts: Collection[str], *, retry: bool) -> None:
        """Connect to those that nobody wanted yet, go on with those that rested, try again what failed.

        `retry`: a person is there, for whom logins may be tried that were refused before."""
        self._started = True
        for name in hosts:
            self._supervisor(name).wake(retry=retry)

    def rest(self, keep: Collection[str]) -> None:
        """Nobody looks: read nothing any more, and keep only the links of these hosts."""
        for name, supervisor in self._supervisors.items():
            if not supervisor.started:
                continue
            if name in keep:
                supervisor.rest()
            else:
                supervisor.close()
                self._supervisors = {**self._supervisors, name: self._supervise(supervisor.host)}

    def logins(self) -> tuple[str, ...]:
        """Hosts whose link a person logged in for."""
        return tuple(name for name, supervisor in self._supervisors.items() if supervisor.needed_human)

    def tunnel_plans(self) -> dict[str, TunnelPlan]:
        """By id: how the open tunnels can be opened again."""
        return self._tunnels.plans()

    def restore(self, plan: TunnelPlan) -> None:
        """Open a tunnel on its port although its host may be away: it waits for it. A notebook's URL comes later."""
        supervisor = self._supervisor(plan.target.place.host)
        self._tunnels.open(plan.target, plan.local_port)
        supervisor.wake(retry=False)

    def waiting(self) -> bool:
        """A wait goes on, for which hosts must be read."""
        return self._waits is not None and self._waits.going

    def restore_waits(self, waits: Sequence[KeptWait]) -> None:
        """Go on with what the program before this one waited for."""
        if waits:
            self._kept_waits().restore(waits)

    def reconfigure(self, hosts: Sequence[Host], settings: Settings, profiles: ProfileSource) -> None:
        """Take a changed configuration. Hosts reached in the same way keep their link."""
        self._settings, self._profiles = settings, profiles
        self._connector.know(hosts)
        before = self._supervisors
        self._supervisors = {host.name: self._kept(before.get(host.name), host) for host in hosts}
        for name, supervisor in before.items():
            if self._supervisors.get(name) is not supervisor:
                supervisor.close()
                if name in self._supervisors and supervisor.started:
                    self._supervisors[name].start()
        self._hub.publish(HostsChanged(tuple(self._supervisors)))

    def _kept(self, supervisor: Supervisor | None, host: Host) -> Supervisor:
        if supervisor is None or not supervisor.host.reached_as(host):
            return self._supervise(host)
        supervisor.use(host, self._settings)
        return supervisor
