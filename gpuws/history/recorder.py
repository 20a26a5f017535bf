"""Takes down how GPUs are used, in a thread of its own; what can't be written waits, and stops nobody."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path

from gpuws.model.history.tally import Tally
from gpuws.model.history.usage import Keep, Record
from gpuws.model.host.machine import one_each
from gpuws.model.host.snapshot import HostSnapshot

log = logging.getLogger(__name__)
EVERY = 60.0
"""Seconds between two writes."""
WRITING = 2.0
"""Seconds that an end waits for what was seen to be written."""
MOST_WAITING = 240
"""Records that wait for a file that can't be written; then the oldest are lost."""


class Recorder:
    """`keep` gives what is wished now; while that is "off" nothing is taken down, and no file made."""

    def __init__(
        self, path: Path, keep: Callable[[], Keep], *, every: float = EVERY, clock: Callable[[], float] = time.time
    ) -> None:
        self._path = path
        self._keep = keep
        self._every = every
        self._clock = clock
        self._news: queue.SimpleQueue[HostSnapshot | None] = queue.SimpleQueue()
        self._latest: dict[str, HostSnapshot] = {}
        self._tally = Tally()
        self._waiting: list[Record] = []
        self._said = ""
        self._thread = threading.Thread(target=self._run, name="history", daemon=True)
        self._thread.start()

    def saw(self, snapshot: HostSnapshot) -> None:
        """From any thread; returns at once."""
        self._news.put(snapshot)

    def close(self) -> None:
        self._news.put(None)
        self._thread.join(WRITING)

    def _run(self) -> None:
        due = time.monotonic() + self._every
        while True:
            try:
                snapshot = self._news.get(timeout=max(due - time.monotonic(), 0.0))
            except queue.Empty:
                self._guarded(self._write)
                due = time.monotonic() + self._every
                continue
            if snapshot is None:
                self._guarded(self._write)
                return
            self._guarded(lambda taken=snapshot: self._take(taken))  # type: ignore[misc]
            if time.monotonic() >= due:
                self._guarded(self._write)
                due = time.monotonic() + self._every

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception:  # a fault of ours costs this news, never those that follow
            log.exception("history was not kept for a moment")

    def _take(self, snapshot: HostSnapshot) -> None:
        """A machine that goes by several names is taken by the first."""
        keep = self._keep()
        if keep == "off":
            return
        self._latest[snapshot.name] = snapshot
        if not snapshot.aliases or snapshot.name in {one.name for one in one_each(tuple(self._latest.values()))}:
            self._tally.add(snapshot, keep)

    def _write(self) -> None:
        record = self._tally.take()
        if record.uses or record.watched or record.rests or record.gpus:
            self._waiting = [*self._waiting, record][-MOST_WAITING:]
        if self._waiting:
            self._waiting = self._waiting[self._written() :]

    def _written(self) -> int:
        """How many of those that wait are in the file now."""
        from gpuws.history.store import Broken, Store, Unusable  # with SQLite, which nothing else of a keeper needs

        store = Store(self._path)
        for number, record in enumerate(self._waiting):
            try:
                store.write(record, self._clock())
            except Broken as error:
                aside = store.set_aside()
                self._say(f"{error.message}; it is {aside} now, and a new one is begun")
                return number
            except Unusable as error:
                self._say(f"history can't be written, and waits: {error.message}")
                return number
        self._said = ""
        return len(self._waiting)

    def _say(self, sentence: str) -> None:
        """Once, until it went well again."""
        if sentence != self._said:
            self._said = sentence
            log.warning("%s", sentence)
