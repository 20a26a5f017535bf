"""Another name for a container: typed here, then asked about as INTERFACE says."""

from __future__ import annotations

import time

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input

from gpuws.model.consent.confirm import confirmation
from gpuws.model.consent.shell_command import rename_command
from gpuws.model.errors import GpuwsError, UsageError
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.text import plain
from gpuws.model.workspace.workspace import NAME, Workspace
from gpuws.tui.dialogs.ask import sure
from gpuws.tui.dialogs.dialog import set_title
from gpuws.tui.dialogs.form import Form, row


class RenameScreen(Form[None]):
    button = "Rename"

    def __init__(self, container: Workspace) -> None:
        super().__init__()
        self._container = container

    def compose(self) -> ComposeResult:
        one = self._container
        with Vertical(classes="box") as box:
            set_title(box, f"Rename {one.name} on {one.ref.host}")
            yield row("Name", Input(plain(one.name), id="name", compact=True))
            yield self.why()
            yield from self.buttons()

    def go(self) -> None:
        one, name = self._container, self.query_one("#name", Input).value.strip()
        if not NAME.match(name) or name == one.name:
            self.refuse(
                UsageError(f"{plain(name, 60) or 'nothing'} is no other name: letters, digits, _ . - and no more")
            )
            return
        snapshot = self.app.state.hosts.get(one.ref.host) or HostSnapshot(one.ref.host)
        command = rename_command(one, snapshot, name)
        sure(
            self.app,
            lambda: confirmation("rename", one, snapshot, time.time(), command=command),
            "Rename",
            lambda: self._rename(name),
        )

    def _rename(self, name: str) -> None:
        one, app = self._container, self.app

        def done(_: None) -> None:
            app.say(f"{plain(one.name)} is called {plain(name)} now")
            if self.is_running:
                self.close_with(None)

        app.verbs.run(f"rename {one.name}", lambda: app.fleet.rename(one.ref, name), done, self._failed)

    def _failed(self, error: GpuwsError) -> None:
        if self.is_running:
            self.refuse(error)
