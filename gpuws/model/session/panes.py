"""In which tmux session of its container a process was started. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gpuws.model.gpu.reading import ProcessReading
from gpuws.model.session.session import Session
from gpuws.model.workspace.workspace import Workspace

Panes = Mapping[tuple[str, int], str]
"""Name of a container, pid of a pane there → the session's name."""


def panes_of(sessions: Iterable[Session]) -> Panes:
    """Those inside containers; on the host itself the probe finds a process's session."""
    return {(one.container, pid): one.name for one in sessions if one.container is not None for pid in one.panes}


def session_of(process: ProcessReading, container: Workspace | None, panes: Panes) -> str | None:
    """The nearest of its parents that is a pane counts. `container`: the one of this host's engine that holds it."""
    if container is None:
        return process.session
    if container.on_host:  # the probe tells it, with its server's name in front
        return process.session.rpartition("/")[2] if process.session else None
    return next((panes[key] for pid in process.lineage if (key := (container.name, pid)) in panes), process.session)
