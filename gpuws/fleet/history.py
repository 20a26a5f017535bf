"""The last hour of a host, its GPUs and their processes in memory: what sparklines and charts are drawn from.

The last five minutes are kept in steps that hold hardly more than a sample, the hour in longer ones."""

from __future__ import annotations

import threading
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from gpuws.model.gpu.reading import GpuReading, HostReading, ProcessReading
from gpuws.model.timeline import SECONDS, Series, Subject, Timeline, Window

STEP: Final = 15.0
STEPS: Mapping[Window, float] = {"5m": 2.0, "1h": STEP}
"""Seconds of a step."""
TREND = 20  # steps of a snapshot's trend: five minutes
MOST_SAMPLES = 255  # of a step; more are not counted
MOST = 192  # GPUs and processes of a host; one that invents new ones costs no more than this
INTERVAL = 2.0  # seconds between samples, unless it is told

OF_HOST: Mapping[str, Callable[[HostReading], float | None]] = {
    "cpu": lambda host: host.cpu_percent,
    "load": lambda host: host.load,
    "memory": lambda host: host.memory_used,
    "network": lambda host: None if host.net_received is None else host.net_received + (host.net_sent or 0),
}
OF_GPU: Mapping[str, Callable[[GpuReading], float | None]] = {
    "utilization": lambda gpu: gpu.utilization,
    "memory": lambda gpu: gpu.memory_used,
    "power": lambda gpu: gpu.power,
    "temperature": lambda gpu: gpu.temperature,
}
OF_PROCESS: Mapping[str, Callable[[ProcessReading], float | None]] = {
    "memory": lambda process: process.memory,
    "utilization": lambda process: process.utilization,
    "cpu": lambda process: process.cpu_percent,
}
"""What is kept of each sample: another figure is another row."""

HOST = Subject()


def subject_of(process: ProcessReading) -> Subject:
    return Subject(process.mig_uuid or process.gpu_uuid, process.pid, process.started_at)


