"""Keeps a probe running on a host for as long as its link lives."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace

from gpuws.fleet.backoff import delay
from gpuws.fleet.parts import Parts, with_reading
from gpuws.link.place import Link
from gpuws.model.errors import GpuwsError
from gpuws.model.host import Host
from gpuws.model.reading import HostFacts, HostReading
from gpuws.probe.client import NO_PYTHON, Probe
from gpuws.probe.shell import shell_facts
from gpuws.tmux.sessions import list_sessions

Tell = Callable[[Callable[[Parts], Parts]], None]
_NO_PYTHON_INTERVAL = 10.0  # seconds between looks at a host that only a shell can tell about


class Telemetry:
    """One daemon thread: start the probe, wait for its end, start it again with backoff."""

    def __init__(self, host: Host, link: Link, tell: Tell) -> None:
        self._host = host
        self._link = link
        self._tell = tell
        self._stop = threading.Event()
        self._ended = threading.Event()
        self._failure = ""
        self._probe: Probe | None = None
        self._attempts = 0

    def start(self) -> None:
        threading.Thread(target=self._run, name=f"telemetry {self._host.name}", daemon=True).start()

    def close(self) -> None:
        self._stop.set()
        self._ended.set()
        if self._probe is not None:
            self._probe.close()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._ended.clear()
            self._probe = Probe(self._link, self._host, self._facts, self._reading, self._end)
            self._probe.start()
            self._ended.wait()
            if self._stop.is_set():
                self._probe.close()
                return
            if self._failure.startswith(NO_PYTHON):
                self._without_python(self._failure)
                return
            self._attempts += 1
            self._stop.wait(delay(self._attempts))

    def _facts(self, facts: HostFacts) -> None:
        self._tell(lambda parts: replace(parts, facts=facts))

    def _reading(self, reading: HostReading) -> None:
        self._attempts = 0
        self._tell(lambda parts: with_reading(parts, reading))

    def _end(self, failure: str) -> None:
        self._failure = failure
        if not self._stop.is_set() and not failure.startswith(NO_PYTHON):
            self._tell(lambda parts: replace(parts, telemetry_error=failure))
        self._ended.set()

    def _without_python(self, failure: str) -> None:
        """No probe can run: who I am there and which sessions exist is all that can be told."""
        while not self._stop.is_set() and self._link.alive:
            try:
                facts = shell_facts(self._link)
                sessions = list_sessions(self._link) if facts.has_tmux else ()
            except GpuwsError as error:
                message = str(error)
                self._tell(lambda parts, message=message: replace(parts, telemetry_error=message))  # type: ignore[misc]
            else:
                seen = Parts(facts=facts, telemetry_error=failure, seen_at=time.time(), sessions=sessions)
                self._tell(lambda parts, seen=seen: _seen(parts, seen))  # type: ignore[misc]
            self._stop.wait(_NO_PYTHON_INTERVAL)


def _seen(parts: Parts, seen: Parts) -> Parts:
    return replace(
        parts, facts=seen.facts, telemetry_error=seen.telemetry_error, seen_at=seen.seen_at, sessions=seen.sessions
    )
