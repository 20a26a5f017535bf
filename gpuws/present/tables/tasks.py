"""Tasks as a table. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from gpuws.model.errors import GpuwsError
from gpuws.model.placement.plan import Progress
from gpuws.model.task import Task
from gpuws.model.units import duration
from gpuws.present.line import clean, joined, one
from gpuws.present.tables.base import Column, Table, TableRow
from gpuws.present.task_words import ROLES, state

COLUMNS = (
    *(Column("N", at_right=True), Column("TASK"), Column("HOST"), Column("STATE"), Column("FOR", at_right=True)),
    *(Column("AGO", at_right=True), Column("")),
)
RUNNING = "–"


def listing(tasks: Sequence[Task], now: float) -> Table:
    """`now`: epoch seconds. What runs comes first, then what ended, the newest first."""
    order = sorted(tasks, key=lambda task: (not task.running, -(task.ended_at or task.began_at)))
    return Table(COLUMNS, tuple(_row(task, now) for task in order))


def _row(task: Task, now: float) -> TableRow:
    cells = (
        one(task.id),
        one(clean(task.title, 60)),
        one(clean(task.host)),
        one(state(task), ROLES.get(task.state, "text")),
        one(duration((task.ended_at or now) - task.began_at)),
        one(RUNNING if task.ended_at is None else duration(now - task.ended_at)),
        one(clean(said(task), 200)),
    )
    return TableRow(task.id, cells)


def said(task: Task) -> str:
    """How far it is, what was made, or why not."""
    if task.running:
        return step(task.progress) if task.progress else "starting"
    return task.result if task.error is None else GpuwsError(task.error.message).brief


def step(progress: Progress) -> str:
    part = None if progress.fraction is None else f"{progress.fraction:.0%}"
    return joined([part, progress.stage, progress.text], " ")
