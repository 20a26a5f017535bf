"""What runs in the background, what waits for GPUs and what failed, as rows. Pure."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from gpuws.model import units
from gpuws.model.placement.plan import Progress
from gpuws.model.placement.queued_wait import QueuedWait
from gpuws.model.units import count
from gpuws.model.workspace.image import LayerProgress
from gpuws.present.line import Line, Role, clean, joined, one
from gpuws.present.tables.base import Column, Table, TableRow
from gpuws.present.tables.waits import ordered
from gpuws.tui.tasks.running import Task
from gpuws.tui.toolkit.bars import progress

COLUMNS = (Column("TASK", 30), Column("", 11), Column("STEP", 0))
TAKEN = 52
"""Cells of a row before its last column."""
MOST = 5
"""Lines of one sentence."""
SHOWN = 8
"""Layers of a task."""
EMPTY = "Nothing runs in the background. n launches a workspace."
WAIT = "wait/"
"""Before a wait's number in the key of its row."""


def listing(
    running: Sequence[Task], waits: Sequence[QueuedWait], failed: Sequence[Task], now: float, room: int
) -> Table:
    """`now`: epoch seconds. `room`: cells for what is said of each."""
    going = [wait for wait in waits if wait.open]
    rows = [row for task in running for row in _task(task)]
    rows += [row for place, wait in enumerate(going, start=1) for row in _wait(wait, place, now, room)]
    rows += [row for task in reversed(failed) for row in _failed(task, room)]
    return Table(COLUMNS, tuple(rows), EMPTY)


def task_key(task: Task) -> str:
    return str(id(task))


def _task(task: Task) -> Iterator[TableRow]:
    """The task, and below it the layers that are not done."""
    key, step = task_key(task), task.progress
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


def _wait(wait: QueuedWait, place: int, now: float, room: int) -> Iterator[TableRow]:
    """Its place among my waits, for how long, on what, and who is in the way."""
    key, order = f"{WAIT}{wait.id}", wait.order
    state = "launching" if wait.state == "launching" else f"{units.ordinal(place)} waiting"
    said = f"for {units.duration(now - wait.since)}: {ordered(wait)}"
    yield TableRow(key, (one(f"launch {clean(order.name or order.called)}", "mine"), one(state), one(said)))
    yield from _said(key, wait.text, "", "muted", room)


def _failed(task: Task, room: int) -> Iterator[TableRow]:
    """Why, what its build said last, and what to do."""
    assert task.failure is not None  # as its list says
    key = task_key(task)
    why, *more = textwrap.wrap(clean(task.failure.message, 500), room)[:MOST] or [""]
    yield TableRow(key, (one(clean(task.title)), one("✗ failed", "error"), one(why)))
    yield from _said(f"{key}/why", " ".join(more), "", "text", room)
    for number, line in enumerate(task.lines):
        yield TableRow(f"{key}/{number}", ((), (), one(clean(line, 500), "muted")))
    yield from _said(f"{key}/do", task.failure.remedy, "→ to do", "text", room)


def _said(key: str, text: str, label: str, role: Role, room: int) -> Iterator[TableRow]:
    """Lines of `room` cells, `label` before the first."""
    for number, line in enumerate(textwrap.wrap(clean(text, 500), room)[:MOST]):
        head = one(label, "key") if label and not number else ()
        yield TableRow(f"{key}/{number}", ((), head, one(line, role)))


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
