"""Implements `fleet.looking`: a lab whose values move by themselves."""
# ruff: noqa: ARG002 - the protocol's arguments that a simulation has no use for

from __future__ import annotations

import threading
from collections.abc import Callable

from gpuws.fleet.demo.core import DemoCore
from gpuws.fleet.demo.lab.machines import ME
from gpuws.fleet.events import Event, HostUpdated, Listener, QuestionsChanged
from gpuws.fleet.processes import find_process, not_mine
from gpuws.model.checkup.mend import Mend
from gpuws.model.errors import Refused
from gpuws.model.host.busiest import Busiest, busiest
from gpuws.model.host.question import Answer, Question
from gpuws.model.placement.plan import Check
from gpuws.model.timeline import Subject, Timeline, Window
from gpuws.model.workspace.actions import Signal


class DemoLooking(DemoCore):
    def start(self) -> None:
        self._started = True
        if self._tick > 0:
            threading.Thread(target=self._run, name="demo-lab", daemon=True).start()
        self._emit([HostUpdated(s) for s in self.snapshots()])
        if self.questions():
            self._emit([QuestionsChanged(self.questions())])

    def close(self) -> None:
        self._stop.set()
        if self._ports is not None:
            self._ports.close()

    def _run(self) -> None:
        while not self._stop.wait(self._tick):
            self.step()

    def step(self) -> None:
        """One tick of the lab."""
        with self._lock:
            for host in self._hosts.all():
                self._hosts.step(host)
            snapshots = self.snapshots()
            events: list[Event] = [*map(HostUpdated, snapshots), *self._beat(snapshots)]
        self._emit(events)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        return self._publisher.subscribe(listener)

    def questions(self) -> tuple[Question, ...]:
        with self._lock:
            return self._hosts.questions()

    def answer(self, question_id: str, answer: Answer | None) -> None:
        with self._lock:
            changed = self._hosts.answer(question_id, answer)
            events: list[Event] = [HostUpdated(changed.snapshot())] if changed else []
            events.append(QuestionsChanged(self._hosts.questions()))
        self._emit(events)

    def reconnect(self, host: str) -> None:
        with self._lock:
            found = self._hosts.get(host)
            self._hosts.reconnect(found)
            events = [HostUpdated(found.snapshot())]
        self._emit(events)

    def hurry(self, host: str) -> None:
        """Hosts of the demo come back in their own time."""
        with self._lock:
            self._hosts.get(host)

    def watch(self, host: str | None) -> None:
        """Clocks and PCIe are shown of this one only; all else is seen always."""
        with self._lock:
            for one in self._hosts.all():
                one.watched = one.name == host

    def history(self, host: str, subject: Subject, window: Window) -> Timeline:
        with self._lock:
            return self._hosts.get(host).past(subject, window)

    def busiest(self, host: str) -> Busiest:
        with self._lock:
            found = self._hosts.up(host)
            return busiest(found.load(), found.snapshot(), self._clock())

    def signal(self, host: str, pid: int, signal: Signal) -> None:
        """Every program of the demo ends on any signal."""
        with self._lock:
            found = self._hosts.up(host, writing=True)
            process = find_process(found.snapshot(), pid)
            if process.container is None and process.user != ME:
                raise not_mine(host, process)
            found.end_process(pid)
            events = [HostUpdated(found.snapshot())]
        self._emit(events)

    def checkup(self, host: str, *, idle_after: float) -> tuple[Check, ...]:
        from gpuws.fleet.demo import checkup

        with self._lock:
            return checkup.examine(self._hosts.get(host).snapshot(), self._clock(), idle_after)

    def mend(self, host: str, mend: Mend) -> str:
        raise Refused(f"nothing on {host} is mended: the demo's hosts have no such trouble")
