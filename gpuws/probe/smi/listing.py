"""Who runs on the GPUs, by lists of `nvidia-smi`: one that says where it ends, then a loop whose lists do not.

A list is what comes at once; an empty one is silence, which is believed where the GPUs' memory agrees. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Row = dict[str, Any]

MOST = 2048
SETTLED = 0.25  # seconds after its last line in which a list is over: it is printed at once
LATE = 1.0  # seconds that the next list may be late by


class Listing:
    """`period`: seconds from one list of the loop to the next; None where only lists with an end come."""

    def __init__(self, period: float) -> None:
        self._period = period
        self._listed: list[Row] | None = None
        self._coming: dict[tuple[str, int], Row] = {}
        self._began = self._last = 0.0  # of the list that is on its way
        self._memory: dict[str, int] = {}  # of each GPU in use, when they were listed last
        self.failed = ""  # why they can't be listed

    @property
    def known(self) -> bool:
        return self._listed is not None

    @property
    def rows(self) -> list[Row]:
        """As listed last, with those that came since."""
        listed = self._listed or []
        before = {_key(row) for row in listed}
        return [*listed, *(row for key, row in self._coming.items() if self._listed is not None and key not in before)]

    def take(self, row: Row, gpus: Mapping[str, Row], now: float) -> None:
        """A process. `gpus`: as they are shown, by UUID."""
        if self._listed is not None and self._coming and now - self._began > self._period / 2:
            self._finish(gpus)
        if not self._coming:
            self._began = now
        self._last = now
        if len(self._coming) < MOST:
            self._coming[_key(row)] = row

    def end(self, status: str, gpus: Mapping[str, Row], now: float) -> None:
        """The list that says so is over; one that failed tells of none."""
        self._last = now
        self._finish(gpus)
        self.failed = "" if status == "0" else f"nvidia-smi fails to list them (status {status})"

    def settle(self, gpus: Mapping[str, Row], now: float) -> bool:
        """Whether a list of the loop turned out to be over by now, or to be empty."""
        if self._listed is None:
            return False
        if self._coming:
            over = now - self._last >= SETTLED
            if over:
                self._finish(gpus)
            return over
        if not self._listed or self.failed or now - self._last <= self._period + LATE:
            return False
        left = [row for row in self._listed if not self._left(row, gpus.get(row["gpu_uuid"]))]
        gone, self._listed = len(left) < len(self._listed), left
        return gone

    def _finish(self, gpus: Mapping[str, Row]) -> None:
        self._listed, self._coming = list(self._coming.values()), {}
        used = ((uuid, row.get("memory_used")) for uuid, row in gpus.items() if not row.get("unified"))
        self._memory = {uuid: memory for uuid, memory in used if memory is not None}

    def _left(self, process: Row, gpu: Row | None) -> bool:
        """Nothing in its GPU's memory contradicts that: a program that hangs is silent, too."""
        before, now, had = self._memory.get(process["gpu_uuid"]), (gpu or {}).get("memory_used"), process["memory"]
        return before is None or now is None or had is None or before - now >= had / 2


def _key(row: Row) -> tuple[str, int]:
    return row["gpu_uuid"], row["pid"]
