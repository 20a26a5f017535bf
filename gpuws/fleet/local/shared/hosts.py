"""The hosts of a local fleet: a supervisor for each, found by name, and what verbs must know of one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from gpuws.fleet.local.host.backoff import Crowd
from gpuws.fleet.local.host.supervisor import Supervisor
from gpuws.fleet.local.shared.stops import Stops
from gpuws.model.errors import Refused, TargetError, Unreachable
from gpuws.model.host.machine import acquainted, machine_of
from gpuws.model.host.ran import TRIED

if TYPE_CHECKING:
    from gpuws.engines.base import Site
    from gpuws.fleet.local.shared.dependencies import Connector
    from gpuws.fleet.local.shared.questions import Questions
    from gpuws.jupyter.kernels import Reached
    from gpuws.model.gpu.reading import Machine
    from gpuws.model.host.host import Host
    from gpuws.model.host.snapshot import HostSnapshot
    from gpuws.model.settings import Settings
    from gpuws.model.workspace.workspace import PlaceRef, Workspace


class Hosts:
    """`publish` gets each new snapshot of any of them. Any thread may look; one at a time changes who is there.
    `at_hand`: notebook servers of a host, by its name, whose tokens are known already."""

    def __init__(
        self,
        settings: Settings,
        connector: Connector,
        questions: Questions,
        publish: Callable[[HostSnapshot], None],
        at_hand: Callable[[str], Sequence[Reached]] = lambda _: (),
        stops: Stops | None = None,
    ) -> None:
        self.settings = settings
        self._connector = connector
        self._questions = questions
        self._publish = publish
        self._at_hand = at_hand
        self._stops = stops or Stops()
        self._machines: dict[Machine, set[str]] = {}  # names one was ever known by; some may be another's by now
        self._supervisors: dict[str, Supervisor] = {}
        self._started = False
        self._crowd = Crowd()
        connector.on_login(self._logged_in)
        connector.on_change(self._again)

    # who is there

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._supervisors)

    def all(self) -> tuple[Supervisor, ...]:
        return tuple(self._supervisors.values())

    def add(self, host: Host) -> None:
        """One of a name that is there already stays as it is."""
        if host.name not in self._supervisors:
            self._supervisors = {**self._supervisors, host.name: self._supervise(host)}
            if self._started:
                self._supervisors[host.name].start()

    def start(self) -> None:
        self._started = True
        for supervisor in self.all():
            supervisor.start()

    def wake(self, names: Collection[str], *, retry: bool) -> None:
        """`Supervisor.wake` of each; those that are added from now on connect at once."""
        self._started = True
        for name in names:
            self.find(name).wake(retry=retry)

    def rest(self, keep: Collection[str]) -> None:
        """Read nothing any more, and keep only the links of these."""
        for name, supervisor in self._supervisors.items():
            if not supervisor.started:
                continue
            if name in keep:
                supervisor.rest()
            else:
                supervisor.close()
                self._supervisors = {**self._supervisors, name: self._supervise(supervisor.host)}

    def use(self, hosts: Sequence[Host], settings: Settings) -> None:
        """Take a changed configuration. Hosts reached in the same way keep their link."""
        self.settings = settings
        self._connector.know(hosts)
        before = self._supervisors
        self._supervisors = {host.name: self._reused(before.get(host.name), host) for host in hosts}
        for name, supervisor in before.items():
            if self._supervisors.get(name) is not supervisor:
                supervisor.close()
                if name in self._supervisors and supervisor.started:
                    self._supervisors[name].start()

    def follow(self, hosts: Sequence[Host]) -> None:
        """The same for hosts that were written down just now: those that were not there are connected to."""
        before = self._supervisors
        self.use(hosts, self.settings)
        for name, supervisor in self._supervisors.items():
            if self._started and name not in before:
                supervisor.start()

    def trial(self, host: Host, publish: Callable[[HostSnapshot], None]) -> Supervisor:
        """One beside the fleet's, which looks and changes nothing; `publish` alone hears of it.

        It goes by a name that no host has: neither its questions nor where it leads are taken for those of the host
        that is there already."""
        apart = replace(host, name=f"{host.name}{TRIED}", hostname=host.hostname or host.name, readonly=True)

        def told(snapshot: HostSnapshot) -> None:
            publish(replace(snapshot, name=host.name))

        return Supervisor(apart, self.settings, self._connector, self._questions, told, lambda snapshot: snapshot)

    def close(self) -> None:
        for supervisor in self.all():
            supervisor.close()
        self._connector.close()

    # what verbs need of one

    def find(self, host: str) -> Supervisor:
        if host not in self._supervisors:
            raise TargetError(f"no host {host!r}", "known hosts: " + (", ".join(self._supervisors) or "none"))
        return self._supervisors[host]

    def writable(self, host: str) -> Supervisor:
        supervisor = self.find(host)
        if supervisor.readonly:
            raise read_only(host)
        return supervisor

    def workspace(self, place: PlaceRef) -> Workspace | None:
        """As it was listed last; None for a host, and where it is gone."""
        listed = self.find(place.host).snapshot.workspaces
        return next((one for one in listed if one.id == place.workspace), None)

    def site(self, host: str) -> Site:
        """What planning must know of `host`; GpuwsError before it has told."""
        from gpuws.engines.base import Site
        from gpuws.model.host.completeness import shortfall

        supervisor = self.find(host)
        snapshot = supervisor.snapshot
        if snapshot.facts is None:
            raise Unreachable(f"{host} has not told yet who you are there", "try again in a moment")
        return Site(
            replace(supervisor.host, readonly=supervisor.readonly),
            snapshot.facts,
            snapshot.gpus,
            snapshot.me.owner,
            self.settings.workstation,
            snapshot.driver,
            snapshot.cuda,
            shortfall(snapshot, frozenset({"telemetry"})),
        )

    # own

    def _logged_in(self, where: Hashable) -> None:
        """One login brings back all that wait for it."""
        for supervisor in self.all():
            supervisor.logged_in(where)

    def _supervise(self, host: Host) -> Supervisor:
        return Supervisor(
            host,
            self.settings,
            self._connector,
            self._questions,
            self._publish,
            self._acquainted,
            self._at_hand,
            self._crowd,
            self._stops,
        )

    def _again(self) -> None:
        for supervisor in self.all():
            supervisor.again()

    def _reused(self, supervisor: Supervisor | None, host: Host) -> Supervisor:
        if supervisor is None or not supervisor.host.reached_as(host):
            return self._supervise(host)
        supervisor.use(host, self.settings)
        return supervisor

    def _acquainted(self, snapshot: HostSnapshot) -> HostSnapshot:
        """It takes no lock, as each change of any host comes by: what the others told last is read as it stands."""
        names: set[str] = set()
        if machine := machine_of(snapshot):
            names = self._machines.setdefault(machine, names)
            names.add(snapshot.name)
        told = (one.told for name, one in self._supervisors.items() if name in names) if len(names) > 1 else ()
        snapshot = self._stops.told(snapshot)
        return acquainted(snapshot, told, strict=self._connector.readonly_elsewhere(snapshot.name))


def read_only(host: str, remedy: str = "drop `readonly` from hosts.yaml or --readonly") -> Refused:
    return Refused(f"{host} is read-only", remedy)
