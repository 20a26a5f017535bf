"""What of a container is not as its profile says now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from gpuws.model.errors import GpuwsError
from gpuws.model.profile.captured import Difference
from gpuws.model.workspace.workspace import Workspace
from gpuws.present.line import clean
from gpuws.present.tables import drift
from gpuws.present.tables.base import Table
from gpuws.tui.command import Command
from gpuws.tui.dialogs.list_dialog import ListDialog
from gpuws.tui.workspaces.recreate import recreate


class DriftScreen(ListDialog[None]):
    KEYS_ABOUT = "drift"
    KEYS: ClassVar[tuple[Command[DriftScreen], ...]] = (
        Command(
            "drift-recreate", "R", "recreate", "Make it again; name, mounts, ports, GPUs stay",
            lambda screen: screen.recreate(), hint=1,
        ),
    )  # fmt: skip
    opens = False

    def __init__(self, container: Workspace) -> None:
        super().__init__()
        self._container = container
        self._table = Table(empty="comparing …")
        self.title_text = f"{container.name} on {container.ref.host} beside profile {container.profile}"

    def ready(self) -> None:
        ref = self._container.ref
        self.app.verbs.run("drift", lambda: self.app.fleet.drift(ref), self._show, self._fail)

    def _show(self, found: Sequence[Difference]) -> None:
        self._put(drift.listing(found, f"{clean(self._container.name)} is as its profile says."))

    def _fail(self, error: GpuwsError) -> None:
        self._put(Table(empty=clean(str(error), 300)))

    def _put(self, table: Table) -> None:
        if self.is_running:
            self._table = table
            self.update()

    def table(self) -> Table:
        return self._table

    def recreate(self) -> None:
        container = self._container
        snapshot = self.app.state.hosts.get(container.ref.host)
        if snapshot is not None:
            recreate(self.app, container, snapshot)
