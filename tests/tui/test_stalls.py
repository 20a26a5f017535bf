"""The loop never stands still: hosts come, go and hang while every value changes."""

from __future__ import annotations

import asyncio
import gc
import time
from dataclasses import replace

import pytest

from gpuws.fleet.events import HostsChanged
from gpuws.model.host.host import HostState
from tests.factories import NOW, container, gpu, snapshot
from tests.tui.driving import running
from tests.tui.lab import StubFleet

HOSTS, GPUS, ROUNDS = 32, 8, 24
STALL = 0.05  # seconds of work between two beats of the loop


class Beats:
    """Wakes every few milliseconds inside the loop. `worst`: the longest the loop itself worked in between."""

    def __init__(self):
        self.worst = self.late = 0.0

    async def run(self):
        wall, work = time.perf_counter(), time.thread_time()
        while True:
            await asyncio.sleep(0.005)
            now, done = time.perf_counter(), time.thread_time()
            self.late = max(self.late, now - wall - 0.005)
            self.worst = max(self.worst, done - work)
            wall, work = now, done


def host(number, step):
    """Its values in this step: all of them change, and every fifth host is in trouble now and then."""
    name = f"gpu-{number:02}"
    gpus = tuple(
        replace(
            gpu(i, user=("alice", "bob", None)[(number + i) % 3], used=20 + (step * 7 + i) % 50, host=name),
            utilization=float((step * 13 + i * 7 + number) % 100),
            power=100.0 + (step * 31 + i) % 300,
            trend=tuple((step + i + n) * 5 % 100 for n in range(20)),
        )
        for i in range(GPUS)
    )
    states = (HostState.UP, HostState.STALE, HostState.DOWN, HostState.CONNECTING)
    state = states[step % 4] if number % 5 == 0 else HostState.UP
    boxes = tuple(container(f"box-{number}-{i}", host=name) for i in range(4 + step % 2))
    return snapshot(
        name, gpus=gpus, state=state, workspaces=boxes, updated_at=NOW + step,
        error=None if state is HostState.UP else "no answer", remedy="" if state is HostState.UP else "wait",
    )  # fmt: skip


def play(fleet, steps):
    """From another thread, as a fleet does."""
    for snapshots, names in steps:
        for each in snapshots:
            fleet.put(each)
        fleet.emit(HostsChanged(names))
        time.sleep(0.12)


def story(step):
    """What is told in this step: new values of all hosts, and which of them there are."""
    snapshots = [host(number, step) for number in range(HOSTS)]
    names = tuple(each.name for number, each in enumerate(snapshots) if (number + step) % 7 or number < 4)
    return snapshots, names


@pytest.mark.alone
@pytest.mark.parametrize("view", ["", "v", "v r r", "r r r 2"])
async def test_no_stall_while_hosts_come_go_and_hang(view, record_property):
    fleet = StubFleet(*(host(number, 0) for number in range(HOSTS)))
    steps = [story(step) for step in range(1, ROUNDS)]
    async with running(fleet, (160, 45), settled=False) as (app, pilot):
        await pilot.until(lambda: app.screen.list.rows)
        for key in view.split():
            await pilot.press(key)
        await pilot.pause()
        gc.collect()
        gc.freeze()  # the story itself is no burden of the app
        beats = Beats()
        beating = asyncio.create_task(beats.run())
        telling = asyncio.get_running_loop().run_in_executor(None, play, fleet, steps)
        while not telling.done():
            await pilot.press("j")
            await asyncio.sleep(0.2)
        beating.cancel()
        gc.unfreeze()
        assert len(app.state.hosts) < HOSTS
    record_property("worst_ms", round(beats.worst * 1000, 1))
    print(f"{view!r}: the loop worked at most {beats.worst * 1000:.1f} ms at once, late {beats.late * 1000:.1f} ms")
    assert beats.worst < STALL
