"""What runs in the background, what waits for GPUs and what came of the last day's tasks, as rows. Pure."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from gpuws.model import units
from gpuws.model.placement.plan import Progress
from gpuws.model.placement.queued_wait import QueuedWait
from gpuws.model.task import Task
from gpuws.model.units import count
from gpuws.model.workspace.image import LayerProgress
from gpuws.present.line import Line, Role, Span, clean, joined, one
from gpuws.present.tables.base import Column, Table, TableRow
from gpuws.present.tables.waits import ordered
from gpuws.present.task_words import ROLES, brief, state, told
from gpuws.tui.toolkit.bars import progress

COLUMNS = (
    *(Column("TASK", 22, roomy=26), Column("HOST", 8, drop=1), Column("STATE", 13)),
    *(Column("AGE", 4, at_right=True), Column("")),
)
MOST, INDENT = 5, 2
"""Lines of one sentence, and cells before them."""
SHOWN = 8
"""Layers of a task."""
EMPTY = "Nothing runs in the background, and nothing did in the last day. n launches a workspace."
WAIT = "wait/"
"""Before a wait's number in the key of its row."""
SIGNS = {"done": "✓", "failed": "✗", "interrupted": "✗"}


def listing(tasks: Sequence[Task], waits: Sequence[QueuedWait], now: float, room: int) -> Table:
    """`now`: epoch seconds. `room`: cells of a row. What goes on comes first, then what ended, the
    newest first."""
    ended = sorted((task for task in tasks if not task.running), key=lambda task: -(task.ended_at or 0.0))
    rows = [row for task in tasks if task.running for row in _running(task, now, room)]
    going = [wait for wait in waits if wait.open]
    rows += [row for place, wait in enumerate(going, start=1) for row in _wait(wait, place, now, room)]
    rows += [row for task in ended for row in _ended(task, now, room)]
    return Table(COLUMNS, tuple(rows), EMPTY)


def troubled(tasks: Sequence[Task]) -> str:
    """The key of the newest failure that nobody has seen; "" where there is none."""
    found = [task for task in tasks if task.troubles]
    return max(found, key=lambda task: task.ended_at or 0.0).id if found else ""


def _running(task: Task, now: float, room: int) -> Iterator[TableRow]:
    """The task, and below it how far it is, with the layers that are not done."""
    step = task.progress
    bar = one(state(task), "muted") if task.cancelling else progress(step.fraction if step else None, 10)
    said = _step(step, told(task)) if step else "starting"
    yield _row(task.id, one(clean(brief(task)), "mine"), task.host, bar, now - task.began_at, ())
    yield from _said(f"{task.id}/step", said, "", "muted", room)
    layers = [layer for layer in (step.layers if step else ()) if layer.phase != "done"]
    for layer in layers[:SHOWN]:
        name, bar, said_of_it = _layer(layer)
        yield TableRow(f"{task.id}/{layer.id}", (name, (), bar, (), said_of_it), level=1)
    if len(layers) > SHOWN:
        more = one(f"  and {count(len(layers) - SHOWN, 'layer')} more", "muted")
        yield TableRow(f"{task.id}/more", (more, (), (), (), ()), level=1)


def _wait(wait: QueuedWait, place: int, now: float, room: int) -> Iterator[TableRow]:
    """Its place among my waits, for how long, on what, and who is in the way."""
    key, order = f"{WAIT}{wait.id}", wait.order
    said = "launching" if wait.state == "launching" else f"{units.ordinal(place)} waiting"
    host = order.hosts[0] if len(order.hosts) == 1 else ""
    title = one(f"launch {clean(order.name or order.called)}", "mine")
    yield _row(key, title, host, one(said), now - wait.since, ())
    yield from _said(key, joined([ordered(wait), wait.text], ": "), "", "muted", room)


def _ended(task: Task, now: float, room: int) -> Iterator[TableRow]:
    """What came of it, or why not and what to do."""
    sign = one(joined([SIGNS.get(task.state), state(task)], " "), ROLES.get(task.state, "muted"))
    age = now - (task.ended_at or now)
    yield _row(task.id, one(clean(brief(task))), task.host, sign, age, one(clean(task.result, 200), "muted"))
    if task.error is not None:
        role: Role = "muted" if task.state == "cancelled" else "text"
        sentence, *lines = task.error.message.split("\n")
        yield from _said(f"{task.id}/why", sentence, "", role, room)
        for number, line in enumerate(lines[-MOST:]):
            yield _across(f"{task.id}/line/{number}", Span("  "), Span(clean(line, room - INDENT - 2), "muted"))
        yield from _said(f"{task.id}/do", task.error.remedy, "→ ", role, room)


def _row(key: str, title: Line, host: str, state_: Line, age: float, said: Line) -> TableRow:
    return TableRow(key, (title, one(clean(host)), state_, one(units.duration(age), "muted"), said))


def _said(key: str, text: str, label: str, role: Role, room: int) -> Iterator[TableRow]:
    """Lines over all columns, in all `room` cells wide, `label` before the first."""
    for number, line in enumerate(textwrap.wrap(clean(text, 500), room - INDENT - len(label))[:MOST]):
        head = Span(label if not number else " " * len(label), "key")
        yield _across(f"{key}/{number}", head, Span(line, role))


def _across(key: str, *spans: Span) -> TableRow:
    return TableRow(key, ((),) * len(COLUMNS), level=1, across=(Span(" " * INDENT), *spans))


def _step(step: Progress, text: str) -> str:
    """Its layers say what is done with them."""
    part = None if step.fraction is None else f"{step.fraction:.0%}"
    return clean(joined([part, None if step.layers else step.stage, text], " "))


def _layer(layer: LayerProgress) -> tuple[Line, Line, Line]:
    done = layer.unpacked if layer.phase == "unpacking" else layer.current
    size = "" if layer.total is None else units.size(layer.total)
    phase = "waits to unpack" if layer.waits_to_unpack else layer.phase
    return (
        one(f"  layer {clean(layer.id, 12)}", "muted"),
        progress(layer.fraction, 10),
        one(joined([phase, f"{units.size(done)} of {size}" if size and done else size], " "), "muted"),
    )
