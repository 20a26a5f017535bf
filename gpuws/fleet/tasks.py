"""Long work that goes on without whoever asked for it.

Every verb that reports progress and can be cancelled is a task, but for `try_host`: whoever holds the fleet goes on
with it when its caller is gone, and keeps its log and what came of it for a day."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Protocol

from gpuws.fleet.crossing import shown, view
from gpuws.link.place import Stream
from gpuws.model.placement.plan import Plan, Report
from gpuws.model.task import Task
from gpuws.model.workspace.logs import LogWindow


class Tasks(Protocol):
    """`TargetError` where there is no task of that number."""

    @view
    def tasks(self) -> tuple[Task, ...]:
        """Those that go on, and those that ended in the last day, oldest first; never blocks."""
        ...

    def task_log(self, task_id: str, window: LogWindow) -> Stream:
        """What it said, line by line, without secrets; ends by itself unless followed, and by closing."""
        ...

    @shown
    def begin_launch(self, plan: Plan) -> Task:
        """`launch` without staying: returns at once."""
        ...

    def follow_task(self, task_id: str, report: Report, cancel: threading.Event) -> Task:
        """`report` its steps until it has ended; gives it as it ended, whatever came of it.

        `Cancelled` once `cancel` is set: nobody follows any more, and it goes on."""
        ...

    @shown
    def cancel_task(self, task_id: str) -> None:
        """Ask it to end; returns at once. One that ended stays as it is."""
        ...

    @shown
    def retry_task(self, task_id: str, environ: Mapping[str, str]) -> Task:
        """Begin what failed anew, as a task of its own; a launch is planned again. Returns as soon as that is done.

        `environ`: the asker's, as in `Want`; holds secrets. Of the first one's, what is missing in it is known as long
        as the process that was asked lives; `Refused` with its names afterwards. `Refused` while it runs."""
        ...

    @shown
    def see_task(self, task_id: str) -> None:
        """Somebody has taken note of its end."""
        ...

    @shown
    def forget_task(self, task_id: str) -> None:
        """List it no longer, with its log. `Refused` while it runs."""
        ...