class _Ring:
    """So many steps of some figures, numbered since the epoch; a step without samples has counts of 0."""

    __slots__ = ("_counts", "_figures", "_first", "_newest", "_peaks", "_size", "_totals", "step")

    def __init__(self, figures: int, step: float, size: int) -> None:
        self.step = step
        self._figures, self._size = figures, size
        self._first = self._newest = -1
        cells = figures * size
        self._totals, self._peaks = array("f", bytes(4 * cells)), array("f", bytes(4 * cells))
        self._counts = bytearray(cells)

    @property
    def newest(self) -> int:
        return self._newest

    def add(self, at: float, values: Iterable[float | None]) -> None:
        """Called for each figure of each sample: names are looked up once."""
        number = int(at // self.step)
        if number != self._newest:
            self._go_to(number)
        totals, peaks, counts = self._totals, self._peaks, self._counts
        cell = number % self._size * self._figures
        for value in values:
            if value is not None:
                count = counts[cell]
                if not count:
                    totals[cell] = peaks[cell] = value
                    counts[cell] = 1
                elif count < MOST_SAMPLES:
                    totals[cell] += value
                    counts[cell] = count + 1
                    if value > peaks[cell]:
                        peaks[cell] = value
            cell += 1

    def _go_to(self, number: int) -> None:
        """What is stepped over is empty, and so is what lay ahead where the clock was put back."""
        before, self._newest = self._newest, number
        if before >= 0:  # else nothing is in it yet
            first, last = (number + 1, before) if number < before else (before + 1, number)
            self._empty(max(first, last - self._size + 1), last)
        self._first = number if before < 0 else max(min(self._first, number), number - self._size + 1)

    def _empty(self, first: int, last: int) -> None:
        """Steps, at most as many as there are; they may go over the end of the ring."""
        start, end = first % self._size, last % self._size + 1
        for begin, stop in ((start, end),) if start < end else ((start, self._size), (0, end)):
            self._counts[begin * self._figures : stop * self._figures] = bytes((stop - begin) * self._figures)

    def series(self, figure: int, first: int = 0) -> Series:
        """From step `first` on, as far as it is kept."""
        numbers = range(max(self._first, first), self._newest + 1)
        cells = [number % self._size * self._figures + figure for number in numbers]
        counts = tuple(self._counts[cell] for cell in cells)
        pairs = list(zip(cells, counts, strict=True))
        return Series(
            tuple(round(self._totals[cell] / count, 1) if count else None for cell, count in pairs),
            tuple(round(self._peaks[cell], 1) if count else None for cell, count in pairs),
            counts,
        )


class _Past:
    """What is kept of one subject, in both resolutions."""

    __slots__ = ("_trend", "_trend_before", "names", "rings", "seen_at")

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(names)
        self.seen_at = 0.0
        self.rings: dict[Window, _Ring] = {
            window: _Ring(len(self.names), step, round(SECONDS[window] / step)) for window, step in STEPS.items()
        }
        self._trend: tuple[int | None, ...] = ()
        self._trend_before = 0  # the step that was under way when it was made

    def add(self, at: float, values: Sequence[float | None]) -> None:
        self.seen_at = at
        for ring in self.rings.values():
            ring.add(at, values)

    @property
    def trend(self) -> tuple[int | None, ...]:
        """Of whole steps only, so that it stays the same while the present one lasts."""
        ring = self.rings["1h"]
        if ring.newest != self._trend_before:
            found = ring.series(0, ring.newest - TREND).means[:-1]
            known = any(value is not None for value in found)
            missing = TREND - len(found)
            self._trend = (*[None] * missing, *map(_whole, found)) if known else ()
            self._trend_before = ring.newest
        return self._trend

    def read(self, window: Window, hold: int) -> Timeline:
        ring = self.rings[window]
        series = {name: ring.series(figure) for figure, name in enumerate(self.names)}
        return Timeline(ring.step, self.seen_at, hold, series)


class History:
    """One host's. Any thread may ask; it outlives the connections. `interval`: seconds between samples."""

    def __init__(self, interval: float = INTERVAL) -> None:
        self.interval = interval
        self._lock = threading.Lock()
        self._pasts: dict[Subject, _Past] = {}
        self._looked = 0

    def add(self, reading: HostReading) -> None:
        at = reading.taken_at
        with self._lock:
            for subject, names, values in _measured(reading):
                self._past(subject, names).add(at, values)
            self._forget(at)

    def note(self, subject: Subject, at: float, figures: Mapping[str, float | None]) -> None:
        """One sample at `at`, epoch seconds; always the same figures of a subject."""
        with self._lock:
            past = self._past(subject, figures)
            past.add(at, [figures.get(name) for name in past.names])

    def trends(self) -> Mapping[str, tuple[int | None, ...]]:
        """`Gpu.trend` by UUID; the same until another step is whole."""
        with self._lock:
            gpus = [(one.gpu, past) for one, past in self._pasts.items() if one.gpu is not None and one.pid is None]
            return {uuid: past.trend for uuid, past in gpus}

    def read(self, subject: Subject, window: Window) -> Timeline:
        """As far as it was watched; the newest step may still be under way. Without series: it was never seen."""
        step = STEPS[window]
        hold = int((2 * self.interval + 1) // step)  # no older, and it is not stale yet
        with self._lock:
            past = self._pasts.get(subject)
            return past.read(window, hold) if past is not None else Timeline(step, 0.0, hold)

    def _past(self, subject: Subject, names: Iterable[str]) -> _Past:
        """Of too many, the one not seen for longest is forgotten."""
        past = self._pasts.get(subject)
        if past is None:
            if len(self._pasts) >= MOST:
                del self._pasts[min(self._pasts, key=lambda one: self._pasts[one].seen_at)]
            past = self._pasts[subject] = _Past(names)
        return past

    def _forget(self, now: float) -> None:
        """What has not been seen for an hour has nothing left to show; looked for once a step is enough."""
        if int(now // STEP) != self._looked:
            self._looked = int(now // STEP)
            old = [one for one, past in self._pasts.items() if now - past.seen_at >= SECONDS["1h"]]
            for subject in old:
                del self._pasts[subject]


def _measured(reading: HostReading) -> Iterator[tuple[Subject, Iterable[str], list[float | None]]]:
    """Whose figures, their names, and what they are now."""
    yield HOST, OF_HOST, [pick(reading) for pick in OF_HOST.values()]
    for gpu in reading.gpus:
        yield Subject(gpu.uuid), OF_GPU, [pick(gpu) for pick in OF_GPU.values()]
    for process in reading.processes:
        yield subject_of(process), OF_PROCESS, [pick(process) for pick in OF_PROCESS.values()]


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)
