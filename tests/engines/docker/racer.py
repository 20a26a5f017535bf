"""One gpuws of a race: `python -m tests.engines.docker.racer SSH_CONFIG HOST LAUNCHES`. A JSON line an outcome."""

from __future__ import annotations

import json
import sys
import threading
import time
from types import SimpleNamespace
from typing import Any

from gpuws.fleet.local.fleet import LocalFleet
from gpuws.link.connect.connector import Connector
from gpuws.model.errors import Refused
from gpuws.model.host.host import Host, HostState
from gpuws.model.placement.plan import Want
from gpuws.model.profile.profile import GpuWish, Profile
from gpuws.model.settings import Settings

PROFILE = Profile(
    "race",
    image="gpuws-lab/workspace:latest",
    command=("sleep", "600"),
    gpus=GpuWish(count=1),
    mem_limit=64 << 20,
    pull_policy="never",
)
NEEDED = {"telemetry", "containers"}
SAYING = threading.Lock()


def main(ssh_config: str, host: str, launches: int) -> None:
    source: Any = SimpleNamespace(load=lambda *args, **kwargs: PROFILE, summaries=tuple)
    inventory: Any = SimpleNamespace()
    desks: Any = [SimpleNamespace()] * 2  # profiles and trust: no race asks them
    fleet = LocalFleet(
        [Host(host, ssh_config=ssh_config)], Settings(("alice",)), Connector(), source, inventory, *desks
    )
    fleet.start()
    try:
        ready = time.monotonic() + 60
        while not (fleet.snapshots()[0].state is HostState.UP and fleet.snapshots()[0].complete >= NEEDED):
            assert time.monotonic() < ready, fleet.snapshots()[0]
            time.sleep(0.05)
        print("ready", flush=True)
        sys.stdin.readline()
        threads = [threading.Thread(target=race, args=(fleet, host, number)) for number in range(launches)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        fleet.close()


def say(line: str) -> None:
    with SAYING:
        print(line, flush=True)


def race(fleet: LocalFleet, host: str, number: int) -> None:
    """Until it has a GPU, or none is left."""
    name = f"race-{time.time_ns()}-{number}"
    while True:
        plan = fleet.plan(host, PROFILE.name, Want(name=name))
        if plan.problems:
            say(json.dumps({"lost": plan.problems[0].detail}))
            return
        try:
            ref = fleet.launch(plan, lambda progress: None, threading.Event()).ref
        except Refused as error:
            say(json.dumps({"refused": error.message}))
            continue
        say(json.dumps({"id": ref.id, "gpus": plan.spec.gpu_uuids}))
        return


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
