"""The background: what runs and the way to cancel it, what waits for GPUs, what came of the last day's tasks, and the
way to their logs."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import ClassVar

from textual import on

from gpuws.model.consent.confirm import Confirmation
from gpuws.model.notice.watch import wait_key
from gpuws.model.placement.queued_wait import QueuedWait
from gpuws.model.task import Task
from gpuws.present.tables.base import Table
from gpuws.present.tables.waits import ordered
from gpuws.tui.command import Command
from gpuws.tui.dialogs.ask import sure
from gpuws.tui.dialogs.list_dialog import ListDialog
from gpuws.tui.notices.commands import watch
from gpuws.tui.notices.things import Ending
from gpuws.tui.tasks import acts
from gpuws.tui.tasks.rows import WAIT, listing, troubled
from gpuws.tui.toolkit.row_list import RowList


class TaskScreen(ListDialog[None]):
    """A failure is seen once the cursor was on it, or its log was open."""

    KEYS_ABOUT = "tasks"
    KEYS: ClassVar[tuple[Command[TaskScreen], ...]] = (
        Command(
            "task-again", "r", "try again", "Begin anew what did not succeed; a launch by its form, as it was",
            lambda screen: screen.try_again(), why_not=lambda screen: screen.not_again(), hint=1,
        ),
        Command(
            "task-cancel", "D", "cancel or forget", "Cancel a task or a wait, forget what ended",
            lambda screen: screen.cancel(), why_not=lambda screen: screen.missing(), hint=2,
        ),
        Command(
            "task-watch", "N", "tell me", "Tell me when this ends; again: not any more",
            lambda screen: screen.tell_me(), why_not=lambda screen: screen.not_watched(),
        ),
    )  # fmt: skip
    title_text = "Background"
    opens_word = "log"
    WIDTH = 110
    """Cells of the dialog where there is room."""
    FRAME = 9
    """Of them around the table, and before its rows."""

    def fleet_changed(self, hosts: Collection[str]) -> None:  # noqa: ARG002 - tasks come with the same paint
        self.update()

    def ready(self) -> None:
        """What has just failed is what one comes for."""
        if key := troubled(self.app.state.tasks):
            self.rows.select(key)
        self._see()

    def table(self) -> Table:
        room = min(self.app.size.width, self.WIDTH) - self.FRAME
        return listing(self.app.state.tasks, self.app.state.waits, time.time(), room)

    @on(RowList.Moved)
    def _see(self) -> None:
        if (task := self._chosen) is not None:
            acts.see(self.app, task)

    @property
    def _chosen(self) -> Task | None:
        row = self.rows.current
        key = row.key.partition("/")[0] if row is not None else ""
        return next((task for task in self.app.state.tasks if task.id == key), None)

    @property
    def _waiting(self) -> QueuedWait | None:
        key = f"{self.rows.current.key}/" if self.rows.current is not None else ""
        return next((wait for wait in self.app.state.waits if key.startswith(f"{WAIT}{wait.id}/")), None)

    def opened(self, key: str) -> None:  # noqa: ARG002 - the cursor is on it
        if (task := self._chosen) is None:
            self.app.say("a wait has no log: it says what it waits for")
            return
        from gpuws.tui.tasks.log import TaskLogScreen

        self.app.push_screen(TaskLogScreen(task))

    # why not

    def missing(self) -> str:
        """Why nothing can be cancelled; "" when it can."""
        return "" if self.rows.current is not None else "nothing runs in the background"

    def not_again(self) -> str:
        """Why nothing can be begun anew; "" when it can."""
        return "it has not been tried yet" if self._waiting is not None else acts.not_again(self._chosen)

    # keys

    def try_again(self) -> None:
        if (task := self._chosen) is not None:
            acts.again(self.app, task)

    def cancel(self) -> None:
        task, wait = self._chosen, self._waiting
        if task is not None:
            (acts.cancel if task.running else acts.forget)(self.app, task)
        elif wait is not None:
            self._ask(wait)

    def not_watched(self) -> str:
        """Why nobody can be told of its end; "" where one can."""
        if (task := self._chosen) is not None:
            return "" if task.running else f"{task.title} has ended"
        if (wait := self._waiting) is not None:
            return "" if wait.open else "it has ended"
        return self.missing()

    def tell_me(self) -> None:
        if (task := self._chosen) is not None:
            watch(self.app, [Ending("task", task.host, task.mark, task.title)])
        elif (wait := self._waiting) is not None:
            name = wait.order.name or wait.order.called
            watch(self.app, [Ending("wait", "", wait_key(wait), f"the wait for {name}")])

    def _ask(self, wait: QueuedWait) -> None:
        lines = ("Its place in the queue is lost; it would begin anew at the end.",)
        asked = Confirmation(f"Cancel the wait for {ordered(wait)}?", lines, f"gpuws waits cancel {wait.id}")
        fleet = self.app.fleet
        sure(
            self.app, lambda: asked, "Cancel it",
            lambda: self.app.verbs.run("cancel wait", lambda: fleet.cancel_wait(wait.id)),
        )  # fmt: skip
