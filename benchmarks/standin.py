"""A fleet whose hosts are simulated where SSH would begin: each link carries the lines of an agent with eight GPUs and
sixteen processes, every value of which changes every interval. All that is above the link is gpuws itself."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Hashable, Sequence
from typing import NoReturn

from gpuws.config.hosts.inventory import Inventory
from gpuws.config.paths import find_paths
from gpuws.config.profiles.profiles import ProfileStore
from gpuws.config.profiles.writer import OwnProfiles
from gpuws.fleet.local.assembly import proposals
from gpuws.fleet.local.lasting import LastingFleet
from gpuws.link.place import Ask, Process
from gpuws.model.errors import GpuwsError
from gpuws.model.host.host import Host
from gpuws.model.session.terminal import Completed
from gpuws.model.settings import Settings
from gpuws.probe.bootstrap import MAGIC

GPUS, PROCESSES, MOMENTS = 8, 16, 5
GIB = 1 << 30
INTERVAL = 2.0  # seconds
NAME = b"@host"


def _hello() -> bytes:
    facts = {"type": "hello", "v": 1, "login": "alice", "uid": 1000, "gid": 1000, "groups": ["docker"], "gids": [1000]}
    more = {"home": "/home/alice", "hostname": "@host", "boot_id": "@host", "python": "3.11", "cpu_count": 64}
    return json.dumps(facts | more).encode() + b"\n"


def _sample(moment: int) -> bytes:
    gpus = [
        {
            "index": index, "uuid": f"GPU-@host-{index}", "name": "NVIDIA H100 80GB HBM3", "health": "ok",
            "memory_used": (40 + moment + index) * GIB, "memory_total": 80 * GIB, "temperature": 60 + moment,
            "utilization": 50 + 7 * moment + index, "power": 500.5 + moment * 10 + index, "power_limit": 700.0,
        }
        for index in range(GPUS)
    ]  # fmt: skip
    processes = [
        {
            "pid": 1000 + index, "gpu_uuid": f"GPU-@host-{index % GPUS}", "memory": (20 + moment) * GIB,
            "utilization": 40 + moment, "user": ("alice", "bob", "carol")[index % 3], "uid": 1000 + index % 3,
            "command": f"python train.py --config run-{index}.yaml", "cgroup": "0::/user.slice", "started_at": 1.7e9,
            "cpu_seconds": 1000.0 + moment,
        }
        for index in range(PROCESSES)
    ]  # fmt: skip
    host = {"cpu_percent": 10.0 + moment, "load": 3.0 + moment, "memory_used": (100 + moment) * GIB, "disks": []}
    found = {"source": "nvml", "error": None, "driver": "580.95.05", "cuda": "13.0", "gpus": gpus, "sessions": []}
    sample = {"type": "sample", "v": 1, "seq": moment, "memory_total": 512 * GIB, "processes": processes}
    return json.dumps(sample | host | found).encode() + b"\n"


HELLO, SAMPLES = _hello(), tuple(_sample(moment) for moment in range(MOMENTS))


class StandInProcess:
    """The agent: its lines come at their time, until it is closed. `phase`: when in the interval."""

    def __init__(self, name: str, nonce: str, phase: float) -> None:
        self._name = name.encode()
        self._closed = threading.Event()
        self._turn = -1
        self._due = time.monotonic() + phase
        self._pending = [f"{MAGIC} {nonce}\n".encode(), HELLO]

    def read(self, limit: int = 65536) -> bytes:  # noqa: ARG002 - a line is shorter
        if self._pending:
            return self._pending.pop(0).replace(NAME, self._name)
        if self._closed.wait(max(self._due - time.monotonic(), 0)):
            return b""
        self._due += INTERVAL
        self._turn += 1
        return SAMPLES[self._turn % MOMENTS].replace(NAME, self._name)

    def write(self, data: bytes) -> None:
        pass

    def close_stdin(self) -> None:
        pass

    def read_stderr(self, limit: int = 65536) -> bytes:  # noqa: ARG002
        self._closed.wait()
        return b""

    def wait(self, timeout: float | None = None) -> int | None:
        self._closed.wait(timeout)
        return 0

    def close(self) -> None:
        self._closed.set()


class StandInLink:
    """A host's link: the probe runs over it, and nothing else."""

    alive, needed_human, latency = True, False, 0.02

    def __init__(self, name: str, phase: float) -> None:
        self._name, self._phase = name, phase
        self._agents: list[StandInProcess] = []
        self._tell_lost: Callable[[str], None] = lambda _: None

    def popen(self, argv: Sequence[str]) -> StandInProcess:
        self._agents.append(StandInProcess(self._name, argv[argv.index("gpuws-probe") + 1], self._phase))
        return self._agents[-1]

    def on_lost(self, callback: Callable[[str], None]) -> None:
        self._tell_lost = callback

    def lose(self) -> None:
        """As when the network goes away."""
        self.alive = False
        self.close()
        self._tell_lost("no answer for 15 s")

    def close(self) -> None:
        for agent in self._agents:
            agent.close()

    def facts(self) -> None:
        return None

    def run(self, argv: Sequence[str], *, input: bytes | None = None, timeout: float = 30.0) -> Completed:  # noqa: A002, ARG002
        raise GpuwsError("only the probe runs here")

    def _nothing(self, *_: object, **__: object) -> NoReturn:
        raise GpuwsError("only the probe runs here")

    interactive = dial_tcp = dial_unix = _nothing

    @property
    def relay(self) -> StandInLink:
        return self

    def relay_by(self, popen: Callable[[Sequence[str]], Process]) -> None:
        """There is none."""

    def on_crowded(self, give_way: Callable[[], bool]) -> None:
        """There is always room."""


class StandInConnector:
    """Links to hosts that are simulated, their samples spread over the interval. `links`: those that were made."""

    def __init__(self, count: int) -> None:
        self._count = count
        self.links: dict[str, StandInLink] = {}

    def connect(
        self,
        host: Host,
        ask: Ask,  # noqa: ARG002
        phase: Callable[[str], None],  # noqa: ARG002
        *,
        person: bool,  # noqa: ARG002
        hurried: bool = False,  # noqa: ARG002
    ) -> StandInLink:
        number = int(host.name.rpartition("-")[2])
        self.links[host.name] = StandInLink(host.name, INTERVAL * number / self._count)
        return self.links[host.name]

    def readonly_elsewhere(self, name: str) -> bool:  # noqa: ARG002 - none has two names
        return False

    def on_login(self, told: Callable[[Hashable], None]) -> None:
        pass

    def on_change(self, told: Callable[[], None]) -> None:
        pass

    def know(self, hosts: Sequence[Host]) -> None:
        pass

    def close(self) -> None:
        pass


def stand_in_hosts(count: int) -> tuple[Host, ...]:
    return tuple(Host(f"node-{index:03d}", telemetry_interval=INTERVAL) for index in range(count))


def stand_in_fleet(count: int) -> tuple[LastingFleet, StandInConnector]:
    """With the files of the environment's directories, which a benchmark keeps empty."""
    connector, paths = StandInConnector(count), find_paths(None, os.environ)
    fleet = LastingFleet(
        stand_in_hosts(count),
        Settings(me=("alice",)),
        connector=connector,
        profiles=ProfileStore(()),
        inventory=Inventory(paths, os.environ),
        desk=OwnProfiles(paths, os.environ),
        trust=proposals(paths, os.environ),
    )
    return fleet, connector
