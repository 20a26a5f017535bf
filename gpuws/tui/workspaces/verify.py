"""Whether torch can compute in a container that runs: tried there while one looks."""

from __future__ import annotations

import threading

from gpuws.model.errors import GpuwsError
from gpuws.model.workspace.verification import Verification
from gpuws.model.workspace.workspace import Workspace
from gpuws.present.line import clean
from gpuws.present.tables import verified
from gpuws.present.tables.base import Table
from gpuws.tui.dialogs.list_dialog import ListDialog


class VerifyScreen(ListDialog[None]):
    """Closed before it is done, the try is ended there, too."""

    opens = False
    WIDTH = 110
    """Cells of the dialog where there is room."""

    def __init__(self, container: Workspace) -> None:
        super().__init__()
        self._container = container
        self._cancel = threading.Event()
        self._found: Verification | None = None
        self._said = "trying torch, which takes some seconds to load …"
        self.title_text = f"torch in {container.name} on {container.ref.host}"

    def ready(self) -> None:
        ref, fleet = self._container.ref, self.app.fleet
        self.app.verbs.run(
            "verify", lambda: fleet.verify(ref, lambda _step: None, self._cancel), self._show, self._fail
        )

    def on_unmount(self) -> None:
        self._cancel.set()

    def table(self) -> Table:
        if self._found is None:
            return Table(empty=self._said)
        return verified.listing(self._found, min(self.app.size.width, self.WIDTH))

    def _show(self, found: Verification) -> None:
        self._found = found
        self._again()

    def _fail(self, error: GpuwsError) -> None:
        self._said = clean(str(error), 300)
        self._again()

    def _again(self) -> None:
        if self.is_running:
            self.update()
