"""What was measured over a stretch of time: of each figure the mean and the highest sample of every step. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

Window = Literal["5m", "1h"]
SECONDS: Mapping[Window, float] = {"5m": 300.0, "1h": 3600.0}


class Subject(NamedTuple):
    """Whose figures: the host's own; with `gpu`, the UUID of a GPU or an instance, that one's; with `pid` and
    `started_at`, a process's there."""

    gpu: str | None = None
    pid: int | None = None
    started_at: float | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """One figure, a value a step, the newest last. `counts`: samples of each step; where there are none, mean and peak
    are None."""

    means: tuple[float | None, ...] = ()
    peaks: tuple[float | None, ...] = ()
    counts: tuple[int, ...] = ()

    @property
    def mean(self) -> float | None:
        """Of all samples; None: there are none."""
        known = [(mean, count) for mean, count in zip(self.means, self.counts, strict=True) if mean is not None]
        samples = sum(count for _, count in known)
        return sum(mean * count for mean, count in known) / samples if samples else None

    @property
    def peak(self) -> float | None:
        """The highest sample; None: there are none."""
        return max((peak for peak in self.peaks if peak is not None), default=None)


NOTHING = Series()


@dataclass(frozen=True, slots=True)
class Timeline:
    """Figures over the same steps of `step` seconds, counted since the epoch. `ended_at`: epoch seconds of the newest
    sample, which lies in the last step. Samples come so rarely that up to `hold` steps without any are no gap."""

    step: float
    ended_at: float
    hold: int = 0
    series: Mapping[str, Series] | None = None

    def of(self, name: str) -> Series:
        return (self.series or {}).get(name, NOTHING)


def upto(line: Timeline, name: str, seconds: float, now: float) -> Series:
    """The steps of the last `seconds` before `now`, the one that lasts included: unknown before the first sample and
    after the last, but for the steps that are held."""
    found, number = line.of(name), max(round(seconds / line.step), 1)
    missing = int(now // line.step) - int(line.ended_at // line.step)
    return Series(
        _placed(_held(found.means, line.hold), number, missing, line.hold),
        _placed(_held(found.peaks, line.hold), number, missing, line.hold),
        tuple(int(count or 0) for count in _placed(found.counts, number, missing, 0)),
    )


def _held(values: Sequence[float | None], most: int) -> list[float | None]:
    """The value before it stands for each stretch of at most `most` unknown ones between two known ones."""
    filled, gap, last = list(values), 0, None
    for at, value in enumerate(values):
        if value is None:
            gap += 1
            continue
        if last is not None and 0 < gap <= most:
            filled[at - gap : at] = [last] * gap
        gap, last = 0, value
    return filled


def _placed(values: Sequence[float | None], number: int, missing: int, hold: int) -> tuple[float | None, ...]:
    """`number` values, the last of them `missing` steps after the last of `values`; as long as it is held."""
    missing = min(max(missing, 0), number)  # below 0: the clocks of two machines differ by so little
    after = values[-1] if values and missing <= hold else None
    found = [*values, *[after] * missing][-number:]
    return (*[None] * (number - len(found)), *found)
