"""A report of what is kept: who had how much of the GPUs in a stretch of time, and when nobody watched. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from gpuws.model.history.usage import (
    HELD,
    NOTHING,
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

By = Literal["user", "host", "profile", "gpu"]
MINUTE = 60.0
"""Seconds; who did not watch for less than that missed nothing that is told."""
MOST_RESTS = 8


class Whose(NamedTuple):
    """What a row is about: me, a person, others (so many `people`, 0: nobody knows), whoever can't be seen; or a host,
    a profile, a GPU. `name` "": nobody knows, or there is none."""

    kind: Literal["me", "person", "others", "unseen", "host", "profile", "gpu"]
    name: str = ""
    gpu: GpuKey | None = None
    people: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """`held`: of whoever held it. `watched`: seconds of its GPUs, where it is a host's or a GPU's; else 0."""

    whose: Whose
    held: Amounts
    gpus: int
    watched: float = 0.0


@dataclass(frozen=True, slots=True)
class Gap:
    """Nobody watched a host, from `since` to `until`, epoch seconds."""

    host: str
    since: float
    until: float

    @property
    def seconds(self) -> float:
        return self.until - self.since


@dataclass(frozen=True, slots=True)
class Moment:
    """What GPUs were in one stretch of the plots: GPU-seconds. `worked`, `rested` and `kept`, which is neither for
    sure, were held. What is missing to all was not watched."""

    worked: float = 0.0
    rested: float = 0.0
    kept: float = 0.0
    free: float = 0.0
    unknown: float = 0.0

    @property
    def held(self) -> float:
        return self.worked + self.rested + self.kept

    @property
    def watched(self) -> float:
        return self.held + self.free + self.unknown


@dataclass(frozen=True, slots=True)
class LongRest:
    whose: Whose
    rest: Rest


@dataclass(frozen=True, slots=True)
class Report:
    """`all`: what all holders had. `moments`: of all GPUs, `by_gpu` of each, a stretch of `pace` seconds each, the
    first at `since`. `rests`: the longest, longest first. `hosts`: all that are reported of."""

    since: float
    until: float
    by: By
    rows: tuple[Row, ...]
    all: Amounts
    free: float
    unknown: float
    hosts: tuple[str, ...]
    gpus: Mapping[GpuKey, GpuFacts]
    gaps: tuple[Gap, ...]
    rests: tuple[LongRest, ...]
    pace: float
    moments: tuple[Moment, ...]
    by_gpu: Mapping[GpuKey, tuple[Moment, ...]]

    @property
    def watched(self) -> float:
        """GPU-seconds."""
        return self.all.seconds + self.free + self.unknown

    @property
    def possible(self) -> float:
        """GPU-seconds, had all been watched all the time."""
        return (self.until - self.since) * len(self.gpus)


def report(
    record: Record, since: float, until: float, by: By, *, names: bool = False, hosts: Collection[str] = ()
) -> Report:
    """From the quarter of an hour in which `since` lies to `until`, epoch seconds. `names`: others are told by
    name, as far as it is kept. `hosts`: of these only; none: of all."""
    since = since // STEP * STEP
    uses = [one for one in record.uses if since <= one.step * STEP < until and (not hosts or one.gpu.host in hosts)]
    watched = [one for one in record.watched if not hosts or one.host in hosts]
    told = {one.gpu for one in uses}
    gpus = dict(sorted(((key, facts) for key, facts in record.gpus.items() if key in told), key=_by_place))
    seen = {one.host for one in watched} | {key.host for key in gpus}
    pace = pace_of(until - since)
    of_gpu: dict[GpuKey, list[Use]] = {key: [] for key in gpus}
    for one in uses:
        if one.gpu in of_gpu:
            of_gpu[one.gpu].append(one)
    return Report(
        since=since,
        until=until,
        by=by,
        rows=_rows(uses, by, names, gpus),
        all=_sum(one.amounts for one in uses if one.holding.kind in HELD),
        free=sum(one.amounts.seconds for one in uses if one.holding.kind == "free"),
        unknown=sum(one.amounts.seconds for one in uses if one.holding.kind == "unknown"),
        hosts=tuple(sorted(seen)),
        gpus=gpus,
        gaps=tuple(gap for host in sorted(seen) for gap in gaps(watched, host, since, until)),
        rests=_longest(record.rests, since, until, names, hosts),
        pace=pace,
        moments=_moments(uses, since, until, pace),
        by_gpu={key: _moments(its, since, until, pace) for key, its in of_gpu.items()},
    )


def pace_of(seconds: float) -> float:
    """Seconds of one stretch of the plots: some two hundred of them, and a whole part of a day."""
    return next((pace for pace in (STEP, 3600.0, 7200.0, 14400.0, 21600.0, 43200.0) if seconds / pace <= 200), 86400.0)


def gaps(watched: Iterable[Watched], host: str, since: float, until: float) -> list[Gap]:
    """Where nobody watched `host` for a minute or more."""
    found, reached = list[Gap](), since
    for one in sorted(one for one in watched if one.host == host):
        if one.since - reached >= MINUTE:
            found.append(Gap(host, reached, min(one.since, until)))
        reached = max(reached, one.until)
    if until - reached >= MINUTE:
        found.append(Gap(host, reached, until))
    return [gap for gap in found if gap.seconds >= MINUTE]


def _by_place(item: tuple[GpuKey, GpuFacts]) -> tuple[str, int, str]:
    key, facts = item
    return key.host, facts.number, key.uuid


def _sum(amounts: Iterable[Amounts]) -> Amounts:
    total = NOTHING
    for one in amounts:
        total = total.plus(one)
    return total


def _rows(uses: Sequence[Use], by: By, names: bool, gpus: Iterable[GpuKey]) -> tuple[Row, ...]:
    """Who held most comes first; GPUs stand in their places."""
    groups: dict[Whose, list[Use]] = {}
    place: dict[By, Callable[[Use], Whose]] = {
        "user": lambda use: _person(use.holding, names),
        "host": lambda use: Whose("host", use.gpu.host),
        "profile": lambda use: Whose("profile", use.holding.profile),
        "gpu": lambda use: Whose("gpu", use.gpu.host, use.gpu),
    }
    whole = by in ("host", "gpu")
    for use in uses:
        if whole or use.holding.kind in HELD:
            groups.setdefault(place[by](use), []).append(use)
    rows = [_row(whose, group, whole) for whose, group in groups.items()]
    places = {key: number for number, key in enumerate(gpus)}
    return tuple(sorted(rows, key=lambda row: (places.get(row.whose.gpu, 0) if row.whose.gpu else 0, *_order(row))))


def _row(whose: Whose, uses: Sequence[Use], whole: bool) -> Row:
    held = [use for use in uses if use.holding.kind in HELD]
    if whose.kind == "others":
        whose = whose._replace(people=len({use.holding.user for use in uses if use.holding.kind == "person"}))
    watched = sum(use.amounts.seconds for use in uses) if whole else 0.0
    return Row(whose, _sum(use.amounts for use in held), len({use.gpu for use in held}), watched)


def _order(row: Row) -> tuple[bool, float, str]:
    return row.whose.kind in ("others", "unseen"), -row.held.seconds, row.whose.name


def _person(holding: Holding, names: bool) -> Whose:
    if holding.kind == "unseen":
        return Whose("unseen")
    if holding.mine:
        return Whose("me")
    return Whose("person", holding.user) if names and holding.kind == "person" else Whose("others")


def _longest(
    rests: Iterable[Rest], since: float, until: float, names: bool, hosts: Collection[str]
) -> tuple[LongRest, ...]:
    """As far as they lie between, so that a rest of a month is not one of this week."""
    within = [
        rest._replace(since=max(rest.since, since), until=min(rest.until, until))
        for rest in rests
        if rest.until > since and rest.since < until and (not hosts or rest.gpu.host in hosts)
    ]
    longest = sorted(within, key=lambda rest: (rest.since - rest.until, rest.gpu))[:MOST_RESTS]
    return tuple(LongRest(_person(rest.holding, names), rest) for rest in longest)


def _moments(uses: Iterable[Use], since: float, until: float, pace: float) -> tuple[Moment, ...]:
    found = [[0.0] * 5 for _ in range(int(-(-(until - since) // pace)))]
    for use in uses:
        at, amounts = found[int((use.step * STEP - since) // pace)], use.amounts
        if use.holding.kind in HELD:
            at[0] += amounts.used
            at[1] += amounts.idle
            at[2] += max(amounts.seconds - amounts.used - amounts.idle, 0.0)
        else:
            at[3 if use.holding.kind == "free" else 4] += amounts.seconds
    return tuple(Moment(*one) for one in found)
