"""Several logs as one that grows: each is read by a thread of its own, their lines come in the order of their times."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from gpuws.fleet.reading import OpenLog
from gpuws.model.errors import GpuwsError
from gpuws.model.workspace.logs import LogWindow
from gpuws.tui.logs.merge import Merge
from gpuws.tui.logs.reader import LogReader
from gpuws.tui.logs.text import LogLine

PATIENCE = 5.0
"""Seconds that the lines of several logs wait for one that is slow."""
REST = 2.0
"""Seconds from the end of a log until it is looked at again where its container runs: the list of those that run is
later to tell of the end."""


class Feed:
    """`wake` is called from a thread when there is something to take. `behind`: lines that are held already; it goes on
    behind them."""

    def __init__(
        self, logs: Sequence[OpenLog], window: LogWindow, wake: Callable[[], object], behind: Sequence[LogLine] = ()
    ) -> None:
        self._since = time.monotonic()
        self._merge = Merge(len(logs))
        together = len(logs) > 1 or window.since is not None or bool(behind)
        self._readers = [
            LogReader(
                one, window, wake, source, together=together,
                behind=[line for line in behind if line.source == source and line.stamp],
            )
            for source, one in enumerate(logs)
        ]  # fmt: skip
        for reader in self._readers:
            reader.start()

    def close(self) -> None:
        """Returns at once. What was not taken is lost."""
        for reader in self._readers:
            reader.close()
        self._readers = []

    def take(self, most: int) -> list[LogLine]:
        """What is next, of each log at most so many portions; 0: only what was waiting for others."""
        for source, reader in enumerate(self._readers):
            caught_up = reader.caught_up
            if most and not self._merge.waits(source):
                self._merge.put(source, reader.drain(most))
            if (caught_up and not reader.waits) or time.monotonic() - self._since > PATIENCE:
                self._merge.open.discard(source)
        return self._merge.take()

    def resume(self, runs: Callable[[int], bool]) -> None:
        """Go on with those that came to their own end a while ago, where `runs` says of the place of one that there is
        more to come."""
        for source, reader in enumerate(self._readers):
            if reader.rests(REST) and runs(source):
                reader.start()

    def failures(self) -> list[GpuwsError]:
        """Why logs broke off, each told once."""
        found = []
        for reader in self._readers:
            if reader.ended and reader.error is not None:
                found.append(reader.error)
                reader.error = None
        return found

    @property
    def writing(self) -> list[LogLine]:
        """Lines that are not done, as of what was taken."""
        return [line for reader in self._readers for line in reader.writing]

    @property
    def waits(self) -> bool:
        """There is something to take."""
        return any(reader.waits for reader in self._readers)

    @property
    def behind(self) -> bool:
        """Much came that was not taken yet."""
        return any(reader.full or not reader.caught_up for reader in self._readers)

    @property
    def ended(self) -> bool:
        """Nothing more comes."""
        return bool(self._readers) and all(reader.ended for reader in self._readers)

    @property
    def cut(self) -> float | None:
        """Seconds since a host of it was lost; None: none is."""
        cuts = [reader.cut for reader in self._readers if reader.cut is not None]
        return time.monotonic() - min(cuts) if cuts else None
