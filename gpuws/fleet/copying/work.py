"""All of one copy carried out: measured beside it, told how far it is, ended when it is cancelled."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress

from gpuws.fleet.copying.here import Here
from gpuws.fleet.copying.running import Programs
from gpuws.fleet.copying.sources import Source, transfers_of
from gpuws.fleet.copying.there import There
from gpuws.fleet.copying.transfer import Transfer
from gpuws.model.errors import GpuwsError, Unreachable
from gpuws.model.files.copied import Copied
from gpuws.model.files.destination import Copy
from gpuws.model.meter import Meter
from gpuws.model.placement.plan import Progress, Report
from gpuws.model.workspace.workspace import PlaceRef

Back = Callable[[Unreachable, Sequence[PlaceRef]], None]
"""Waits until these places are there again; raises where they won't be."""
GLANCE = 0.5
"""Seconds between looks whether a copy that was never cancelled has ended."""


class CopyWork:
    """`left` grows by what does not come along; `programs` are those that both ends run."""

    def __init__(
        self,
        pairs: Sequence[tuple[Source, Copy]],
        target: Here | There,
        left: Sequence[str],
        programs: Programs,
        report: Report,
    ) -> None:
        self._left = left
        self._programs = programs
        self._now: Transfer | None = None
        self._ended = threading.Event()
        self._meter = Meter(report, self._step)
        self._transfers = transfers_of(pairs, target, self._meter)

    def run(self, back: Back, cancel: threading.Event) -> None:
        self._meter.tell()
        threading.Thread(target=self._end_at, args=(cancel,), name="copy-cancel", daemon=True).start()
        threading.Thread(target=self._measure, name="copy-size", daemon=True).start()
        try:
            for one in self._transfers:
                self._now = one
                places = [end.place for end in (one.source, one.target) if isinstance(end, There)]
                one.run(lambda error, places=places: back(error, places), cancel)  # type: ignore[misc]
        finally:
            self._ended.set()
            self._programs.close()

    @property
    def copied(self) -> Copied:
        """So far."""
        return Copied(
            sum(one.tally.files for one in self._transfers),
            sum(one.tally.content for one in self._transfers),
            sum(one.resumed for one in self._transfers),
        )

    @property
    def faults(self) -> tuple[str, ...]:
        """What did not come along, in sentences."""
        return (*self._left, *(fault for one in self._transfers for fault in one.faults))

    def _step(self, text: str, fraction: float | None) -> Progress:
        return Progress("copying", f"{self._now.entry}: {text}" if self._now else text, fraction)

    def _end_at(self, cancel: threading.Event) -> None:
        while not self._ended.is_set():
            if cancel.wait(GLANCE):
                self._programs.close()
                return

    def _measure(self) -> None:
        """How much there is, for who looks on; nobody waits for it."""
        with suppress(GpuwsError, OSError):
            sizes = [one.size() for one in self._transfers]
            known = [size for size in sizes if size is not None]
            self._meter.total = sum(known) if len(known) == len(sizes) else None
