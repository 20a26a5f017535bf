"""A workspace made again in the background, with the same name, mounts, ports and GPUs."""

from __future__ import annotations

import shlex
import time

from gpuws.model.confirm import confirmation
from gpuws.model.snapshot import HostSnapshot
from gpuws.model.text import plain
from gpuws.model.workspace import PlaceRef, Ref, Workspace
from gpuws.tui.base import AppBase
from gpuws.tui.sessions.doors import Door
from gpuws.tui.toolkit.ask import sure
from gpuws.tui.verbs import tell


def recreate_refused(container: Workspace, snapshot: HostSnapshot) -> str:
    """Why it can't be made again now; "" when it can."""
    if snapshot.readonly:
        return f"{snapshot.name} is read-only"
    return "" if container.allows("recreate") else f"{container.name} is {container.status}"


def recreate(app: AppBase, container: Workspace, snapshot: HostSnapshot) -> None:
    """Asked first; then in the background: the header shows progress."""
    if reason := recreate_refused(container, snapshot):
        app.warn(plain(reason))
        return
    sure(
        app,
        lambda: confirmation("recreate", container, snapshot, time.time()),
        "Recreate",
        lambda: _begin(app, container),
    )


def _begin(app: AppBase, container: Workspace) -> None:
    """At the end a toast says which key enters it. Where it fails or is cancelled the old one is back."""
    name, host = container.name, container.ref.host

    def done(ref: Ref) -> None:
        door = Door(name, PlaceRef(ref.host, ref.id), None, shlex.join(["gpuws", "attach", f"{host}/{name}"]))
        app.launched(door, f"{plain(name)} is made again on {plain(host)} — a enters it")

    app.tasks.start(
        f"recreate {name}",
        lambda report, cancel: app.fleet.recreate(container.ref, report, cancel),
        done,
        lambda error: tell(app, error),
    )
