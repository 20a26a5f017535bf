"""What a workspace takes of its host's processors, memory, disks and network: counters, and what lies between two of
them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

NEAR = 0.9
"""From such a part of a cap on a workspace is near it."""
SHORTEST = 0.5
"""Seconds between two counters: over less, what the kernel counts in ticks says little."""
LONGEST = 120.0
"""The same: a mean over more is nothing that happens now."""


@dataclass(frozen=True, slots=True)
class Counters:
    """Of the workspace of that id. `at`: seconds on its host's clock; `cpu`: seconds of processors that it took since
    it began; `memory`: bytes, without files that the kernel keeps only because there is room; `limit`: most bytes that
    it may take; `read`, `written`: bytes of disks; `received`, `sent`: bytes of network cards that only it has;
    `oom_kills`: programs of it that were killed for want of memory. None: not told."""

    id: str
    at: float
    cpu: float | None = None
    memory: int | None = None
    limit: int | None = None
    read: int | None = None
    written: int | None = None
    received: int | None = None
    sent: int | None = None
    oom_kills: int | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """`cores`: processors that it kept busy on the mean, 1.5 for one and a half; `memory`, `limit`: bytes; the rest but
    `oom_kills`: bytes a second."""

    cores: float | None = None
    memory: int | None = None
    limit: int | None = None
    read: float | None = None
    written: float | None = None
    received: float | None = None
    sent: float | None = None
    oom_kills: int | None = None


def newest(measured: Usage | None, told: Usage | None) -> Usage | None:
    """`measured` by whoever looks, as soon as it has rates, for which it takes two looks; before that what the host
    `told` of it by itself."""
    return told or measured if measured is None or measured.cores is None else measured


def usage(before: Sequence[Counters], after: Sequence[Counters]) -> Mapping[str, Usage]:
    """By id, of all in `after`. Counters that went back are those of another life of it: nothing is known yet."""
    known = {one.id: one for one in before}
    return {one.id: _usage(known.get(one.id), one) for one in after}


def _usage(before: Counters | None, after: Counters) -> Usage:
    if before is None:
        return Usage(memory=after.memory, limit=after.limit, oom_kills=after.oom_kills)
    seconds = after.at - before.at

    def rate(then: float | None, now: float | None) -> float | None:
        if then is None or now is None or seconds <= 0 or now < then:
            return None
        return (now - then) / seconds

    return Usage(
        rate(before.cpu, after.cpu),
        after.memory,
        after.limit,
        rate(before.read, after.read),
        rate(before.written, after.written),
        rate(before.received, after.received),
        rate(before.sent, after.sent),
        after.oom_kills,
    )


@dataclass(frozen=True, slots=True)
class Taken:
    """What is known of the workspaces of one host: the counters that the next are measured from, and what each takes,
    both by id. What is older than `LONGEST` is forgotten."""

    counters: Mapping[str, Counters]
    usage: Mapping[str, Usage]

    def after(self, told: Sequence[Counters]) -> Taken:
        """With newer counters, of some or all; of the others what was known stays. Who is asked twice in a moment has
        the rates of before."""
        counters = dict(self.counters)
        found = dict(self.usage)
        for one in told:
            before = counters.get(one.id)
            if before is not None and 0 <= one.at - before.at < SHORTEST:
                continue
            recent = before is not None and one.at - before.at < LONGEST
            counters[one.id], found[one.id] = one, _usage(before if recent else None, one)
        newest = max((one.at for one in told), default=0.0)
        kept = {key: one for key, one in counters.items() if newest - one.at < LONGEST}
        return Taken(kept, {key: found[key] for key in kept})


NOTHING_TAKEN = Taken({}, {})


def ran_out(times: int) -> str:
    """What is said of one in which memory ran out, and that goes on. `times`: 0 where that is not counted."""
    return f"out of memory inside, {times} times" if times > 1 else "out of memory inside"
