"""Quit: asked only while something would be lost. What stays is said when the screen is gone."""

from __future__ import annotations

from collections.abc import Sequence

from gpuws.model.consent.confirm import Confirmation
from gpuws.model.placement.queued_wait import QueuedWait
from gpuws.model.session.tunnel import Tunnel
from gpuws.model.units import count
from gpuws.tui.base import AppBase


def leave(app: AppBase) -> None:
    app.farewell = farewell(app.state.tunnels, app.state.waits) if app.keeps else None
    running = app.tasks.running
    if not running:
        app.exit(0)
        return
    from gpuws.tui.dialogs.confirm import ConfirmScreen

    titles = tuple(f"{task.title} is not done: it is cancelled." for task in running)
    app.push_screen(ConfirmScreen(Confirmation("Quit?", titles, ""), "Quit"), lambda yes: app.exit(0) if yes else None)


def farewell(tunnels: Sequence[Tunnel], waits: Sequence[QueuedWait]) -> str | None:
    """What stays in the keeper, and what ends it."""
    numbers = {"tunnel": sum(tunnel.kept for tunnel in tunnels), "wait": sum(wait.open for wait in waits)}
    kinds = [kind for kind, number in numbers.items() if number]
    if not kinds:
        return None
    what = " and ".join(count(numbers[kind], kind) for kind in kinds)
    stay = "stays" if sum(numbers.values()) == 1 else "stay"
    commands = " · ".join(f"gpuws {kind}s" for kind in kinds)
    return f"{what} {stay} open in the keeper: {commands} · gpuws keeper stop"
