"""What was seen of each GPU's utilization in the last minutes: only what this program watched itself."""

from __future__ import annotations

from collections import deque

from gpuws.model.snapshot import HostSnapshot
from gpuws.tui.present.bars import spark
from gpuws.tui.present.status import fresh

WINDOW = 300.0
BUCKET = 10.0


class History:
    """Means of 10 s, for 5 minutes."""

    def __init__(self) -> None:
        self._buckets: dict[str, deque[tuple[int, float, int]]] = {}

    def add(self, snapshot: HostSnapshot) -> None:
        if not fresh(snapshot) or snapshot.updated_at is None:
            return
        number = int(snapshot.updated_at // BUCKET)
        for gpu in snapshot.gpus:
            if gpu.utilization is None:
                continue
            kept = self._buckets.setdefault(gpu.uuid, deque(maxlen=int(WINDOW / BUCKET)))
            if kept and kept[-1][0] == number:
                _, total, count = kept.pop()
                kept.append((number, total + gpu.utilization, count + 1))
            else:
                kept.append((number, gpu.utilization, 1))

    def trend(self, uuid: str, cells: int, now: float) -> str:
        """A sparkline of `cells` cells that ends now; blank where nothing was seen."""
        if not cells:
            return ""
        span = WINDOW / cells
        sums = [(0.0, 0)] * cells
        for number, total, count in self._buckets.get(uuid, ()):
            cell = cells - 1 - int((now - (number + 0.5) * BUCKET) / span)
            if 0 <= cell < cells:
                before = sums[cell]
                sums[cell] = (before[0] + total, before[1] + count)
        return spark(total / count if count else None for total, count in sums)
