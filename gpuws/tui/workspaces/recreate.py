"""A workspace made again in the background, with the same name, mounts, ports and GPUs."""

from __future__ import annotations

import threading
import time

from gpuws.model.consent.confirm import confirmation
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.placement.follow import Launched
from gpuws.model.placement.plan import Report
from gpuws.model.text import plain
from gpuws.model.workspace.workspace import Workspace
from gpuws.tui.base import AppBase
from gpuws.tui.dialogs.ask import sure


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
        lambda: confirmation("recreate", container, snapshot, time.time(), tunnels=app.state.tunnels),
        "Recreate",
        lambda: _begin(app, container),
    )


def _begin(app: AppBase, container: Workspace) -> None:
    """Where it fails or is cancelled the old one is back."""
    from gpuws.tui.launch.background import make

    ref, name = container.ref, container.name

    def call(report: Report, cancel: threading.Event) -> Launched:
        return Launched(app.fleet.recreate(ref, report, cancel))

    make(app, "recreate", ref.host, name, "made again", call)
