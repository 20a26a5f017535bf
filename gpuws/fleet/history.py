"""An hour of every GPU of a host in memory, as means over steps: what sparklines and graphs are drawn from."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice

from gpuws.model.gpu.history import GpuHistory
from gpuws.model.gpu.reading import HostReading

STEP = 15.0  # seconds
STEPS = 240  # an hour
TREND = 20  # steps of a snapshot's trend: five minutes
MOST_GPUS = 128  # a host that invents new ones costs no more than this


@dataclass(slots=True)
class _Mean:
    total: float = 0.0
    count: int = 0

    def add(self, value: float | None) -> None:
        if value is not None:
            self.total += value
            self.count += 1

    @property
    def value(self) -> float | None:
        return round(self.total / self.count, 1) if self.count else None


class _Step:
    """What was read in one step. `number`: how many steps since the epoch."""

    __slots__ = ("memory", "number", "power", "until", "utilization")

    def __init__(self, number: int) -> None:
        self.number = number
        self.until = 0.0
        self.utilization, self.memory, self.power = _Mean(), _Mean(), _Mean()


class _Ring:
    """The steps of one GPU, oldest first; where nothing was read there is none."""

    def __init__(self) -> None:
        self.steps: deque[_Step] = deque(maxlen=STEPS)
        self._trend: tuple[int | None, ...] = ()
        self._trend_before = 0  # the step that was under way when it was made

    def add(self, at: float, utilization: float | None, memory: int | None, power: float | None) -> None:
        number = int(at // STEP)
        while self.steps and self.steps[-1].number > number:  # the clock was put back
            self.steps.pop()
        if not self.steps or self.steps[-1].number < number:
            self.steps.append(_Step(number))
        step = self.steps[-1]
        step.until = at
        step.utilization.add(utilization)
        step.memory.add(memory)
        step.power.add(power)

    @property
    def trend(self) -> tuple[int | None, ...]:
        """Of whole steps only, so that it stays the same while the present one lasts."""
        now = self.steps[-1].number
        if now != self._trend_before:
            newest = islice(reversed(self.steps), TREND + 1)
            values = _spread(newest, now - TREND, now, lambda step: step.utilization.value)
            known = any(value is not None for value in values)
            self._trend = tuple(_whole(value) for value in values) if known else ()
            self._trend_before = now
        return self._trend

    def read(self, uuid: str) -> GpuHistory:
        last = self.steps[-1]
        first = max(self.steps[0].number, last.number - STEPS + 1)
        recent = [step for step in self.steps if step.number >= first]

        def values(pick: Callable[[_Step], float | None]) -> list[float | None]:
            return _spread(recent, first, last.number + 1, pick)

        return GpuHistory(
            uuid=uuid,
            step=STEP,
            ended_at=last.until,
            utilization=tuple(values(lambda step: step.utilization.value)),
            memory=tuple(_whole(value) for value in values(lambda step: step.memory.value)),
            power=tuple(values(lambda step: step.power.value)),
        )


class History:
    """One host's. Any thread may ask; it outlives the connections. GPUs are known by their UUID."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rings: dict[str, _Ring] = {}

    def add(self, reading: HostReading) -> None:
        with self._lock:
            for gpu in reading.gpus:
                self._ring(gpu.uuid).add(reading.taken_at, gpu.utilization, gpu.memory_used, gpu.power)

    def note(
        self, uuid: str, at: float, utilization: float | None, memory: int | None = None, power: float | None = None
    ) -> None:
        """One GPU at `at`, epoch seconds."""
        with self._lock:
            self._ring(uuid).add(at, utilization, memory, power)

    def trends(self) -> Mapping[str, tuple[int | None, ...]]:
        """`Gpu.trend` by UUID; the same until another step is whole."""
        with self._lock:
            return {uuid: ring.trend for uuid, ring in self._rings.items()}

    def read(self) -> tuple[GpuHistory, ...]:
        """The last hour of each GPU; the newest step may still be under way."""
        with self._lock:
            return tuple(ring.read(uuid) for uuid, ring in self._rings.items())

    def _ring(self, uuid: str) -> _Ring:
        """The GPU seen last stands last: of too many, the one not seen for longest is forgotten."""
        ring = self._rings.pop(uuid, None) or _Ring()
        self._rings[uuid] = ring
        if len(self._rings) > MOST_GPUS:
            del self._rings[next(iter(self._rings))]
        return ring


def _spread(steps: Iterable[_Step], first: int, end: int, pick: Callable[[_Step], float | None]) -> list[float | None]:
    """A value for each number of first … end-1, None where there is no step."""
    values: list[float | None] = [None] * (end - first)
    for step in steps:
        if first <= step.number < end:
            values[step.number - first] = pick(step)
    return values


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)
