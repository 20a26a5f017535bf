"""Start, stop, restart, kill, remove, recreate: asked as INTERFACE §3 says, then done off the loop."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from gpuws.model.actions import Action
from gpuws.model.confirm import Confirmation, Verb, confirmation, together
from gpuws.model.entry import Manner, entry_command
from gpuws.model.errors import Refused
from gpuws.model.snapshot import HostSnapshot
from gpuws.model.target import Found
from gpuws.model.text import plain
from gpuws.model.workspace import PlaceRef, Workspace
from gpuws.present.line import count
from gpuws.tui import selection as choice
from gpuws.tui.present.offers import refused
from gpuws.tui.selection import Selection
from gpuws.tui.verbs import tell

if TYPE_CHECKING:
    from gpuws.tui.base import AppBase

DONE = {"start": "started", "stop": "stopped", "restart": "restarted", "kill": "killed", "remove": "removed"}


class Changes:
    def __init__(self, app: AppBase) -> None:
        self._app = app

    def begin(self, verb: str, container: Workspace, snapshot: HostSnapshot) -> None:
        """Refuse what makes no sense, ask where harm is possible, then do it."""
        if reason := refused(verb, container):
            self._app.warn(plain(reason))
            return
        self._settle(verb, [container], snapshot)

    def all_marked(self, verb: str, selection: Selection) -> None:
        """Those of the marked containers whose state allows it; asked once."""
        able = [c for c in selection.marked if c.allows(verb)]
        if not able:
            self._app.warn(f"none of the marked containers can be {DONE[verb]} now")
        else:
            self._settle(verb, able, selection.snapshot)

    def _settle(self, verb: str, containers: Sequence[Workspace], snapshot: HostSnapshot) -> None:
        """Ask what must be asked, then do it to all of them."""
        action: Action = verb  # type: ignore[assignment]
        now = time.time()
        title = f"{verb.capitalize()} {count(len(containers), 'container')} on {snapshot.name}?"

        def wanted() -> Confirmation | None:
            asked = [
                confirmation(action, one, snapshot, now, force=choice.needs_force(verb, one)) for one in containers
            ]
            return together(title, asked)

        def act() -> None:
            for container in containers:
                self._act(action, container)

        self.ask(wanted, verb.capitalize(), act)

    def touch(self, verb: Verb, place: PlaceRef, command: str, then: Callable[[], None]) -> None:
        """Ask what must be asked before `verb` is done to what is at `place`."""
        snapshot = self._app.state.hosts.get(place.host) or HostSnapshot(place.host)
        container = next((one for one in snapshot.workspaces if one.id == place.workspace), None)
        if place.workspace is not None and container is None:
            self._app.warn("the container is gone")
            return
        self.ask(lambda: confirmation(verb, container, snapshot, time.time(), command=command), verb.capitalize(), then)

    def enter(self, found: Found, how: Manner, then: Callable[[], None]) -> None:
        """Ask what must be asked before a session is written into."""
        subject, command = found.session or found.container, entry_command(found, how)
        asked = partial(confirmation, "attach", subject, found.snapshot, time.time(), command=command)
        self.ask(asked, "Write", then)

    def ask(self, wanted: Callable[[], Confirmation | None], verb: str, then: Callable[[], None]) -> None:
        """`then` once a person has agreed; at once where nothing is asked, never where it is refused."""
        from gpuws.tui.screens.confirm import ConfirmScreen

        try:
            asked = wanted()
        except Refused as error:
            tell(self._app, error)
            return
        if asked is None:
            then()
        else:
            self._app.push_screen(ConfirmScreen(asked, verb), lambda yes: then() if yes else None)

    def _act(self, action: Action, container: Workspace) -> None:
        force = choice.needs_force(action, container)
        self._app.say(f"{action} {plain(container.name)} …", timeout=2)
        self._app.verbs.run(
            f"{action} {container.name}",
            lambda: self._app.fleet.act(container.ref, action, force=force),
            lambda _: self._app.say(f"{plain(container.name)} {DONE[action]}"),
        )

    def recreate(self, container: Workspace, snapshot: HostSnapshot) -> None:
        """Asked first; then in the background: the header shows progress."""
        from gpuws.tui.recreating import recreate

        if reason := choice.recreate_refused(container, snapshot):
            self._app.warn(plain(reason))
            return
        self.ask(
            lambda: confirmation("recreate", container, snapshot, time.time()),
            "Recreate",
            lambda: recreate(self._app, container),
        )

    def kill_session(self, selection: Selection) -> None:
        session, snapshot = selection.session, selection.snapshot
        assert session is not None
        place = choice.place_of(snapshot, session)
        if place is None:
            self._app.warn(f"the container of {plain(session.name)} is gone")
            return
        command = choice.kill_session_command(snapshot, session)

        def kill() -> None:
            self._app.verbs.run(
                f"kill {session.name}",
                lambda: self._app.fleet.kill_session(place, session.name),
                lambda _: self._app.say(f"tmux session {plain(session.name)} killed"),
            )

        self.ask(lambda: confirmation("kill_session", session, snapshot, time.time(), command=command), "Kill", kill)
