"""A fleet whose use is known to the second: what its keeper would see, and the truth that a report is held against."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from random import Random

from gpuws.model.gpu.gpu import Gpu, GpuProcess, Holder
from gpuws.model.host.host import HostState
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.ownership.identity import Me
from gpuws.model.workspace.workspace import Ref, Workspace
from tests import factories

PEOPLE = ("alice", "bob", "carol", "dave")
BEGIN = 1_770_000_000.0 // 900 * 900
IDLE_WATTS, BUSY_WATTS = 80.0, 620.0


@dataclass(frozen=True)
class Span:
    """One use of one GPU: by whom (none: it is free), working or not, from when to when."""

    since: float
    until: float
    people: tuple[str, ...]
    works: bool

    @property
    def watts(self) -> float:
        return BUSY_WATTS if self.works else IDLE_WATTS


@dataclass
class Fleet:
    """`gaps`: by host, when nobody reads it."""

    hosts: int
    gpus: int
    seconds: float
    seed: int = 7
    counters: bool = True
    spans: dict[tuple[str, int], list[Span]] = field(default_factory=dict)
    gaps: dict[str, list[tuple[float, float]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        rng = Random(self.seed)
        self.end = BEGIN + self.seconds
        for number in range(self.hosts):
            host = f"host-{number}"
            self.gaps[host] = sorted(_gap(rng, self.seconds, piece) for piece in range(3))
            for gpu in range(self.gpus):
                self.spans[host, gpu] = list(_spans(rng, self.seconds))

    def names(self) -> list[str]:
        return list(self.gaps)

    def snapshots(self, pace: float = 30.0) -> Iterator[HostSnapshot]:
        """As they come, by time; each host a little off the beat of the others."""
        for step in range(int(self.seconds / pace) + 1):
            for number, host in enumerate(self.names()):
                at = max(BEGIN + step * pace - number * 0.37, BEGIN)
                if at <= self.end and not any(since < at < until for since, until in self.gaps[host]):
                    yield self.snapshot(host, at)

    def snapshot(self, host: str, at: float) -> HostSnapshot:
        rows = tuple(self._gpu(host, number, at) for number in range(self.gpus))
        return factories.snapshot(
            host,
            updated_at=at,
            state=HostState.UP,
            gpus=rows,
            workspaces=BOXES,
            me=Me("alice", frozenset({"alice"})),
        )

    def _gpu(self, host: str, number: int, at: float) -> Gpu:
        span = self._at(host, number, at)
        rested = 0.0 if span.works else (at - span.since) // 60 * 60
        joules = round(self._joules(host, number, at // 300 * 300)) if self.counters and at >= BEGIN + 300 else None
        found = _gpu(host, number, span.people, span.works, rested)
        return Gpu(
            **{name: getattr(found, name) for name in Gpu.__dataclass_fields__ if name not in ("energy", "power")},
            energy=joules,
            power=span.watts * (1.3 if self.counters else 1.0),  # moments mislead, where a counter tells better
        )

    def _at(self, host: str, number: int, at: float) -> Span:
        spans = self.spans[host, number]
        index = _find(tuple(one.until for one in spans), at)
        return spans[min(index, len(spans) - 1)]

    def _joules(self, host: str, number: int, at: float) -> float:
        return _joules(tuple((one.since, one.until, one.watts) for one in self.spans[host, number]), at)

    def truth(self) -> dict[str, Counter[str]]:
        """Seconds and joules by person, as far as somebody watched: held, used, idle, joules; free time of nobody."""
        found: dict[str, Counter[str]] = {}
        for (host, _), spans in self.spans.items():
            for span in spans:
                seconds = self._watched(host, span.since, span.until)
                for person in span.people or ("",):
                    own = found.setdefault(person, Counter())
                    part = seconds / max(len(span.people), 1)
                    own["held"] += part
                    own["used"] += part if span.works else 0.0
                    own["idle"] += 0.0 if span.works or not span.people else part
                    own["joules"] += part * span.watts
        return found

    def _watched(self, host: str, since: float, until: float) -> float:
        lost = sum(max(min(until, end) - max(since, begin), 0.0) for begin, end in self.gaps[host])
        return until - since - lost


BOXES = tuple(
    Workspace(Ref("host", f"{number:064x}"), f"box-{person}", None, "running", "running", profile=f"torch-{person}")
    for number, person in enumerate(PEOPLE)
)


@cache
def _gpu(host: str, number: int, people: tuple[str, ...], works: bool, rested: float) -> Gpu:
    """`rested`: whole minutes."""
    idle = rested or None
    holders = tuple(
        Holder("container", f"box-{one}", one, idle, one == "alice", "worked until 14:05" if idle else None)
        for one in people
    )
    processes = tuple(
        GpuProcess(100 + index, one, "python", 1 << 30, 40.0 if works else 0.0, f"box-{one}", mine=one == "alice")
        for index, one in enumerate(people)
    )
    return Gpu(
        index=number,
        uuid=f"GPU-{host}-{number}",
        name="NVIDIA H200",
        memory_used=len(people) << 30,
        memory_total=141 << 30,
        utilization=80.0 if works else 0.0,
        held_by=holders,
        processes=processes,
    )


def _find(ends: tuple[float, ...], at: float) -> int:
    from bisect import bisect_right

    return bisect_right(ends, at)


@cache
def _sums(spans: tuple[tuple[float, float, float], ...]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    ends, sums, total = [], [], 0.0
    for since, until, watts in spans:
        total += (until - since) * watts
        ends.append(until)
        sums.append(total)
    return tuple(ends), tuple(sums)


def _joules(spans: tuple[tuple[float, float, float], ...], at: float) -> float:
    ends, sums = _sums(spans)
    index = min(_find(ends, at), len(spans) - 1)
    since, _, watts = spans[index]
    return (sums[index - 1] if index else 0.0) + (at - since) * watts


def _gap(rng: Random, seconds: float, piece: int) -> tuple[float, float]:
    """One in each third, of minutes to hours."""
    third = seconds / 3
    length = rng.uniform(300, third / 4)
    since = BEGIN + piece * third + rng.uniform(600, third - length - 600)
    return since, since + length


def _spans(rng: Random, seconds: float) -> Iterator[Span]:
    at, end = BEGIN, BEGIN + seconds
    while at < end:
        until = min(at + rng.expovariate(1 / 9000) + 240, end)
        kind = rng.random()
        people: tuple[str, ...] = ()
        if kind > 0.25:
            people = tuple(rng.sample(PEOPLE, 2 if kind > 0.85 else 1))
        yield Span(at, until, people, bool(people) and rng.random() < 0.7)
        at = until
