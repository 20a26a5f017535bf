"""The log of a container, or of several."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from typing import TYPE_CHECKING

from gpuws.model.host.naming import labelled
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.units import count
from gpuws.model.workspace.workspace import Workspace
from gpuws.tui.logs.screen import FollowScreen
from gpuws.tui.workspaces.words import LOG_TAIL, log_command, logs_command

if TYPE_CHECKING:
    from gpuws.fleet.reading import OpenLog


class LogScreen(FollowScreen):
    """What is followed goes on when the container was started again."""

    TAIL = LOG_TAIL
    has_runs = True

    def __init__(self, containers: Sequence[Workspace], snapshot: HostSnapshot) -> None:
        one = containers[0]
        about = f"{one.name} on {one.ref.host}" if len(containers) == 1 else count(len(containers), "container")
        super().__init__(f"log · {about}")
        self._snapshot = snapshot
        self._containers = containers
        if len(containers) > 1:
            names = [one.name for one in containers]
            self.names = [
                one.name if names.count(one.name) == 1 else labelled(one.ref.host, one.name) for one in containers
            ]

    def streams(self) -> Sequence[OpenLog]:
        return [partial(self.app.fleet.logs, one.ref) for one in self._containers]

    def equivalent(self) -> str:
        if len(self._containers) > 1:
            return logs_command(self._containers, times=self.times)
        return log_command(self._containers[0], self._snapshot, times=self.times)

    def fleet_changed(self, hosts: Collection[str]) -> None:
        there = [one if one.ref.host in hosts else None for one in self._containers]
        self.resume(lambda place: (one := there[place]) is not None and self._runs(one))

    def _runs(self, one: Workspace) -> bool:
        host = self.app.state.hosts.get(one.ref.host)
        return host is not None and any(each.ref == one.ref and each.alive for each in host.workspaces)
