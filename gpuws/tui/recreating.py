"""A container made again in the background."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from gpuws.model.text import plain
from gpuws.model.workspace import PlaceRef, Ref, Workspace
from gpuws.tui.selection import Door
from gpuws.tui.verbs import tell

if TYPE_CHECKING:
    from gpuws.tui.base import AppBase


def recreate(app: AppBase, container: Workspace) -> None:
    """At the end a toast says which key enters it. Where it fails or is cancelled the old one is back."""
    name, host = container.name, container.ref.host

    def done(ref: Ref) -> None:
        door = Door(name, PlaceRef(ref.host, ref.id), None, shlex.join(["gpuws", "attach", f"{host}/{name}"]))
        app.actions.launched(door, f"{plain(name)} is made again on {plain(host)} — a enters it")

    app.tasks.start(
        f"recreate {name}",
        lambda report, cancel: app.fleet.recreate(container.ref, report, cancel),
        done,
        lambda error: tell(app, error),
    )
