"""How far a copy is and how fast it goes, told now and then."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from gpuws.model import units
from gpuws.model.placement.plan import Progress, Report

INTERVAL = 0.25
"""Seconds between two reports."""
WINDOW = 5.0
"""Seconds over which the rate is taken."""


@dataclass(slots=True)
class Meter:
    """`total` None: nobody knows how many bytes there are. `progress` makes a report of what is said of the bytes."""

    report: Report
    progress: Callable[[str, float | None], Progress]
    total: int | None = None
    clock: Callable[[], float] = time.monotonic
    done: int = 0
    _told: float = float("-inf")
    _past: deque[tuple[float, int]] = field(default_factory=deque)

    def counted(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            self.add(len(piece))
            yield piece

    def add(self, size: int) -> None:
        self.done += size
        now = self.clock()
        if now - self._told >= INTERVAL:
            self._past.append((now, self.done))
            while now - self._past[0][0] > WINDOW:
                self._past.popleft()
            self.tell()
            self._told = now

    def tell(self) -> None:
        """Where it stands, whenever it was told last."""
        self.report(self.progress(self.text, self.fraction))

    @property
    def fraction(self) -> float | None:
        """Never all before it is over: headers and ends are not in `total`."""
        return min(self.done / self.total, 0.99) if self.total else None

    @property
    def text(self) -> str:
        """`1.2G of 9.1G, 85M/s`"""
        of = f" of {units.size(self.total)}" if self.total else ""
        rate = self._rate()
        return f"{units.size(self.done)}{of}" + (f", {units.size(int(rate))}/s" if rate else "")

    def _rate(self) -> float | None:
        if len(self._past) < 2:
            return None
        (began, before), (now, done) = self._past[0], self._past[-1]
        return (done - before) / (now - began) if now > began else None
