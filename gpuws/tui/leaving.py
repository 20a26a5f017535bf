"""Quit: asked only while something would be lost. What stays is said when the screen is gone."""

from __future__ import annotations

import time
from collections.abc import Sequence

from gpuws.model.consent.confirm import Confirmation
from gpuws.model.placement.queued_wait import QueuedWait
from gpuws.model.session.tunnel import Tunnel
from gpuws.model.task import Task
from gpuws.model.units import count
from gpuws.present.task_words import called
from gpuws.tui.base import AppBase

NAMED = 2
"""Tasks that are called by their names."""
UNDONE = 10.0
"""Seconds for cancelled ones to take back what they made."""


def leave(app: AppBase) -> None:
    running = [task for task in app.fleet.tasks() if task.running] if app.opened else []
    if app.keeps:
        app.farewell = farewell(app.state.tunnels, app.state.waits, running)
        app.exit(0)
    elif not running:
        app.exit(0)
    else:
        _ask(app, running)


def farewell(tunnels: Sequence[Tunnel], waits: Sequence[QueuedWait], running: Sequence[Task]) -> str | None:
    """What stays in the keeper, and what ends it."""
    lines = [line for line in (_going_on(running), _open(tunnels, waits)) if line]
    return "\n".join(lines) or None


def _going_on(running: Sequence[Task]) -> str:
    if not running:
        return ""
    what = " and ".join(map(called, running)) if len(running) <= NAMED else count(len(running), "task")
    return f"{what} {'goes' if len(running) == 1 else 'go'} on in the keeper: gpuws tasks"


def _open(tunnels: Sequence[Tunnel], waits: Sequence[QueuedWait]) -> str:
    numbers = {"tunnel": sum(tunnel.kept for tunnel in tunnels), "wait": sum(wait.open for wait in waits)}
    kinds = [kind for kind, number in numbers.items() if number]
    if not kinds:
        return ""
    what = " and ".join(count(numbers[kind], kind) for kind in kinds)
    stay = "stays" if sum(numbers.values()) == 1 else "stay"
    commands = " · ".join(f"gpuws {kind}s" for kind in kinds)
    return f"{what} {stay} open in the keeper: {commands} · gpuws keeper stop"


def _ask(app: AppBase, running: Sequence[Task]) -> None:
    """Without a keeper what runs here ends here."""
    from gpuws.tui.dialogs.confirm import ConfirmScreen

    why = "the demo goes on nowhere" if app.demo else "no keeper goes on with it (GPUWS_KEEPER=0)"
    lines = (*(f"{called(task)} is not done: it is cancelled." for task in running), f"Of this screen: {why}.")

    def answered(yes: bool | None) -> None:
        if yes:
            _cancel_all(app, running)

    app.push_screen(ConfirmScreen(Confirmation("Quit?", lines, ""), "Quit"), answered)


def _cancel_all(app: AppBase, running: Sequence[Task]) -> None:
    """And leave once they have taken back what they made."""
    for task in running:
        app.verbs.run("cancel task", lambda task_id=task.id: app.fleet.cancel_task(task_id))  # type: ignore[misc]
    app.say("cancelling …", timeout=UNDONE)
    until = time.monotonic() + UNDONE

    def look() -> None:
        if time.monotonic() > until or not any(task.running for task in app.fleet.tasks()):
            app.exit(0)

    app.set_interval(0.1, look)
