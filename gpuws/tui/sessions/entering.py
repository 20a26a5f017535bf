"""Through a way in, with the terminal handed over: asked first where writing may disturb somebody."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from gpuws.fleet.inside import Return
from gpuws.model.consent.confirm import confirmation
from gpuws.model.consent.entry import Manner, Wish, entry_command, manner
from gpuws.model.errors import GpuwsError
from gpuws.model.session.detaching import detach_keys
from gpuws.model.session.terminal import Size
from gpuws.model.session.tmux import NO_SESSION
from gpuws.model.text import plain
from gpuws.tui.base import AppBase, Opener
from gpuws.tui.dialogs.ask import sure, sure_at
from gpuws.tui.remembered import remembering
from gpuws.tui.sessions.doors import Door, behind, target_behind
from gpuws.tui.sessions.fresh import LEFT_SECONDS
from gpuws.tui.terminal.foreground import hand_over
from gpuws.tui.verbs import tell
from gpuws.workstation.around import my_terminal

if TYPE_CHECKING:
    from gpuws.fleet.base import Terminal


def enter(app: AppBase, door: Door, wish: Wish = "") -> None:
    """As whose it is says: what is not mine is looked on, unless writing is wished and confirmed."""
    found = behind(door, app.state.hosts)
    how = manner(found, wish) if found else None  # one made just now is not there yet: the fleet knows it
    if how and how.own and found and found.session is None:
        how = replace(how, make=True)  # nor is its session

    def go() -> None:
        place, session = door.place, door.session
        tmux = session is not None or place.workspace is not None
        mine = my_terminal()
        program = found.session.program if found and found.session else "tmux"
        notice = f"detach with {detach_keys(mine.prefix, program)}" if tmux else "ctrl-d comes back"
        said = f"{how.note} · {notice}" if how and how.note else notice

        def opened(size: Size, how: Manner | None = how) -> Terminal:
            return app.fleet.attach(place, session, size, how=how, mine=mine)

        again = replace(how or Manner(own=True), make=False)
        back = Return(app.fleet, place.host, plain(door.label), lambda size: opened(size, again)) if tmux else None
        _hand_over(app, door, opened, said, how.note if how else "", back)

    if found and how and not how.look:
        subject, command = found.session or found.container, entry_command(found, how)
        asked = partial(confirmation, "attach", subject, found.snapshot, time.time(), command=command)
        sure(app, asked, "Write", go)
    else:
        go()


def shell(app: AppBase, door: Door) -> None:
    """A new one, asked for where the place is not mine."""

    def go() -> None:
        env = my_terminal().environment if door.place.workspace else ()
        _hand_over(app, door, lambda size: app.fleet.interactive(door.place, (), size, env=env), "ctrl-d comes back")

    sure_at(app, "shell", door.place, door.command, go)


def _hand_over(
    app: AppBase, door: Door, opener: Opener, notice: str, title: str = "", back: Return | None = None
) -> None:
    app.fresh.forget()
    if target := target_behind(door, app.state.hosts):
        app.remember(entered=remembering(app.remembered.entered, target))
    try:
        status = hand_over(app, app.pump, opener, f"{plain(door.label)} · {notice}", title, back)
    except GpuwsError as error:
        tell(app, error)
    except Exception as error:  # noqa: BLE001 - a fault in the pump must not end the screen
        app.log.error(error)
        tell(app, GpuwsError(f"{door.label}: {type(error).__name__}: {error}"))
    else:
        _say_end(app, door, status, lasts=back is not None)
    app.refresh(layout=True)
    app.feed.nudge()


def _say_end(app: AppBase, door: Door, status: int | None, *, lasts: bool) -> None:
    """Where there is more to say than that its program ended. `lasts`: its link may be lost, and it goes on."""
    label = plain(door.label)
    if status is None and lasts:
        app.fresh.put(door, LEFT_SECONDS)
        app.warn(f"{label}: left; what runs there goes on, a enters it again")
    elif status is None:
        app.warn(f"{label}: the link was lost, and the shell with it; what runs in tmux goes on")
    elif status == NO_SESSION and door.session:
        app.warn(f"{label}: it has ended meanwhile")
