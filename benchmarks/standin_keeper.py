"""A keeper whose hosts are simulated: `python -m benchmarks.standin_keeper HOSTS`, where the environment says."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Sequence

from benchmarks.standin import stand_in_fleet, stand_in_hosts
from gpuws.config.paths import find_paths
from gpuws.fleet.background.store import TaskStore
from gpuws.fleet.base import Fleet
from gpuws.keeper.__main__ import SWITCH_INTERVAL
from gpuws.keeper.home import find_home, listen, prepare
from gpuws.keeper.server.connection import Connection
from gpuws.keeper.server.server import Server
from gpuws.keeper.wire.messages import Description
from gpuws.model.placement.queued_wait import QueuedWait
from gpuws.model.session.tunnel import TunnelPlan
from gpuws.model.settings import Keeping, ScreenSettings


class StandInHolding:
    def __init__(self, count: int) -> None:
        self._description = Description(stand_in_hosts(count), ScreenSettings())
        self._fleet = stand_in_fleet(count)[0]

    @property
    def fleet(self) -> Fleet:
        return self._fleet

    @property
    def keeping(self) -> Keeping:
        return Keeping()

    def describe(self) -> Description:
        return self._description

    def connect(self, hosts: Collection[str], *, retry: bool) -> None:
        self._fleet.connect(hosts, retry=retry)

    def watch(self, hosts: Collection[str]) -> None:
        self._fleet.watch_all(hosts)

    def rest(self) -> None:
        self._fleet.rest(())

    def logins(self) -> tuple[str, ...]:
        return ()

    def tunnel_plans(self) -> dict[str, TunnelPlan]:
        return {}

    def working(self) -> bool:
        return False

    def restore_waits(self, waits: Sequence[QueuedWait]) -> None:
        pass

    def keep_tasks(self, store: TaskStore) -> None:
        pass

    def capped(self) -> tuple[str, ...]:
        return ()

    def watched_by_rule(self) -> tuple[str, ...]:
        return ()

    def keep_notices(self, store: object) -> None: ...

    def close(self) -> None:
        self._fleet.close()


def main(count: int) -> None:
    home = find_home(find_paths(None, os.environ))
    prepare(home)
    sys.setswitchinterval(SWITCH_INTERVAL)
    Server(home, listen(home), lambda: StandInHolding(count), Connection).run()


if __name__ == "__main__":
    main(int(sys.argv[1]))
