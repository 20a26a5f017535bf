"""Another name for a tmux session."""

from __future__ import annotations

import time

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input

from gpuws.model.consent.confirm import confirmation
from gpuws.model.consent.shell_command import rename_session_command
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.session.session import Session
from gpuws.model.text import plain
from gpuws.model.workspace.workspace import PlaceRef
from gpuws.tui.dialogs.ask import sure
from gpuws.tui.dialogs.dialog import set_title
from gpuws.tui.dialogs.form import Form, row


class RenameSessionScreen(Form[None]):
    """It stays open with the reason until that is done."""

    button = "Rename"

    def __init__(self, snapshot: HostSnapshot, place: PlaceRef, session: Session) -> None:
        super().__init__()
        self._snapshot, self._place, self._session = snapshot, place, session

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            set_title(box, f"Rename tmux session {plain(self._session.label, 60)} on {self._snapshot.name}")
            yield row("Name", Input(plain(self._session.own_name), id="name", compact=True))
            yield self.why()
            yield from self.buttons()

    def go(self) -> None:
        name, one, snapshot = self.query_one("#name", Input).value.strip(), self._session, self._snapshot
        command = rename_session_command(snapshot, one, name)
        sure(
            self.app,
            lambda: confirmation("rename_session", one, snapshot, time.time(), command=command),
            "Rename",
            lambda: self._rename(name),
        )

    def _rename(self, name: str) -> None:
        app, one, place = self.app, self._session, self._place

        def done(_: None) -> None:
            app.say(f"{plain(one.name)} is called {plain(name)} now")
            if self.is_running:
                self.close_with(None)

        app.verbs.run(f"rename {one.name}", lambda: app.fleet.rename_session(place, one.name, name), done, self.refuse)
