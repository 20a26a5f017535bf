"""What an engine says while it builds: lines, the step it is at, and the output of that step."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

from gpuws.model.placement.plan import Progress
from gpuws.model.text import ESCAPES, plain

LONGEST = 500
"""Characters of a line that are kept."""
KEPT = 400
"""Lines of a step that are looked at when it fails."""
_STEP = re.compile(r"Step (\d+)/(\d+) : ")


class Output:
    """Mutable. `step`: the one that it is at, from 1; 0 before the first. `said`: its output so far."""

    def __init__(self) -> None:
        self.step = 0
        self.fraction: float | None = None
        self.said: deque[str] = deque(maxlen=KEPT)
        self._begun = ""

    def take(self, item: Mapping[str, Any]) -> Iterator[Progress]:
        """A report for each line that `item` ends. An engine sends what a program wrote as it was written."""
        if isinstance(stream := item.get("stream"), str):
            *whole, self._begun = (self._begun + stream).split("\n")
            for line in whole:
                yield from self._line(line)
        elif isinstance(status := item.get("status"), str):
            name = str(item.get("id", ""))
            yield from self._line(f"{name}: {status}" if name else status)

    def end(self) -> Iterator[Progress]:
        """What was begun and never ended."""
        begun, self._begun = self._begun, ""
        yield from self._line(begun)

    def _line(self, line: str) -> Iterator[Progress]:
        """Of a line that was drawn over itself what it was at last."""
        shown = plain(ESCAPES.sub("", line.rstrip("\r").rpartition("\r")[2]), LONGEST)
        if not shown:
            return
        if step := _STEP.match(shown):
            self.step = int(step[1])
            self.fraction = (self.step - 1) / max(int(step[2]), 1)
            self.said.clear()
        else:
            self.said.append(shown)
        yield Progress("building", shown, self.fraction)
