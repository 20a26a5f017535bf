"""Memory that runs out inside a container of mine: told while it goes on, and no reason for how it ends later."""

from __future__ import annotations

import threading
from contextlib import ExitStack

import pytest

from tests.engines.docker.inside import until
from tests.engines.docker.lab_engine import lab_engine
from tests.lab import docker_api

CAP = 32 << 20
EATS = "trap 'exit 0' TERM; sh -c 'x=a; while :; do x=$x$x; done'; echo survived; while :; do sleep 0.1; done"


@pytest.mark.lab
@pytest.mark.parametrize("host", ["alpha", "bravo"])
def test_a_child_that_the_kernel_kills_is_told_and_a_later_stop_is_a_stop(lab, host):
    """Docker 20.10 says it in an event alone until the container ends, 26.1 in its state, too; both keep it there."""
    with ExitStack() as stack:
        engine, name = lab_engine(stack, host), f"gpuws-eater-{host}"

        def one():
            return next((each for each in engine.workspaces() if each.name == name), None)

        stop, listening = threading.Event(), threading.Event()
        stack.callback(docker_api.call, host, "DELETE", f"/containers/{name}", query={"force": True})
        body = {
            "Image": "gpuws-lab/workspace:latest", "Entrypoint": [], "Cmd": ["sh", "-c", EATS],
            "HostConfig": {"Memory": CAP, "MemorySwap": CAP},
        }  # fmt: skip
        identity = docker_api.call(host, "POST", "/containers/create", query={"name": name}, body=body)["Id"]

        def follow():
            for _ in engine.changes(stop):
                listening.set()

        follower = threading.Thread(target=follow)
        follower.start()
        stack.callback(follower.join)
        stack.callback(stop.set)
        assert listening.wait(10)
        engine.act(identity, "start")
        until(lambda: one().reason == "out of memory inside", f"not told: {one()}", 20.0)
        assert (one().out_of_memory, one().oom_kills, one().failed, one().alive) == ("inside", 1, True, True)
        engine.act(identity, "stop")
        until(lambda: not one().alive, "it goes on")
        assert (one().reason, one().failed, one().out_of_memory) == ("exited 0", False, "inside")
