"""Implements `fleet.tasks`: what the demo does in the background, and did before it was looked at."""
# ruff: noqa: ARG002 - the protocol's arguments that a simulation has no use for

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from gpuws.fleet.background.facet import BookedTasks
from gpuws.fleet.demo.looking import DemoLooking
from gpuws.fleet.demo.recipes import DemoRecipes
from gpuws.fleet.demo.workspaces import DemoWorkspaces

if TYPE_CHECKING:
    from gpuws.fleet.background.book import TaskBook
    from gpuws.model.placement.plan import Report
    from gpuws.model.task import Task
    from gpuws.model.workspace.workspace import Ref


class DemoTasks(DemoLooking, DemoRecipes, DemoWorkspaces, BookedTasks):
    """What it did before is loaded when it is asked about after the start: the first frame does without."""

    def tasks(self) -> tuple[Task, ...]:
        if self._tasks is None and self._started:
            self._book()
        return super().tasks()

    def close(self) -> None:
        if self._tasks is not None:
            self._tasks.close()
        super().close()

    def _book(self) -> TaskBook:
        with self._lock:
            new = self._tasks is None
            book = super()._book()
            if new:
                self._remember()
        return book

    def _remember(self) -> None:
        from gpuws.fleet.demo.lab.past_tasks import PastStore, past_tasks

        self.keep_tasks(PastStore(past_tasks(self._clock())))

    def _need_writable(self, host: str) -> None:
        with self._lock:
            self._hosts.up(host, writing=True)

    def _look_for(self, task: Task, report: Report, cancel: threading.Event) -> Ref:
        from gpuws.fleet.background.traces import found_of

        return found_of(task, [one for host in self.snapshots() for one in host.workspaces])
