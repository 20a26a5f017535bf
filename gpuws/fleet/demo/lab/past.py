"""The hour before the demo began, made up from what runs: graphs have something to show at once. Pure but for `rng`."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from gpuws.fleet.demo.lab import figures
from gpuws.fleet.demo.lab.machines import GIB, Machine, Work
from gpuws.fleet.history import STEP, STEPS, History
from gpuws.model.gpu.history import GpuHistory

EPOCH = 26  # steps of a training epoch
VALIDATION = 2  # steps of them with less load
RHYTHM = 3  # steps


def backfill(history: History, machine: Machine, rng: Random, now: float, steps: int = STEPS) -> None:
    """The last `steps` before `now`."""
    if machine.card is None:
        return
    broken = {one.index for one in machine.broken}
    divided = {one.index for one in machine.divided}
    for index in set(range(machine.count)) - broken:
        uuid = figures.gpu_uuid(machine.name, index)
        works = [work for work in machine.works if index in work.gpus]
        for step in range(steps, 0, -1):
            at = now - step * STEP
            alive = [work for work in works if _alive(work, step)]
            load = max((_load(work, step, rng) for work in alive), default=0.0)
            memory = int(sum(work.memory for work in alive) * GIB) + figures.DRIVER_MEMORY
            watts = figures.power(machine.card, load)
            history.note(uuid, at, None if index in divided else load, memory, watts)


def joined(older: GpuHistory | None, newer: GpuHistory) -> GpuHistory:
    """What `newer` does not reach back to is taken from `older`."""
    if older is None:
        return newer
    begin = int(newer.ended_at // STEP) - len(newer.utilization)  # the last step before it
    known = len(older.utilization) - (int(older.ended_at // STEP) - begin)
    wanted = STEPS - len(newer.utilization)
    span = slice(max(known - wanted, 0), max(known, 0))
    return replace(
        newer,
        utilization=older.utilization[span] + newer.utilization,
        memory=older.memory[span] + newer.memory,
        power=older.power[span] + newer.power,
    )


def _alive(work: Work, step: int) -> bool:
    """`step`: how many ago."""
    old_enough = work.age * 3600 > step * STEP
    return old_enough and (not work.rhythm or step // RHYTHM % 2 == 0)


def _load(work: Work, step: int, rng: Random) -> float:
    if work.load < 1:
        return 0.0
    phase = sum(work.command.encode()) % EPOCH  # jobs do not validate all at once
    validating = work.load > 90 and (step + phase) % EPOCH < VALIDATION
    load = work.load * (0.45 if validating else 1.0)
    return min(max(load + rng.gauss(0, 1.5 if load > 90 else 4), 0.0), 100.0)
