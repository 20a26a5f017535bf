"""A container made again in the background."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from gpuws.model.container import Container, PlaceRef, Ref
from gpuws.model.text import plain
from gpuws.tui.actions import FRESH_SECONDS
from gpuws.tui.selection import Door
from gpuws.tui.verbs import tell

if TYPE_CHECKING:
    from gpuws.tui.app import GpuwsApp


def recreate(app: GpuwsApp, container: Container) -> None:
    """At the end a toast says which key enters it. Where it fails or is cancelled the old one is back."""
    name, host = container.name, container.host

    def done(ref: Ref) -> None:
        app.actions.launched(
            Door(name, PlaceRef(ref.host, ref.id), None, shlex.join(["gpuws", "attach", f"{host}/{name}"]))
        )
        app.say(f"{plain(name)} is made again on {plain(host)} — a enters it", timeout=FRESH_SECONDS)

    app.tasks.start(
        f"recreate {name}",
        lambda report, cancel: app.fleet.recreate(container.ref, report, cancel),
        done,
        lambda error: tell(app, error),
    )
