"""A new tmux session: where, what it is called, where it begins and what runs in it."""

from __future__ import annotations

import time

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input

from gpuws.model.consent.confirm import confirmation
from gpuws.model.consent.shell_command import new_session_command
from gpuws.model.errors import GpuwsError, UsageError
from gpuws.model.query.target import Found, parse, resolve
from gpuws.model.text import plain
from gpuws.tui.dialogs.ask import sure
from gpuws.tui.dialogs.dialog import set_title
from gpuws.tui.dialogs.form import Form, row
from gpuws.tui.sessions.doors import session_door


class NewSessionScreen(Form[None]):
    """It stays open with the reason until the session is there; `a` enters it then."""

    DEFAULT_CSS = """
    NewSessionScreen .row { margin-top: 1; }
    NewSessionScreen .row Static { width: 14; }
    NewSessionScreen #why { margin-top: 1; }
    """
    AUTO_FOCUS = "#name"
    button = "Make"

    def __init__(self, where: str) -> None:
        super().__init__()
        self._where = where

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            set_title(box, "New tmux session")
            yield row("Where", Input(self._where, placeholder="alpha/torch-dev", id="where", compact=True))
            yield row("Name", Input(placeholder="train-2", id="name", compact=True))
            yield row("Begins in", Input(placeholder="my home there; ~/work, /data", id="directory", compact=True))
            yield row("Runs", Input(placeholder="a shell; python train.py", id="command", compact=True))
            yield self.why()
            yield from self.buttons()

    def go(self) -> None:
        where, name, directory, command = (
            self.query_one(f"#{field}", Input).value.strip() for field in ("where", "name", "directory", "command")
        )
        argv = (command,) if command else ()
        try:
            if not name:
                raise UsageError("it needs a name", "letters, digits, - and _, such as train-2")
            found = resolve(parse(f"{where}:{name}"), tuple(self.app.state.hosts.values()))
        except GpuwsError as error:
            self.refuse(error)
            return
        snapshot, container = found.snapshot, found.container
        shown = new_session_command(snapshot, container.name if container else None, name, directory, argv)
        sure(
            self.app,
            lambda: confirmation("new_session", container, snapshot, time.time(), command=shown),
            "Make",
            lambda: self._make(found, name, directory, argv),
        )

    def _make(self, found: Found, name: str, directory: str, argv: tuple[str, ...]) -> None:
        app = self.app

        def done(_: None) -> None:
            app.fresh.put(session_door(found, name))
            app.say(f"tmux session {plain(name)} is there: a enters it")
            if self.is_running:
                self.close_with(None)

        call = lambda: app.fleet.new_session(found.place, name, directory=directory, argv=argv)  # noqa: E731
        app.verbs.run(f"new session {name}", call, done, self.refuse)
