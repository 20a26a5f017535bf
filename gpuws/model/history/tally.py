"""Adds readings up to what is kept of them: a reading holds until the next one, unless that comes too late."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from gpuws.model.gpu.gpu import Gpu
from gpuws.model.history.shares import Share, profiles_of, shares
from gpuws.model.history.usage import (
    LONGEST,
    REST,
    STEP,
    Amounts,
    GpuFacts,
    GpuKey,
    Holding,
    Keep,
    Record,
    Rest,
    Use,
    Watched,
)
from gpuws.model.host.host import HostState
from gpuws.model.host.snapshot import HostSnapshot

MOST_WATTS = 5000.0
"""A counter that says more has begun anew, or is broken."""

JOULES = Amounts._fields.index("joules")
_Key = tuple[int, GpuKey, Holding]


class _Seen(NamedTuple):
    shares: tuple[Share, ...]
    load: float | None
    power: float | None
    energy: int | None


@dataclass(slots=True)
class _Counter:
    """As it was read last, and what was guessed since."""

    joules: int
    at: float
    guessed: dict[_Key, float] = field(default_factory=dict)


@dataclass(slots=True)
class _Host:
    at: float
    since: float
    gpus: Mapping[GpuKey, _Seen]


@dataclass(slots=True)
class _Resting:
    since: float
    until: float
    why: str
    told: float = 0.0  # its end as it was taken last


class Tally:
    """Of one thread. `add` each snapshot, `take` now and then what came together since."""

    def __init__(self) -> None:
        self._hosts: dict[str, _Host] = {}
        self._sums: dict[_Key, list[float]] = {}
        self._watched: list[Watched] = []
        self._rests: dict[GpuKey, dict[Holding, _Resting]] = {}
        self._over: list[Rest] = []
        self._counters: dict[GpuKey, _Counter] = {}
        self._gpus: dict[GpuKey, GpuFacts] = {}
        self._new: dict[GpuKey, GpuFacts] = {}

    def add(self, snapshot: HostSnapshot, keep: Keep) -> None:
        """A snapshot without a new sample, or without GPUs that were read, adds nothing."""
        at, before = snapshot.updated_at, self._hosts.get(snapshot.name)
        if at is None or snapshot.state is not HostState.UP or not snapshot.gpus or (before and at == before.at):
            return
        gpus = self._look(snapshot, keep)
        if before is not None and 0 < at - before.at <= LONGEST:
            self._pass(before, at)
            since = before.since
        else:
            self._break(snapshot.name, before)
            since = at
        self._hosts[snapshot.name] = _Host(at, since, gpus)
        self._meter(at, gpus)
        self._rest(at, gpus)

    def take(self) -> Record:
        """Whole units; what is less stays for the next time."""
        for name, host in self._hosts.items():
            if host.at > host.since:
                self._watched.append(Watched(name, host.since, host.at))
                host.since = host.at
        uses = tuple(self._whole())
        rests = (*self._over, *self._going_on())
        found = Record(uses, tuple(self._watched), rests, self._new)
        self._watched, self._over, self._new = [], [], {}
        return found

    def _look(self, snapshot: HostSnapshot, keep: Keep) -> Mapping[GpuKey, _Seen]:
        profiles = profiles_of(snapshot)
        found = {}
        for gpu in snapshot.gpus:
            key, facts = GpuKey(snapshot.name, gpu.uuid), GpuFacts(gpu.index, gpu.name)
            if self._gpus.get(key) != facts:
                self._gpus[key] = self._new[key] = facts
            found[key] = _Seen(shares(gpu, snapshot, profiles, keep), gpu.utilization, _power(gpu), gpu.energy)
        return found

    def _pass(self, before: _Host, at: float) -> None:
        """The time from `before` to `at`, of each GPU; where a quarter ends in between, to both in parts."""
        edge = (before.at // STEP + 1) * STEP
        for begin, end in ((before.at, at),) if at <= edge else ((before.at, edge), (edge, at)):
            step, seconds = int(begin // STEP), end - begin
            for key, seen in before.gpus.items():
                for share in seen.shares:
                    self._add((step, key, share.holding), share, seen, seconds * share.part)

    def _add(self, key: _Key, share: Share, seen: _Seen, seconds: float) -> None:
        sums = self._row(key)
        sums[0] += seconds
        if share.used:
            sums[1] += seconds
        elif share.idle is not None:
            sums[2] += seconds
        if seen.load is not None:
            sums[3] += seconds
            sums[4] += seconds * seen.load
        if seen.power is not None:
            joules = seconds * seen.power
            sums[5] += seconds
            sums[JOULES] += joules
            counter = self._counters.get(key[1])
            if counter is not None:
                counter.guessed[key] = counter.guessed.get(key, 0.0) + joules

    def _row(self, key: _Key) -> list[float]:
        sums = self._sums.get(key)
        if sums is None:
            sums = self._sums[key] = [0.0] * len(Amounts._fields)
        return sums

    def _meter(self, at: float, gpus: Mapping[GpuKey, _Seen]) -> None:
        """Power is read at moments; where the GPU counts its energy, what was guessed from them since the counter was
        read last is set right by it, in equal measure for all who had a part."""
        for key, seen in gpus.items():
            before = self._counters.get(key)
            if seen.energy is None or (before is not None and seen.energy == before.joules):
                continue
            self._counters[key] = _Counter(seen.energy, at)
            guessed = sum(before.guessed.values()) if before else 0.0
            if before is not None and guessed and 0 <= seen.energy - before.joules <= MOST_WATTS * (at - before.at):
                factor = (seen.energy - before.joules) / guessed - 1
                for row, joules in before.guessed.items():
                    self._row(row)[JOULES] += joules * factor

    def _rest(self, at: float, gpus: Mapping[GpuKey, _Seen]) -> None:
        for key, seen in gpus.items():
            resting = {share.holding: share for share in seen.shares if share.idle is not None}
            going = self._rests.get(key)
            if going is None:
                if not resting:
                    continue
                going = self._rests[key] = {}
            self._end(key, going, [one for one in going if one not in resting])
            for holding, share in resting.items():
                found = going.get(holding)
                if found is None:
                    going[holding] = _Resting(at - (share.idle or 0.0), at, share.why)
                else:
                    found.until, found.why = at, share.why

    def _break(self, name: str, before: _Host | None) -> None:
        """Nobody watched since `before`."""
        if before is None:
            return
        if before.at > before.since:
            self._watched.append(Watched(name, before.since, before.at))
        for key in before.gpus:
            self._counters.pop(key, None)
        for key in [one for one in self._rests if one.host == name]:
            going = self._rests.pop(key)
            self._end(key, going, list(going))

    def _end(self, key: GpuKey, going: dict[Holding, _Resting], over: Collection[Holding]) -> None:
        for holding in over:
            self._over += _told(key, holding, going.pop(holding))

    def _going_on(self) -> Iterator[Rest]:
        for key, going in self._rests.items():
            for holding, found in going.items():
                yield from _told(key, holding, found)

    def _whole(self) -> Iterator[Use]:
        current = max((int(host.at // STEP) for host in self._hosts.values()), default=0)
        for (step, gpu, holding), sums in list(self._sums.items()):
            over = step < current
            whole = [round(value) if over else int(value) for value in sums]
            if any(whole):
                yield Use(step, gpu, holding, Amounts(*map(float, whole)))
            if over:
                del self._sums[step, gpu, holding]
            else:
                for index, value in enumerate(whole):
                    sums[index] -= value


def _told(key: GpuKey, holding: Holding, found: _Resting) -> list[Rest]:
    """What is worth keeping of it and was not taken yet."""
    if found.until - found.since < REST or found.until == found.told:
        return []
    found.told = found.until
    return [Rest(key, holding, found.since, found.until, found.why)]


def _power(gpu: Gpu) -> float | None:
    return gpu.power if gpu.power is not None and 0 <= gpu.power <= MOST_WATTS else None
