"""Lines of several logs as one, by their times. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from gpuws.tui.logs.text import LogLine


class Merge:
    """Forwards. A log that is not `open` any more has told all of its past: the others don't wait for it."""

    def __init__(self, count: int) -> None:
        self._waiting: list[deque[LogLine]] = [deque() for _ in range(count)]
        self.open = set(range(count))

    def put(self, source: int, lines: Sequence[LogLine]) -> None:
        self._waiting[source].extend(lines)

    def waits(self, source: int) -> bool:
        """Lines of it wait for others."""
        return bool(self._waiting[source])

    def take(self) -> list[LogLine]:
        """Those that nothing older can come before."""
        found: list[LogLine] = []
        while all(self._waiting[source] for source in self.open):
            some = [waiting for waiting in self._waiting if waiting]
            if not some:
                break
            found.append(min(some, key=lambda waiting: waiting[0].stamp).popleft())
        return found


class Backwards:
    """What is older, newest first: pages of each log that were read, `begun`: the logs that have nothing older."""

    def __init__(self, count: int) -> None:
        self.ahead: list[list[LogLine]] = [[] for _ in range(count)]
        self.begun: set[int] = set()

    @property
    def missing(self) -> list[int]:
        """Logs of which a page is needed."""
        return [source for source, lines in enumerate(self.ahead) if not lines and source not in self.begun]

    @property
    def at_start(self) -> bool:
        return len(self.begun) == len(self.ahead) and not any(self.ahead)

    def put(self, source: int, lines: Sequence[LogLine]) -> None:
        self.ahead[source][:0] = lines
        if not lines:
            self.begun.add(source)

    def take(self, most: int) -> list[LogLine]:
        """Those that nothing newer can come behind, the oldest first."""
        found: list[LogLine] = []
        while len(found) < most and not self.missing:
            some = [lines for lines in self.ahead if lines]
            if not some:
                break
            found.append(max(some, key=lambda lines: lines[-1].stamp).pop())
        return found[::-1]
