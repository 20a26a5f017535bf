"""A log's stream, read by a daemon thread through a bounded queue: a flood waits at the source."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from gpuws.model.errors import GpuwsError

if TYPE_CHECKING:
    from gpuws.fleet.base import Stream

CHUNKS = 64
log = logging.getLogger(__name__)


class LogReader:
    """`wake` is called from the thread when there is something to drain after nothing was."""

    def __init__(self, open_stream: Callable[[], Stream], wake: Callable[[], object]) -> None:
        self._open, self._wake = open_stream, wake
        self._chunks: queue.Queue[bytes] = queue.Queue(CHUNKS)
        self._closed = threading.Event()
        self._stream: Stream | None = None
        self.ended = False
        self.error: GpuwsError | None = None

    def start(self) -> None:
        threading.Thread(target=self._run, name="log-reader", daemon=True).start()

    def close(self) -> None:
        """Returns at once; the thread ends by itself."""
        self._closed.set()
        stream = self._stream
        if stream is not None:
            threading.Thread(target=stream.close, name="log-close", daemon=True).start()

    def drain(self) -> bytes:
        """Everything that waits."""
        found = []
        while True:
            try:
                found.append(self._chunks.get_nowait())
            except queue.Empty:
                return b"".join(found)

    def _run(self) -> None:
        try:
            stream = self._stream = self._open()
            if self._closed.is_set():
                stream.close()
            while not self._closed.is_set() and (data := stream.recv()):
                self._put(data)
        except GpuwsError as error:
            self.error = error
        except Exception as error:
            if not self._closed.is_set():
                log.exception("reading a log failed")
                self.error = GpuwsError(f"the log broke off: {error}")
        self.ended = True
        self._wake()

    def _put(self, data: bytes) -> None:
        while not self._closed.is_set():
            try:
                self._chunks.put(data, timeout=0.5)
            except queue.Full:
                continue
            self._wake()
            return
