"""A new tmux session: where, what it is called, where it begins and what runs in it."""

from __future__ import annotations

import time

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input

from gpuws.model.consent.confirm import confirmation
from gpuws.model.consent.shell_command import new_session_command
from gpuws.model.errors import GpuwsError, UsageError
from gpuws.model.query.target import Found, Target, host_named, parse, resolve
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
            yield row(
                "Profile", Input(placeholder="none; base: in a container that it makes", id="profile", compact=True)
            )
            yield row("Begins in", Input(placeholder="my home there; ~/work, /data", id="directory", compact=True))
            yield row("Runs", Input(placeholder="a shell; python train.py", id="command", compact=True))
            yield self.why()
            yield from self.buttons()

    def go(self) -> None:
        where, name, profile, directory, command = (
            self.query_one(f"#{field}", Input).value.strip()
            for field in ("where", "name", "profile", "directory", "command")
        )
        argv = (command,) if command else ()
        try:
            if not name:
                raise UsageError("it needs a name", "letters, digits, - and _, such as train-2")
            target = parse(f"{where}:{name}", self.app.state.hosts)
            if profile:
                self._launch(target, name, profile, f"{directory}{command}")
                return
            found = resolve(target, tuple(self.app.state.hosts.values()))
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

    def _launch(self, target: Target, name: str, profile: str, more: str) -> None:
        """In the form of a launch, where its checks are. A container that is there is where one came from."""
        from gpuws.tui.launch.draft import Draft
        from gpuws.tui.launch.screen import LaunchScreen

        if more:
            raise UsageError("a profile says itself what runs, and where", "leave the two fields below it empty")
        hosts = self.app.state.hosts
        host = host_named(target, hosts) or resolve(target, tuple(hosts.values())).snapshot.name
        there = {one.name for one in hosts[host].workspaces} if host in hosts else set()
        called = "" if target.container in there else target.container or ""
        self.dismiss(None)
        self.app.push_screen(LaunchScreen(Draft(profile=profile, host=host, name=called, tmux=name)))

    def _make(self, found: Found, name: str, directory: str, argv: tuple[str, ...]) -> None:
        app = self.app

        def done(_: None) -> None:
            app.fresh.put(session_door(found, name))
            app.say(f"tmux session {plain(name)} is there: a enters it")
            if self.is_running:
                self.close_with(None)

        call = lambda: app.fleet.new_session(found.place, name, directory=directory, argv=argv)  # noqa: E731
        app.verbs.run(f"new session {name}", call, done, self.refuse)
