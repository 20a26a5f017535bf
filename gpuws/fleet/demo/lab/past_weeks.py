"""The weeks before the demo began, as its keeper would have written them down: made up from what runs. Pure but for
`rng`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from gpuws.fleet.demo.lab import figures
from gpuws.fleet.demo.lab.machines import MACHINES, ME, Machine
from gpuws.model.history.usage import (
    FREE,
    STEP,
    Amounts,
    GpuFacts,
    GpuKey,
    Holding,
    Record,
    Rest,
    Use,
    Watched,
)

DAY = 86400.0
DAYS = 8
PEOPLE = (ME, "bob", "carol", "dave")
PROFILES = {ME: "pytorch-2.8-cu128", "carol": "pytorch-ddp", "dave": "pytorch-2.8-cu128"}
AWAY = {"delta": ((1.2, 1.31), (4.6, 5.05)), "bravo": ((3.4, 3.42),)}
"""By machine: days ago, when nobody read it."""


def record(now: float, seed: int = 5) -> Record:
    """As a keeper of all names would have it."""
    rng = Random(seed)
    begin = (now - DAYS * DAY) // STEP * STEP
    uses, rests, watched = list[Use](), list[Rest](), list[Watched]()
    facts: dict[GpuKey, GpuFacts] = {}
    for machine in MACHINES:
        if machine.card is None:
            continue
        gaps = [(now - far * DAY, now - near * DAY) for near, far in AWAY.get(machine.name, ())]
        watched += _watched(machine, begin, now, sorted(gaps))
        for index in range(machine.count):
            key = GpuKey(machine.name, figures.gpu_uuid(machine.name, index))
            facts[key] = GpuFacts(index, machine.card.name)
            for since, until, who, load in _spans(rng, begin, now, index):
                uses += _uses(machine, key, since, until, who, load, gaps, rng)
                if who and load == 0 and until - since > 3600:
                    rests.append(
                        Rest(
                            key,
                            _holding(who),
                            since,
                            until,
                            rng.choice(("worked until", "worked until", "kernel's last activity")),
                        )
                    )
    return Record(tuple(uses), tuple(watched), tuple(rests), facts)


def _holding(who: str) -> Holding:
    return Holding("person", who, who == ME, PROFILES.get(who, ""))


def _watched(machine: Machine, begin: float, now: float, gaps: Sequence[tuple[float, float]]) -> Iterator[Watched]:
    reached = begin
    for since, until in gaps:
        yield Watched(machine.name, reached, since)
        reached = until
    yield Watched(machine.name, reached, now)


def _spans(rng: Random, begin: float, now: float, index: int) -> Iterator[tuple[float, float, str, float]]:
    """Since, until, who ("": nobody), percent; a run is often followed by a rest of the same person."""
    at, likes = begin, PEOPLE[index % 4]
    while at < now:
        until = min(at + rng.choice((1, 2, 4, 9, 22)) * 3600 * rng.uniform(0.5, 1.4), now)
        nobody = rng.random() < 0.24
        who = "" if nobody else (likes if rng.random() < 0.6 else rng.choice(PEOPLE))
        yield at, until, who, 0.0 if nobody else rng.choice((97.0, 95.0, 92.0, 71.0, 40.0))
        at = until
        if who and rng.random() < 0.4 and at < now:
            until = min(at + rng.uniform(0.4, 11) * 3600, now)
            yield at, until, who, 0.0
            at = until


def _uses(
    machine: Machine,
    key: GpuKey,
    since: float,
    until: float,
    who: str,
    load: float,
    gaps: Sequence[tuple[float, float]],
    rng: Random,
) -> Iterator[Use]:
    assert machine.card is not None
    for step in range(int(since // STEP), int(until // STEP) + 1):
        begin, end = max(since, step * STEP), min(until, (step + 1) * STEP)
        seconds = end - begin - sum(max(min(end, late) - max(begin, early), 0.0) for early, late in gaps)
        if seconds < 1:
            continue
        percent = min(load * rng.uniform(0.93, 1.03), 100.0)
        work = seconds * rng.uniform(0.9, 1.0) if load else 0.0
        idle = seconds if who and not load else 0.0
        joules = seconds * figures.power(machine.card, percent)
        amounts = Amounts(seconds, work, idle, seconds, seconds * percent, seconds, joules)
        yield Use(step, key, _holding(who) if who else FREE, amounts)
