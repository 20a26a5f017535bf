"""Implements `fleet.looking`: what the supervisors of the hosts tell."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from gpuws.fleet.local.shared.core import Core

if TYPE_CHECKING:
    from gpuws.fleet.events import Listener
    from gpuws.model.checkup.mend import Mend
    from gpuws.model.host.busiest import Busiest
    from gpuws.model.host.question import Answer, Question
    from gpuws.model.host.snapshot import HostSnapshot
    from gpuws.model.placement.plan import Check
    from gpuws.model.timeline import Subject, Timeline, Window
    from gpuws.model.workspace.actions import Signal


class LocalLooking(Core):
    def start(self) -> None:
        self._hosts.start()

    def close(self) -> None:
        self._questions.close()
        if self._waits is not None:
            self._waits.close()
        self._tunnels.close_all()
        self._hosts.close()

    def snapshots(self) -> tuple[HostSnapshot, ...]:
        return tuple(supervisor.snapshot for supervisor in self._hosts.all())

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        return self._publisher.subscribe(listener)

    def questions(self) -> tuple[Question, ...]:
        return self._questions.pending()

    def answer(self, question_id: str, answer: Answer | None) -> None:
        self._questions.answer(question_id, answer)

    def reconnect(self, host: str) -> None:
        self._hosts.find(host).reconnect()

    def hurry(self, host: str) -> None:
        self._hosts.find(host).hurry()

    def watch(self, host: str | None) -> None:
        self.watch_all({host} if host else set())

    def watch_all(self, hosts: Collection[str]) -> None:
        """As `watch`, for several who look."""
        for supervisor in self._hosts.all():
            supervisor.watch(supervisor.host.name in hosts)

    def history(self, host: str, subject: Subject, window: Window) -> Timeline:
        return self._hosts.find(host).history(subject, window)

    def busiest(self, host: str) -> Busiest:
        import time

        from gpuws.model.host.busiest import busiest

        supervisor = self._hosts.find(host)
        return busiest(supervisor.busiest(), supervisor.snapshot, time.time())

    def signal(self, host: str, pid: int, signal: Signal) -> None:
        from gpuws.fleet.local.host.signals import send

        send(self._hosts.find(host), pid, signal)

    def checkup(self, host: str, *, idle_after: float) -> tuple[Check, ...]:
        from gpuws.fleet.local.host.checkup import examine

        return examine(self._hosts.find(host), self._publisher, idle_after)

    def mend(self, host: str, mend: Mend) -> str:
        from gpuws.fleet.local.shared.mending import carry_out

        return carry_out(self._hosts.writable(host), mend)
