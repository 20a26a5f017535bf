"""Images pulled in the background: a task for each host."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from gpuws.model.plan import Progress, Report
from gpuws.model.text import plain
from gpuws.tui.verbs import tell

if TYPE_CHECKING:
    from gpuws.tui.base import AppBase


def pull(app: AppBase, hosts: Sequence[str], reference: str, done: Callable[[], None]) -> None:
    """On all of `hosts` at the same time; `done` is called for each where it is there. The header shows progress."""
    for host in hosts:
        _pull_on(app, host, reference, done)


def _pull_on(app: AppBase, host: str, reference: str, done: Callable[[], None]) -> None:
    def there(_: None) -> None:
        app.say(f"{plain(reference)} is on {plain(host)}")
        done()

    def call(report: Report, cancel: threading.Event) -> None:
        app.fleet.pull_image(host, reference, lambda progress: report(_without(reference, progress)), cancel)

    title = f"pull on {host}: {reference.rpartition('/')[2]}"
    app.tasks.start(title, call, there, lambda error: tell(app, error))


def _without(reference: str, progress: Progress) -> Progress:
    """The title says already what is pulled."""
    return replace(progress, text=progress.text.removeprefix(reference).removeprefix(": "))
