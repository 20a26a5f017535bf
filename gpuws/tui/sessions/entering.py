"""Through a way in, with the terminal handed over: asked first where writing may disturb somebody."""

from __future__ import annotations

import time
from functools import partial

from gpuws.model.consent.confirm import confirmation
from gpuws.model.consent.entry import Wish, entry_command, manner
from gpuws.model.errors import GpuwsError
from gpuws.model.text import plain
from gpuws.tui.base import AppBase, Opener
from gpuws.tui.dialogs.ask import sure, sure_at
from gpuws.tui.sessions.doors import Door, behind
from gpuws.tui.terminal.foreground import hand_over
from gpuws.tui.verbs import tell

DETACH = "detach with ctrl-b d"


def enter(app: AppBase, door: Door, wish: Wish = "") -> None:
    """As whose it is says: what is not mine is looked on, unless writing is wished and confirmed."""
    found = behind(door, app.state.hosts)
    how = manner(found, wish) if found else None  # one made just now is not there yet: the fleet knows it

    def go() -> None:
        place, session = door.place, door.session
        tmux = session is not None or place.workspace is not None
        notice = DETACH if tmux else "ctrl-d comes back"
        said = f"{how.note} · {notice}" if how and how.note else notice
        _hand_over(
            app, door, lambda size: app.fleet.attach(place, session, size, how=how), said, how.note if how else ""
        )

    if found and how and not how.look:
        subject, command = found.session or found.container, entry_command(found, how)
        asked = partial(confirmation, "attach", subject, found.snapshot, time.time(), command=command)
        sure(app, asked, "Write", go)
    else:
        go()


def shell(app: AppBase, door: Door) -> None:
    """A new one, asked for where the place is not mine."""

    def go() -> None:
        _hand_over(app, door, lambda size: app.fleet.interactive(door.place, (), size), "ctrl-d comes back")

    sure_at(app, "shell", door.place, door.command, go)


def _hand_over(app: AppBase, door: Door, opener: Opener, notice: str, title: str = "") -> None:
    app.fresh.forget()
    try:
        status = hand_over(app, app.pump, opener, f"{plain(door.label)} · {notice}", title)
    except GpuwsError as error:
        tell(app, error)
    except Exception as error:  # noqa: BLE001 - a fault in the pump must not end the screen
        app.log.error(error)
        tell(app, GpuwsError(f"{door.label}: {type(error).__name__}: {error}"))
    else:
        if status is None:
            app.warn(f"{plain(door.label)}: the link was lost; a tmux session lives on there, a enters it again")
    app.refresh(layout=True)
    app.feed.nudge()
