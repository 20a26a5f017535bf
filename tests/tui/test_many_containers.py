"""The table of containers with 500 of them, and 200 sessions, on ten hosts that all tell of changes all the time."""

import gc
import random
import threading
import time
from contextlib import contextmanager
from dataclasses import replace

import pytest

from gpuws.fleet.events import HostUpdated
from gpuws.model.workspace.usage import Counters
from tests.factories import GIB, container, gpu, session, snapshot
from tests.tui.driving import running, text
from tests.tui.lab import StubFleet

pytestmark = [pytest.mark.soak, pytest.mark.alone]
HOSTS, EACH, SECONDS = 10, 50, 6.0
PEOPLE = ("alice", "bob", "carol", "dave")


class Crowd(StubFleet):
    def usage(self, host, ids):
        now = time.time()
        return tuple(Counters(one, now, 1.5 * now, 3 * GIB) for one in ids)


def crowded(number, now):
    name = f"host-{number:02d}"
    boxes = tuple(
        container(
            f"box-{at:03d}", host=name, id=f"{number:02d}{at:062d}", owner=PEOPLE[at % 4], mine=at % 4 == 0,
            gpus=(f"GPU-{name}-{at % 8}",) if at % 3 == 0 else (), gpu_memory=at * GIB if at % 3 == 0 else None,
            started=now - 3600 * at, memory_limit=64 * GIB, project=f"project-{at % 7}",
        )
        for at in range(EACH)
    )  # fmt: skip
    gpus = tuple(gpu(at, host=name, user="alice", used=9) for at in range(8))
    sessions = tuple(session(f"s{at}", id=f"${at}") for at in range(20))
    return snapshot(name, updated_at=now, gpus=gpus, workspaces=boxes, sessions=sessions)


def changed(host):
    boxes = tuple(
        replace(one, gpu_memory=None if one.gpu_memory is None else one.gpu_memory + random.randrange(GIB))
        for one in host.workspaces
    )
    return replace(host, updated_at=time.time(), workspaces=boxes)


@contextmanager
def only_what_is_new():
    """Whichever thread is there looks for garbage, in all that a thousand tests before left: not in that."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


@pytest.mark.parametrize(("keys", "shown", "last"), [
    (("c",), "500 containers", "host-09/"),
    (("3",), "step of s0", ""),
    (("t",), "step of s0", ""),
], ids=["containers", "sessions", "jump"])  # fmt: skip
async def test_five_hundred_take_less_than_a_tenth_of_a_core(keys, shown, last):
    hosts = [crowded(number, time.time()) for number in range(HOSTS)]
    fleet, stop = Crowd(*hosts), threading.Event()

    def tell():
        number = 0
        while not stop.wait(2.0 / HOSTS):
            hosts[number] = changed(hosts[number])
            fleet.emit(HostUpdated(hosts[number]))
            number = (number + 1) % HOSTS

    async with running(fleet, size=(160, 45)) as (app, pilot):
        threading.Thread(target=tell, daemon=True).start()
        await pilot.press(*keys)
        await pilot.until(lambda: shown in text(app))
        with only_what_is_new():
            began, busy = (
                time.monotonic(),
                time.thread_time(),
            )  # of the screen's own thread, not of what other tests left
            while time.monotonic() - began < SECONDS:
                await pilot.pause(0.5)
            share = (time.thread_time() - busy) / (time.monotonic() - began)
        if last:
            await pilot.press("G")
            await pilot.until(lambda: app.screen.table.current.key.startswith(last))
        stop.set()
    assert share < 0.10
