"""The background: what runs and the way to cancel it, what waits for GPUs, what failed and what to do about it."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import ClassVar

from gpuws.model.consent.confirm import Confirmation
from gpuws.model.placement.queued_wait import QueuedWait
from gpuws.present.line import clean
from gpuws.present.tables.base import Table
from gpuws.present.tables.waits import ordered
from gpuws.tui.command import Command
from gpuws.tui.dialogs.list_dialog import ListDialog
from gpuws.tui.tasks.rows import TAKEN, WAIT, listing, task_key


class TaskScreen(ListDialog[None]):
    KEYS_ABOUT = "tasks"
    KEYS: ClassVar[tuple[Command[TaskScreen], ...]] = (
        Command(
            "task-cancel", "D", "cancel", "Cancel a task or a wait, forget a failure",
            lambda screen: screen.cancel(), why_not=lambda screen: screen.missing(), hint=1,
        ),
    )  # fmt: skip
    title_text = "Background"
    opens = False
    WIDTH = 110
    """Cells of the dialog where there is room."""

    def fleet_changed(self, hosts: Collection[str]) -> None:  # noqa: ARG002 - tasks nudge the same paint
        self.update()

    def table(self) -> Table:
        tasks = self.app.tasks
        room = max(min(self.app.size.width, self.WIDTH) - TAKEN, 12)
        return listing(tasks.running, self.app.state.waits, tasks.failed, time.time(), room)

    def missing(self) -> str:
        """Why nothing can be cancelled; "" when it can."""
        return "" if self.rows.current is not None else "nothing runs in the background"

    def cancel(self) -> None:
        row = self.rows.current
        assert row is not None  # as `missing` said
        key, tasks = row.key.partition("/")[0], self.app.tasks
        for task in tasks.running:
            if task_key(task) == key:
                task.cancel.set()
                self.app.say(f"cancelling {clean(task.title)}")
        for task in [task for task in tasks.failed if task_key(task) == key]:
            tasks.forget(task)
        for wait in self.app.state.waits:
            if f"{row.key}/".startswith(f"{WAIT}{wait.id}/"):
                self._ask(wait)
        self.update()

    def _ask(self, wait: QueuedWait) -> None:
        from gpuws.tui.dialogs.confirm import ConfirmScreen

        lines = ("Its place in the queue is lost; it would begin anew at the end.",)
        asked = Confirmation(f"Cancel the wait for {ordered(wait)}?", lines, f"gpuws waits cancel {wait.id}")

        def answered(yes: bool | None) -> None:
            if yes:
                self.app.verbs.run("cancel wait", lambda: self.app.fleet.cancel_wait(wait.id))

        self.app.push_screen(ConfirmScreen(asked, "Cancel it"), answered)
