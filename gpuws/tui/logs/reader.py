"""A log read by a daemon thread through a bounded queue, over cuts: a flood waits at the source."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable

from gpuws.fleet.reading import LogReading, OpenLog, followed
from gpuws.model.errors import GpuwsError
from gpuws.model.workspace.logs import LogWindow
from gpuws.tui.logs.text import LineMaker, LogLine

CHUNKS = 64
log = logging.getLogger(__name__)


class LogReader:
    """`wake` is called from the thread when there is something to drain. `source`: which of several logs it is.

    `together`: what is there is read first, and told by `caught_up`; only then comes what is followed. `behind`: lines
    of it that are known; it begins behind them. `writing`: what is not done, as of what was drained. `cut`: since when
    its host is lost, by the monotonic clock, None: it is not."""

    def __init__(
        self,
        open_log: OpenLog,
        window: LogWindow,
        wake: Callable[[], object],
        source: int = 0,
        *,
        together: bool = False,
        behind: Iterable[LogLine] = (),
    ) -> None:
        self._window, self._wake, self._together = window, wake, together
        self._reading = LogReading(open_log, window)
        for line in behind:
            self._reading.knows(line.stamp, line.output, line.parts)
        if together:
            self._reading.pauses()
        self._portions: queue.Queue[tuple[list[LogLine], list[LogLine]]] = queue.Queue(CHUNKS)
        self._maker = LineMaker(source)
        self._closed = threading.Event()
        self.writing: list[LogLine] = []
        self.caught_up = not together
        self.ended = False
        self._ended_at = 0.0
        self.cut: float | None = None
        self._failed = False
        self.error: GpuwsError | None = None

    def start(self) -> None:
        """Once more after its end, it goes on there."""
        self.ended = False
        threading.Thread(target=self._run, name="log-reader", daemon=True).start()

    def close(self) -> None:
        """Returns at once; the thread ends by itself."""
        self._closed.set()
        threading.Thread(target=self._reading.close, name="log-close", daemon=True).start()

    def rests(self, seconds: float) -> bool:
        """What it followed came to its own end, so long ago."""
        over = self.ended and self.error is None and self._window.follow and not self._failed
        return over and time.monotonic() - self._ended_at > seconds

    @property
    def waits(self) -> bool:
        """There is something to drain."""
        return not self._portions.empty()

    @property
    def full(self) -> bool:
        """More comes than was drained."""
        return self._portions.full()

    def drain(self, most: int = CHUNKS) -> list[LogLine]:
        """What waits, at most so many portions."""
        found: list[LogLine] = []
        for _ in range(most):
            try:
                lines, self.writing = self._portions.get_nowait()
            except queue.Empty:
                break
            found += lines
        return found

    def _run(self) -> None:
        try:
            self._read()
            if self._together and self._window.follow and not self._closed.is_set():
                self.caught_up = True
                self._wake()
                self._reading.goes_on()
                self._read()
        except GpuwsError as error:
            self.error, self._failed = error, True
        except Exception as error:
            if not self._closed.is_set():
                log.exception("reading a log failed")
                self.error = GpuwsError(f"the log broke off: {error}")
        self._put(self._maker.end(), [])
        self.caught_up, self.ended, self.cut = True, True, None
        self._ended_at = time.monotonic()
        self._wake()

    def _read(self) -> None:
        for messages in followed(self._reading, self._closed, self._told):
            found = self._maker.feed(messages)
            self._put(found, self._maker.writing())

    def _told(self, error: GpuwsError | None) -> None:
        self.cut = None if error is None else time.monotonic()
        self._wake()

    def _put(self, lines: list[LogLine], writing: list[LogLine]) -> None:
        while not self._closed.is_set():
            try:
                self._portions.put((lines, writing), timeout=0.5)
            except queue.Full:
                continue
            self._wake()
            return
