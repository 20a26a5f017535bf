"""Long work of the fleet that this screen asks for. It is a task of whoever holds the fleet: it goes on when the screen
is closed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from gpuws.model.errors import Cancelled, GpuwsError
from gpuws.model.placement.plan import Progress, Report
from gpuws.model.text import plain
from gpuws.tui.base import AppBase
from gpuws.tui.verbs import tell

T = TypeVar("T")


def begin(
    app: AppBase,
    title: str,
    call: Callable[[Report, threading.Event], T],
    done: Callable[[T], None],
    begun: Callable[[], None] | None = None,
    refused: Callable[[GpuwsError], None] | None = None,
) -> None:
    """A long verb of the fleet; how far it is comes with the fleet's tasks. `done` is called on the loop, as long as
    this screen is there; that it failed or was cancelled is said. `begun`: it made its first step; `refused`: it never
    will, with the reason."""
    steps = threading.Event()

    def report(_: Progress) -> None:
        if begun is not None and not steps.is_set():
            app.verbs.post(begun)
        steps.set()

    def failed(error: GpuwsError) -> None:
        if refused is not None and not steps.is_set():
            refused(error)
        elif isinstance(error, Cancelled):
            app.say(plain(f"{title}: {error.message}", 600))
        elif any(task.error is not None and task.error.message == error.message for task in app.fleet.tasks()):
            app.notify(
                plain(str(error), 600), severity="error", timeout=10, markup=False
            )  # its end is an event already
        else:
            tell(app, error)

    app.verbs.run(title, lambda: call(report, threading.Event()), done, failed)
