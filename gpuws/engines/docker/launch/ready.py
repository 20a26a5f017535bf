"""Waiting until a container that runs is of use: a port of it answers, or its health check says so."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gpuws.engines.docker.api.client import Client
from gpuws.engines.docker.existing.condition import health
from gpuws.engines.docker.existing.parse import rows, table
from gpuws.engines.docker.launch.watch import Watch, status_of
from gpuws.link.place import Stream
from gpuws.model.errors import Cancelled, GpuwsError, HostError
from gpuws.model.placement.follow import HEALTHY
from gpuws.model.placement.plan import Progress, Report
from gpuws.model.text import plain

SOON, SELDOM = 0.1, 1.0
"""Seconds between two tries of a port: the first, and after some."""

Answers = Callable[[int], Stream]
"""Dials a port of the container; `GpuwsError` where nothing answers."""


class NotReady(Exception):
    """It runs, and is not ready. `seen`: what was seen last."""

    def __init__(self, seen: str) -> None:
        super().__init__(seen)
        self.seen = seen


@dataclass(slots=True)
class Readiness:
    """`name`: the container's, for its progress. Asked by one thread."""

    client: Client
    watch: Watch
    name: str
    report: Report
    seen: str = "nothing was seen yet"
    began: float = 0.0

    def wait(self, wanted: str, within: float, dial: Answers) -> int | None:
        """None once it is so; the status of its first program where that ends meanwhile. `NotReady` where it is not
        within that time; `Cancelled` where nobody waits any more."""
        self.began = time.monotonic()
        until = self.began + within
        return self._healthy(until) if wanted == HEALTHY else self._port(int(wanted), until, dial)

    def _port(self, port: int, until: float, dial: Answers) -> int | None:
        pause = SOON
        while time.monotonic() < until:
            try:
                dial(port).close()
            except HostError:
                raise
            except GpuwsError as error:
                self._tell(f"port {port}", error.message)
            else:
                return None
            if (code := self.watch.end(min(time.monotonic() + pause, until))) is not None:
                return code
            pause = min(pause * 1.5, SELDOM)
        raise NotReady(self.seen)

    def _healthy(self, until: float) -> int | None:
        state = self._state()
        word = health("", state)
        if word is None:
            raise NotReady("it has no health check")
        while word != HEALTHY:
            self._tell("health", word)
            if word == "unhealthy":
                raise NotReady(_checked(self._state()))
            event = self.watch.next(until)
            if event is None:
                raise NotReady(_checked(self._state()))
            if event.get("Action") == "die":
                return status_of(event)
            word = str(event.get("Action")).partition(": ")[2]
        return None

    def _state(self) -> Mapping[str, Any]:
        with self.client.errors():
            return table(self.client.inspect(self.watch.container).get("State"))

    def _tell(self, what: str, seen: str) -> None:
        self.seen = seen
        self.report(Progress("waiting", f"{self.name}: for {what} · {seen}"))


def _checked(state: Mapping[str, Any]) -> str:
    """What its health check said last."""
    found = [table(row) for row in rows(table(state.get("Health")).get("Log"))]
    word = health("", state) or "no health check"
    said = plain(str(found[-1].get("Output") or ""), 200) if found else ""
    return f"{word}: {said}" if said else word


def cancelled(target: str, wanted: str) -> Cancelled:
    """It is there, whoever waits for it."""
    text = f"{target} runs; nobody waits any more until {what(wanted)}"
    return Cancelled(text, f"gpuws rm -f {target} removes it")


def what(wanted: str) -> str:
    """`port 8888 answers`, `it is healthy`."""
    return "it is healthy" if wanted == HEALTHY else f"port {wanted} answers"
