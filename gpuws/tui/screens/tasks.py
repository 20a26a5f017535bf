"""What runs in the background, and how to cancel it."""

from __future__ import annotations

from collections.abc import Collection

from gpuws.tui.keys import bindings
from gpuws.tui.present.bars import progress
from gpuws.tui.present.line import clean
from gpuws.tui.present.panels import one
from gpuws.tui.present.tables import Column, Table, TableRow
from gpuws.tui.tasks import Task
from gpuws.tui.widgets.list_dialog import ListDialog

COLUMNS = (Column("TASK", 34), Column("", 12), Column("STEP", 0))


class TaskScreen(ListDialog[None]):
    BINDINGS = bindings("tasks")
    title_text = "Background tasks"
    opens = False

    def fleet_changed(self, hosts: Collection[str]) -> None:  # noqa: ARG002 - tasks nudge the same paint
        self.update()

    def table(self) -> Table:
        rows = tuple(TableRow(str(id(task)), _cells(task)) for task in self.app.tasks.running)
        return Table(COLUMNS, rows, "Nothing runs in the background. n launches a workspace.")

    def action_cancel(self) -> None:
        row = self.rows.current
        for task in self.app.tasks.running:
            if row is not None and str(id(task)) == row.key:
                task.cancel.set()
                self.app.say(f"cancelling {clean(task.title)}")
        self.update()


def _cells(task: Task) -> tuple[tuple, ...]:  # type: ignore[type-arg]
    step = task.progress
    said = "cancelling" if task.cancel.is_set() else clean(f"{step.stage} {step.text}") if step else "starting"
    return (one(clean(task.title), "mine"), progress(step.fraction if step else None, 10), one(said, "muted"))
