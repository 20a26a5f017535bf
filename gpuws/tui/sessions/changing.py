"""What is done to a tmux session besides entering it: a new one, another name, looked on only, left by everybody."""

from __future__ import annotations

import time

from gpuws.model.consent.confirm import confirmation
from gpuws.model.consent.shell_command import detach_command, rename_session_command
from gpuws.model.host.naming import bracketed, labelled
from gpuws.model.text import plain
from gpuws.tui.base import AppBase
from gpuws.tui.context import on_selection
from gpuws.tui.dialogs.ask import sure
from gpuws.tui.selection import Selection, unchangeable, unreachable
from gpuws.tui.sessions.doors import doors, place_of, shells


def _where(selection: Selection) -> str:
    """The place of what is selected, as it is typed: the container where it is one, else the host."""
    ways = shells(selection)
    return labelled(selection.host, ways[0].label if len(ways) == 1 and not ways[0].to_host else None)


def _new(app: AppBase, selection: Selection) -> None:
    from gpuws.tui.sessions.new_session import NewSessionScreen

    app.push_screen(NewSessionScreen(_where(selection)))


NEW_SESSION = on_selection(
    "new-session", "", "new session", "Make a tmux session, with a directory and a command", _new,
    title=lambda it: f"New tmux session in {_where(it)}",
    why_not=lambda it: unreachable(it.snapshot) or unchangeable(it),
    shell=lambda it: f"gpuws tmux new {_where(it)}:NAME",
)  # fmt: skip


def _look(app: AppBase, selection: Selection) -> None:
    from gpuws.tui.sessions.entering import enter

    enter(app, doors(selection)[0], "read-only")


LOOK = on_selection(
    "look", "", "look", "Look on a tmux session: what is typed does not get there", _look,
    title=lambda it: f"Look on tmux {it.session.label}, read-only" if it.session is not None else "",
    why_not=lambda it: unreachable(it.snapshot) or ("" if doors(it) else "its container is gone"),
    shell=lambda it: f"gpuws attach --read-only {_target(it)}",
)  # fmt: skip


def _target(selection: Selection) -> str:
    session = selection.session
    if session is None:
        return ""
    return (
        f"{labelled(selection.host, session.container)}:{session.name}"
        if session.container
        else f"{bracketed(selection.host)}:{session.name}"
    )


def _rename(app: AppBase, selection: Selection) -> None:
    from gpuws.tui.sessions.rename import RenameSessionScreen

    session, snapshot = selection.session, selection.snapshot
    assert session is not None  # as `title` said
    if (place := place_of(snapshot, session)) is None:
        app.warn(f"the container of {plain(session.name)} is gone")
    else:
        app.push_screen(RenameSessionScreen(snapshot, place, session))


RENAME = on_selection(
    "rename-session", "", "rename", "Call a tmux session otherwise", _rename,
    title=lambda it: f"Rename tmux session {it.session.name}" if it.session is not None else "",
    why_not=unchangeable,
    shell=lambda it: rename_session_command(it.snapshot, it.session, "NAME") if it.session is not None else "",
)  # fmt: skip


def _detach(app: AppBase, selection: Selection) -> None:
    session, snapshot = selection.session, selection.snapshot
    assert session is not None  # as `title` said
    place = place_of(snapshot, session)
    if place is None:
        app.warn(f"the container of {plain(session.name)} is gone")
        return

    def detach() -> None:
        app.verbs.run(
            f"detach {session.name}",
            lambda: app.fleet.detach_clients(place, session.name),
            lambda _: app.say(f"nobody is in {plain(session.name)} any more; what runs there goes on"),
        )

    words = detach_command(snapshot, session)
    sure(app, lambda: confirmation("detach_clients", session, snapshot, time.time(), command=words), "Detach", detach)


DETACH = on_selection(
    "detach", "", "detach", "Send everybody out of a tmux session; what runs in it goes on", _detach,
    title=lambda it: f"Detach everybody from tmux {it.session.label}" if it.session is not None else "",
    why_not=lambda it: unchangeable(it) or ("" if it.session is None or it.session.attached else "nobody is in it"),
    shell=lambda it: detach_command(it.snapshot, it.session) if it.session is not None else "",
)  # fmt: skip

COMMANDS = (LOOK, NEW_SESSION, RENAME, DETACH)
