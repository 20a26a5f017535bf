"""What the engine tells of one container from before its start on: that it ended, how well it is."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from gpuws.engines.docker.api.client import Client
from gpuws.engines.docker.api.http import LONGEST_LINE, Reply
from gpuws.engines.docker.existing.parse import table
from gpuws.model.errors import Cancelled, GpuwsError

EVENTS = ("die", "died", "health_status")
LOOK = 0.2
"""Seconds between two looks at whether somebody cancelled."""


@dataclass(slots=True)
class Watch:
    """To be opened before the start, so that no end is too early to be seen. Used by one thread."""

    client: Client
    container: str
    cancel: threading.Event
    _reply: Reply | None = None
    _unread: bytearray = field(default_factory=bytearray)

    def __enter__(self) -> Watch:
        query = {"filters": {"type": ["container"], "container": [self.container], "event": EVENTS}}
        with self.client.errors():
            self._reply = self.client.open("GET", "/events", query)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._reply is not None:
            self._reply.close()

    def next(self, until: float) -> Mapping[str, Any] | None:
        """The next event; None where none came `until` then, a time of the monotonic clock. `Cancelled` once that was
        asked for."""
        while (line := self._line()) is None:
            if self.cancel.is_set():
                raise Cancelled("cancelled")
            if (left := until - time.monotonic()) <= 0:
                return None
            self._read(min(left, LOOK))
        with self.client.errors():
            return table(json.loads(line))

    def end(self, until: float) -> int | None:
        """The status of its first program, where that ends `until` then; None: it did not."""
        while (event := self.next(until)) is not None:
            if event.get("Action") == "die":
                return status_of(event)
        return None

    def _line(self) -> bytes | None:
        line, found, rest = self._unread.partition(b"\n")
        if not found:
            return None
        self._unread = rest
        return bytes(line) if line.strip() else self._line()

    def _read(self, seconds: float) -> None:
        assert self._reply is not None  # as whoever entered it has
        try:
            with self.client.errors():
                self._reply.stream.settimeout(seconds)
                data = self._reply.recv()
        except GpuwsError as error:
            if isinstance(error.__cause__, TimeoutError):
                return
            raise
        if not data or len(self._unread) > LONGEST_LINE:
            raise GpuwsError(
                f"{self.client.server.name} on {self.client.host} ended its event stream", "it may have been restarted"
            )
        self._unread += data


def status_of(event: Mapping[str, Any]) -> int:
    """Of a `die`; -1 where it does not say."""
    word = str(table(table(event.get("Actor")).get("Attributes")).get("exitCode"))
    return int(word) if word.isdecimal() and len(word) < 6 else -1
