"""Keeps a probe running on a host for as long as its link lives."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from gpuws.fleet.local.host.backoff import delay
from gpuws.fleet.local.host.parts import Parts, with_counters, with_reading
from gpuws.link.place import Link
from gpuws.model.errors import GpuwsError, HostError
from gpuws.model.gpu.fault import Fault
from gpuws.model.gpu.reading import HostFacts, HostReading
from gpuws.model.host.host import Host
from gpuws.probe.amd.supplement import AmdSupplement
from gpuws.probe.client import Probe
from gpuws.probe.smi.supplement import SmiSupplement
from gpuws.tmux.listing import NoTmux, list_sessions

if TYPE_CHECKING:
    from gpuws.model.host.busiest import LoadTold
    from gpuws.model.workspace.usage import Counters
    from gpuws.probe.smi.client import SmiProbe

Tell = Callable[[Callable[[Parts], Parts]], None]
MUTE = 60.0  # seconds between attempts on a host that runs no commands
NO_ROOM = Fault(
    "no-room",
    "the server opens one program at a time (MaxSessions), and another one is open: nothing is read meanwhile",
    "close that, or raise MaxSessions in its sshd_config",
)
ROOM = 1.0  # seconds without another program, until it is read again
GLANCE = 0.2  # seconds between looks at that
_SESSIONS_INTERVAL = 10.0  # seconds between looks at the sessions of a host without an agent


class Telemetry:
    """One daemon thread: start the probe, wait for its end, start it again with backoff.

    Where no agent can run there, `nvidia-smi` takes its place."""

    def __init__(self, host: Host, link: Link, tell: Tell) -> None:
        self._host = host
        self._link = link
        self._tell = tell
        self._stop = threading.Event()
        self._ended = threading.Event()
        self._failure: Fault | None = None
        self._probe: Probe | SmiProbe | None = None
        self._supplements = (SmiSupplement(link, host), AmdSupplement(link))
        self._told = False  # who I am there
        self._wanted = 0.0  # monotonic: when somebody was last in want of a program there
        self._looking = False
        self._attempts = 0

    def start(self) -> None:
        threading.Thread(target=self._run, name=f"telemetry {self._host.name}", daemon=True).start()

    def close(self) -> None:
        self._stop.set()
        self._ended.set()
        if self._probe is not None:
            self._probe.close()
        for supplement in self._supplements:
            supplement.close()

    def look(self, on: bool) -> None:
        """While on, readings have what is read of a GPU only when somebody looks closely; returns at once."""
        self._looking = on
        if self._probe is not None:
            self._probe.look(on)

    def busiest(self) -> LoadTold:
        """Which processes load the host most, asked now; GpuwsError where it does not tell."""
        probe = self._probe
        if probe is None:
            raise HostError(f"{self._host.name}: its processes can't be read yet", "try again in a moment")
        return probe.busiest()

    def containers(self) -> tuple[Counters, ...]:
        """What containers take by their control groups, asked now; GpuwsError where that can't be told."""
        probe = self._probe
        if not isinstance(probe, Probe):
            raise HostError(f"{self._host.name}: its control groups are not read")
        return probe.containers()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._ended.clear()
            self._probe = Probe(
                self._link, self._host, self._facts, self._reading, self._end, on_containers=self._containers
            )
            self._probe.look(self._looking)
            self._probe.start()
            self._ended.wait()
            if self._stop.is_set():
                self._probe.close()
                return
            if self._failure is not None and self._failure.kind == "no-python":
                self._without_agent(self._failure)
            if self._failure is not None and self._failure.kind == "no-room":
                self._await_room()
                continue
            self._attempts += 1
            mute = self._failure is not None and self._failure.kind == "swallowed"
            self._stop.wait(MUTE if mute else delay(self._attempts))

    def give_way(self) -> bool:
        """Somebody wants the only program that the server opens: have it, until it was closed for a moment. False where
        nothing is read now. From any thread; returns at once."""
        probe, self._wanted = self._probe, time.monotonic()
        if probe is None or not probe.running:
            return False
        self._failure = NO_ROOM
        probe.close()
        self._ended.set()
        return True

    def _await_room(self) -> None:
        """What was read last stays, with its age."""
        begun = free = time.monotonic()
        told = False
        while not self._stop.wait(GLANCE):
            now, facts = time.monotonic(), self._link.facts()
            if facts is not None and facts.sessions:
                free = now
            if now - max(free, self._wanted) >= ROOM:
                return
            if now - begun >= self._host.telemetry_interval and not told:
                told = True
                self._tell(lambda parts: replace(parts, telemetry_error=NO_ROOM))

    def _facts(self, facts: HostFacts) -> None:
        self._told = True
        self._tell(lambda parts: replace(parts, facts=facts))

    def _reading(self, reading: HostReading) -> None:
        self._attempts = 0
        whole = reading
        for supplement in self._supplements:
            whole = supplement.joined(whole)
        self._tell(lambda parts: with_reading(parts, whole))

    def _containers(self, told: tuple[Counters, ...]) -> None:
        self._tell(lambda parts: with_counters(parts, told))

    def _end(self, failure: Fault) -> None:
        self._failure = failure
        if not self._stop.is_set() and failure.kind not in ("no-python", "no-room"):
            self._tell(lambda parts: replace(parts, telemetry_error=failure))
        self._ended.set()

    def _without_agent(self, reason: Fault) -> None:
        """Until it ends or the probe does; the sessions are asked for beside it."""
        self._ended.clear()
        if self._stop.is_set():
            return
        from gpuws.probe.smi.client import SmiProbe

        self._probe = probe = SmiProbe(
            self._link, self._host, self._facts_and_sessions, self._reading, self._end, reason=reason
        )
        probe.start()
        while not self._ended.wait(_SESSIONS_INTERVAL):
            self.read_sessions()
        probe.close()

    def _facts_and_sessions(self, facts: HostFacts) -> None:
        self._facts(facts)
        self.read_sessions()

    def read_sessions(self) -> bool:
        """The sessions of the host, now: the agent tells them every ten seconds only. False where it does not answer:
        those known before stay."""
        if not self._told:
            return False
        try:
            sessions = list_sessions(self._link)
        except NoTmux:
            sessions = ()
        except GpuwsError:
            return False
        self._tell(lambda parts: replace(parts, sessions=sessions))
        return True
