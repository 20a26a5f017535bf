"""A launch in the background, and the way in when it is done."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from gpuws.model.plan import Plan
from gpuws.model.text import plain
from gpuws.model.workspace import PlaceRef, Ref
from gpuws.tui.sessions.doors import Door
from gpuws.tui.verbs import tell

if TYPE_CHECKING:
    from gpuws.tui.base import AppBase


def launch(app: AppBase, plan: Plan) -> None:
    """Progress is in the header, `b` lists and cancels; at the end a toast says which key enters."""
    name, host = plan.spec.name, plan.host

    def done(ref: Ref) -> None:
        door = Door(name, PlaceRef(ref.host, ref.id), None, shlex.join(["gpuws", "attach", f"{host}/{name}"]))
        app.launched(door, f"{plain(name)} is up on {plain(host)} — a enters it")

    app.tasks.start(
        f"launch {name}", lambda report, cancel: app.fleet.launch(plan, report, cancel), done, lambda e: tell(app, e)
    )
