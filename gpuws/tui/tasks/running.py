"""Long work in the background: its progress, and the way to cancel it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from gpuws.model.errors import Cancelled, GpuwsError
from gpuws.model.placement.plan import Progress, Report
from gpuws.model.text import plain
from gpuws.tui.fleet.header import Running
from gpuws.tui.verbs import Verbs

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class Task:
    """`progress` is set from the worker's thread: a whole new value each time."""

    title: str
    cancel: threading.Event = field(default_factory=threading.Event)
    progress: Progress | None = None


class Tasks:
    """`nudge` is called from any thread when there is something new to show; `say` tells that a task was cancelled."""

    def __init__(self, verbs: Verbs, nudge: Callable[[], None], say: Callable[[str], None]) -> None:
        self._verbs = verbs
        self._nudge = nudge
        self._say = say
        self.running: list[Task] = []

    def start(
        self,
        title: str,
        call: Callable[[Report, threading.Event], T],
        done: Callable[[T], None],
        failed: Callable[[GpuwsError], None],
    ) -> Task:
        task = Task(title)
        self.running.append(task)

        def report(progress: Progress) -> None:
            task.progress = progress
            self._nudge()

        def ended(then: Callable[[], None]) -> None:
            self.running.remove(task)
            self._nudge()
            then()

        def failure(error: GpuwsError) -> None:
            meant = isinstance(error, Cancelled) and task.cancel.is_set()
            ended(lambda: self._say(plain(f"{title}: {error.message}", 600)) if meant else failed(error))

        self._verbs.run(title, lambda: call(report, task.cancel), lambda result: ended(lambda: done(result)), failure)
        self._nudge()
        return task

    def newest(self) -> Running | None:
        if not self.running:
            return None
        task = self.running[-1]
        return Running(task.title, task.progress, len(self.running))
