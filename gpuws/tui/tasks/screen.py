"""What runs in the background, and how to cancel it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import ClassVar

from gpuws.model import units
from gpuws.model.placement.plan import Progress
from gpuws.model.units import count
from gpuws.model.workspace.image import LayerProgress
from gpuws.present.line import Line, clean, joined, one
from gpuws.present.tables.base import Column, Table, TableRow
from gpuws.tui.command import Command
from gpuws.tui.dialogs.list_dialog import ListDialog
from gpuws.tui.tasks.running import Task
from gpuws.tui.toolkit.bars import progress

COLUMNS = (Column("TASK", 30), Column("", 11), Column("STEP", 0))
SHOWN = 8
"""Layers of a task."""


class TaskScreen(ListDialog[None]):
    KEYS_ABOUT = "tasks"
    KEYS: ClassVar[tuple[Command[TaskScreen], ...]] = (
        Command(
            "task-cancel", "D", "cancel", "Cancel the task",
            lambda screen: screen.cancel(), why_not=lambda screen: screen.missing(), hint=1,
        ),
    )  # fmt: skip
    title_text = "Background tasks"
    opens = False

    def fleet_changed(self, hosts: Collection[str]) -> None:  # noqa: ARG002 - tasks nudge the same paint
        self.update()

    def table(self) -> Table:
        rows = tuple(row for task in self.app.tasks.running for row in _rows(task))
        return Table(COLUMNS, rows, "Nothing runs in the background. n launches a workspace.")

    def missing(self) -> str:
        """Why nothing can be cancelled; "" when it can."""
        return "" if self.app.tasks.running else "nothing runs in the background"

    def cancel(self) -> None:
        row = self.rows.current
        for task in self.app.tasks.running:
            if row is not None and str(id(task)) == row.key.partition("/")[0]:
                task.cancel.set()
                self.app.say(f"cancelling {clean(task.title)}")
        self.update()


def _rows(task: Task) -> Iterator[TableRow]:
    """The task, and below it the layers that are not done."""
    key, step = str(id(task)), task.progress
    said = "cancelling" if task.cancel.is_set() else _step(step) if step else "starting"
    yield TableRow(
        key, (one(clean(task.title), "mine"), progress(step.fraction if step else None, 10), one(said, "muted"))
    )
    layers = [layer for layer in (step.layers if step else ()) if layer.phase != "done"]
    for layer in layers[:SHOWN]:
        yield TableRow(f"{key}/{layer.id}", _layer(layer))
    if len(layers) > SHOWN:
        more = one(f"  and {count(len(layers) - SHOWN, 'layer')} more", "muted")
        yield TableRow(f"{key}/more", (more, (), ()))


def _step(step: Progress) -> str:
    """Its layers say what is done with them."""
    part = None if step.fraction is None else f"{step.fraction:.0%}"
    return clean(joined([part, None if step.layers else step.stage, step.text], " "))


def _layer(layer: LayerProgress) -> tuple[Line, ...]:
    done = layer.unpacked if layer.phase == "unpacking" else layer.current
    size = "" if layer.total is None else units.size(layer.total)
    phase = "waits to unpack" if layer.waits_to_unpack else layer.phase
    return (
        one(f"  layer {clean(layer.id, 12)}", "muted"),
        progress(layer.fraction, 10),
        one(joined([phase, f"{units.size(done)} of {size}" if size and done else size], " "), "muted"),
    )
