"""The hour before the demo began, made up from what runs: charts have something to show at once. Pure but for `rng`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from random import Random

from gpuws.fleet.demo.lab import figures
from gpuws.fleet.demo.lab.machines import GIB, Machine, Work
from gpuws.fleet.history import HOST, STEP, STEPS, History
from gpuws.model.timeline import SECONDS, Series, Subject, Timeline, Window

EPOCH = 26  # steps of a training epoch
VALIDATION = 2  # steps of them with less load
RHYTHM = 3  # steps


@dataclass(frozen=True, slots=True)
class Ran:
    """A program and its first process; the others have the pids after it, one a GPU."""

    work: Work
    pid: int
    started_at: float


def backfill(history: History, machine: Machine, rng: Random, now: float, steps: int) -> None:
    """The last `steps` before `now`, of its GPUs."""
    for step in range(steps, 0, -1):
        _note_gpus(history, machine, _loads(machine.works, step, rng), now - step * STEP)


def hour(machine: Machine, ran: Sequence[Ran], rng: Random, now: float) -> History:
    """All that is kept of the hour before `now`, of the host, its GPUs and its programs."""
    history = History()
    for ago in _moments():
        at, loads = now - ago, _loads(machine.works, ago / STEP, rng)
        wobble = rng.uniform(-1, 1)
        history.note(HOST, at, host_figures(machine, wobble))
        _note_gpus(history, machine, loads, at)
        for one in ran:
            if one.work in loads:
                _note_processes(history, machine, one, loads[one.work], at)
    return history


def _moments() -> Iterator[float]:
    """Seconds before the end at which there was a sample; the last minutes are told more finely."""
    close = SECONDS["5m"]
    return chain(
        (step * STEP for step in range(round(SECONDS["1h"] / STEP), round(close / STEP), -1)),
        (step * STEPS["5m"] for step in range(round(close / STEPS["5m"]), 0, -1)),
    )


def network(machine: Machine, wobble: float) -> tuple[int, int]:
    """Bytes a second received and sent."""
    return int((4 + 3 * wobble) * 2**20 * machine.count), int((1 - 0.5 * wobble) * 2**20 * machine.count)


def host_figures(machine: Machine, wobble: float) -> dict[str, float | None]:
    """What a host of the demo does besides its GPUs' work. `wobble`: -1…1."""
    return {
        "cpu": round(22 + 6 * wobble, 1),
        "load": round(machine.cores * 0.2 + wobble, 2),
        "memory": int((0.31 + 0.01 * wobble) * machine.memory * GIB),
        "network": sum(network(machine, wobble)),
    }


def _note_gpus(history: History, machine: Machine, loads: Mapping[Work, float], at: float) -> None:
    card = machine.card
    if card is None:
        return
    broken = {one.index for one in machine.broken}
    divided = {one.index for one in machine.divided}
    for index in set(range(machine.count)) - broken:
        alive = {work: load for work, load in loads.items() if index in work.gpus}
        load = max(alive.values(), default=0.0)
        told = {
            "utilization": None if index in divided else load,
            "memory": int(sum(work.memory for work in alive) * GIB) + figures.DRIVER_MEMORY,
            "power": figures.power(card, load),
            "temperature": figures.temperature(index, load),
        }
        history.note(Subject(figures.gpu_uuid(machine.name, index)), at, told)


def _note_processes(history: History, machine: Machine, one: Ran, load: float, at: float) -> None:
    work = one.work
    told = {
        "memory": int(work.memory * GIB),
        "utilization": None if work.instance is not None else round(load),
        "cpu": 0.0 if work.idle is not None else round(load),
    }
    for place, index in enumerate(work.gpus):
        gpu = figures.place_uuid(machine.name, index, work.instance)
        history.note(Subject(gpu, one.pid + place, one.started_at), at, told)


def _loads(works: Sequence[Work], step: float, rng: Random) -> dict[Work, float]:
    """Percent of those that ran so many steps ago."""
    return {work: _load(work, step, rng) for work in works if _alive(work, step)}


def joined(older: Timeline, newer: Timeline, window: Window) -> Timeline:
    """What `newer` does not reach back to is taken from `older`."""
    if not newer.series or not older.series:
        return newer if newer.series else older
    length = round(SECONDS[window] / newer.step)
    known = max(len(one.counts) for one in newer.series.values())
    begin = int(newer.ended_at // newer.step) - known  # the last step before it
    overlap = int(older.ended_at // older.step) - begin
    before = {name: _before(one, overlap, max(length - known, 0)) for name, one in older.series.items()}
    return replace(newer, series={name: _one(before[name], one) for name, one in newer.series.items()})


def _before(older: Series, overlap: int, wanted: int) -> Series:
    """The last `wanted` steps of it, without `overlap` ones at its end."""
    end = len(older.counts) - overlap
    span = slice(max(end - wanted, 0), max(end, 0))
    return Series(older.means[span], older.peaks[span], older.counts[span])


def _one(older: Series, newer: Series) -> Series:
    return Series(older.means + newer.means, older.peaks + newer.peaks, older.counts + newer.counts)


def _alive(work: Work, step: float) -> bool:
    """`step`: how many ago."""
    old_enough = work.age * 3600 > step * STEP
    return old_enough and (not work.rhythm or step // RHYTHM % 2 == 0)


def _load(work: Work, step: float, rng: Random) -> float:
    if work.load < 1:
        return 0.0
    phase = sum(work.command.encode()) % EPOCH  # jobs do not validate all at once
    validating = work.load > 90 and (step + phase) % EPOCH < VALIDATION
    load = work.load * (0.45 if validating else 1.0)
    return min(max(load + rng.gauss(0, 1.5 if load > 90 else 4), 0.0), 100.0)
