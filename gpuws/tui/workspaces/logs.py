"""A container's log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.workspace.logs import LogWindow
from gpuws.model.workspace.workspace import Workspace
from gpuws.tui.logs.screen import FollowScreen
from gpuws.tui.workspaces.words import LOG_TAIL, log_command

if TYPE_CHECKING:
    from gpuws.fleet.base import Stream


class LogScreen(FollowScreen):
    TAIL = LOG_TAIL

    def __init__(self, container: Workspace, snapshot: HostSnapshot) -> None:
        super().__init__(f"log · {container.name} on {container.ref.host}")
        self._snapshot = snapshot
        self._container = container

    def stream(self, window: LogWindow) -> Stream:
        return self.app.fleet.logs(self._container.ref, window)

    def equivalent(self) -> str:
        return log_command(self._container, self._snapshot, times=self.times)
