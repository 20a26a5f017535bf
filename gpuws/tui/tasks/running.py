"""Long work in the background: its progress, and the way to cancel it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from gpuws.model.errors import Cancelled, GpuwsError
from gpuws.model.placement.plan import Progress, Report
from gpuws.model.text import plain
from gpuws.tui.verbs import Verbs

T = TypeVar("T")


KEPT_LINES = 4
"""Of what a build said last: where it failed stands there."""
KEPT_TASKS = 10
"""Failed ones that are still listed."""


@dataclass(frozen=True, slots=True)
class Running:
    """The newest background task, and how many there are."""

    title: str
    progress: Progress | None
    number: int = 1


@dataclass(slots=True, eq=False)
class Task:
    """`progress` and `lines` are set from the worker's thread: a whole new value each time. `lines`: what a build said
    last. `failure`: why it failed, None while it runs."""

    title: str
    cancel: threading.Event = field(default_factory=threading.Event)
    progress: Progress | None = None
    lines: tuple[str, ...] = ()
    failure: GpuwsError | None = None

    def take(self, step: Progress) -> None:
        """How far it is now."""
        self.progress = step
        if step.stage == "building" and step.text and step.text not in self.lines[-1:]:
            self.lines = (*self.lines, step.text)[-KEPT_LINES:]


class Tasks:
    """`nudge` is called from any thread when there is something new to show; `say` tells that a task was cancelled.

    `failed`: those that did not succeed, the newest last, until they are forgotten."""

    def __init__(self, verbs: Verbs, nudge: Callable[[], None], say: Callable[[str], None]) -> None:
        self._verbs = verbs
        self._nudge = nudge
        self._say = say
        self.running: list[Task] = []
        self.failed: list[Task] = []

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
            task.take(progress)
            self._nudge()

        def ended(then: Callable[[], None]) -> None:
            self.running.remove(task)
            self._nudge()
            then()

        def failure(error: GpuwsError) -> None:
            meant = isinstance(error, Cancelled) and task.cancel.is_set()
            if not meant:
                task.failure = error
                self.failed = [*self.failed, task][-KEPT_TASKS:]
            ended(lambda: self._say(plain(f"{title}: {error.message}", 600)) if meant else failed(error))

        self._verbs.run(title, lambda: call(report, task.cancel), lambda result: ended(lambda: done(result)), failure)
        self._nudge()
        return task

    def forget(self, task: Task) -> None:
        """List a failed one no longer."""
        self.failed.remove(task)
        self._nudge()

    def newest(self) -> Running | None:
        if not self.running:
            return None
        task = self.running[-1]
        return Running(task.title, task.progress, len(self.running))
