"""Stop, restart, kill, remove: asked as INTERFACE §3 says, then done off the loop."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gpuws.fleet.base import Action
from gpuws.model.confirm import HARMFUL, Confirmation, confirmation
from gpuws.model.container import Container
from gpuws.model.snapshot import HostSnapshot
from gpuws.model.text import plain
from gpuws.tui import selection as choice
from gpuws.tui.present.line import count
from gpuws.tui.present.offers import CONTAINER_ACTS, refused
from gpuws.tui.selection import Selection

if TYPE_CHECKING:
    from gpuws.tui.app import GpuwsApp

SHOWN = 8
DONE = {"start": "started", "stop": "stopped", "restart": "restarted", "kill": "killed", "remove": "removed"}


class Changes:
    def __init__(self, app: GpuwsApp) -> None:
        self._app = app

    def begin(self, verb: str, container: Container, snapshot: HostSnapshot) -> None:
        """Refuse what makes no sense, ask where harm is possible, then do it."""
        if reason := refused(verb, container):
            self._app.warn(plain(reason))
            return
        if verb not in HARMFUL:
            self.act(verb, container)
            return
        asked = confirmation(verb, container, snapshot, time.time(), force=choice.needs_force(verb, container))
        self._confirm(asked, verb, [container])

    def all_marked(self, verb: str, selection: Selection) -> None:
        """Those of the marked containers whose state allows it; asked once."""
        able = [c for c in selection.marked if c.state in CONTAINER_ACTS[verb][1]]
        if not able:
            self._app.warn(f"none of the marked containers can be {DONE[verb]} now")
        elif verb not in HARMFUL:
            for container in able:
                self.act(verb, container)
        elif len(able) == 1:
            self.begin(verb, able[0], selection.snapshot)
        else:
            self._confirm(bulk_confirmation(verb, able, selection.host), verb, able)

    def act(self, verb: str, container: Container) -> None:
        """Without asking: that was done before."""
        action: Action = verb  # type: ignore[assignment]
        force = choice.needs_force(verb, container)
        self._app.say(f"{verb} {plain(container.name)} …", timeout=2)
        self._app.verbs.run(
            f"{verb} {container.name}",
            lambda: self._app.fleet.act(container.ref, action, force=force),
            lambda _: self._app.say(f"{plain(container.name)} {DONE[verb]}"),
        )

    def recreate(self, container: Container, snapshot: HostSnapshot) -> None:
        """Asked first; then in the background: the header shows progress."""
        from gpuws.tui.recreating import recreate
        from gpuws.tui.screens.confirm import ConfirmScreen

        if reason := choice.recreate_refused(container, snapshot):
            self._app.warn(plain(reason))
            return
        asked = confirmation("recreate", container, snapshot, time.time())
        self._app.push_screen(
            ConfirmScreen(asked, "Recreate"), lambda yes: recreate(self._app, container) if yes else None
        )

    def kill_session(self, selection: Selection) -> None:
        from gpuws.tui.screens.confirm import ConfirmScreen

        session, snapshot = selection.session, selection.snapshot
        assert session is not None
        place = choice.place_of(snapshot, session)
        if place is None:
            self._app.warn(f"the container of {plain(session.name)} is gone")
            return
        lines = (f"{count(session.windows, 'window')}, runs {session.command or '–'}.", "What runs in it ends.")
        command = choice.kill_session_command(snapshot, session)
        asked = Confirmation(f"Kill tmux session {session.name} on {snapshot.name}?", lines, command)

        def then(yes: bool | None) -> None:
            if yes:
                self._app.verbs.run(
                    f"kill {session.name}",
                    lambda: self._app.fleet.kill_session(place, session.name),
                    lambda _: self._app.say(f"tmux session {plain(session.name)} killed"),
                )

        self._app.push_screen(ConfirmScreen(asked, "Kill"), then)

    def _confirm(self, asked: Confirmation, verb: str, containers: Sequence[Container]) -> None:
        from gpuws.tui.screens.confirm import ConfirmScreen

        def then(yes: bool | None) -> None:
            if yes:
                for container in containers:
                    self.act(verb, container)

        self._app.push_screen(ConfirmScreen(asked, verb.capitalize()), then)


def bulk_confirmation(verb: str, containers: Sequence[Container], host: str) -> Confirmation:
    """Not all mine: the count must be typed."""
    foreign = [container for container in containers if not container.mine]
    lines = [f"{c.name}  {c.owner or 'no owner'}  {c.state}" for c in containers[:SHOWN]]
    if len(containers) > SHOWN:
        lines.append(f"and {len(containers) - SHOWN} more")
    if foreign:
        lines.append(f"{len(foreign)} not yours: type the count, {len(containers)}, to go on.")
    return Confirmation(
        f"{verb.capitalize()} {count(len(containers), 'container')} on {host}?",
        tuple(lines),
        choice.act_command(verb, containers[0]) + " …",
        str(len(containers)) if foreign else None,
    )
