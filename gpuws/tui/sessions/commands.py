"""Into a session, a container or a host: attach, write, shell; and a tmux session's end."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from gpuws.model.consent.confirm import confirmation
from gpuws.model.consent.entry import entry_command, manner
from gpuws.model.consent.shell_command import kill_session_command
from gpuws.model.query.target import Found
from gpuws.model.text import plain
from gpuws.present.line import clean
from gpuws.tui.base import AppBase
from gpuws.tui.context import Context, on_selection
from gpuws.tui.dialogs.ask import sure, which
from gpuws.tui.selection import Selection, unchangeable, unreachable
from gpuws.tui.sessions.doors import Door, behind, doors, place_of, shells


def label(verb: str, ways: Sequence[Door]) -> str:
    """In a list of actions: the way in where there is one, else that it will be asked which; `verb` ends with a word
    that leads to it."""
    if len(ways) == 1:
        return f"{verb} {ways[0].label}"
    return f"{verb} one of {len(ways)} {_kind(ways)}" if ways else verb.rsplit(" ", 1)[0]


def _kind(ways: Sequence[Door]) -> str:
    if all(way.session for way in ways):
        return "sessions"
    return "containers" if all(way.place.workspace and not way.session for way in ways) else "places"


def command(ways: Sequence[Door]) -> str:
    """By hand, where there is one way in."""
    return ways[0].command if len(ways) == 1 else ""


def which_door(app: AppBase, title: str, ways: Sequence[Door], then: Callable[[Door], None]) -> None:
    which(app, title, ways, lambda door: (door.label, door.command), then)


def shut(selection: Selection) -> str:
    """Why nobody can go in there, whatever way; "" where one can."""
    one = selection.container
    if reason := unreachable(selection.snapshot):
        return reason
    if one is None or one.enterable:
        return ""
    return f"{one.name} is {one.status}" + (": start it first" if one.allows("start") else "")


def _no_way_in(selection: Selection) -> str:
    return shut(selection) or ("" if doors(selection) else unchangeable(selection) or "nothing to enter")


def _behind(selection: Selection) -> list[Found]:
    found = [behind(door, {selection.host: selection.snapshot}) for door in doors(selection)]
    return [one for one in found if one is not None]


def _not_mine(selection: Selection) -> list[Found]:
    return [one for one in _behind(selection) if not manner(one).own]


# attach


def _attaching(selection: Selection) -> str:
    found, ways = _behind(selection), doors(selection)
    if len(ways) == 1 and ways[0].to_host:
        return f"Open {ways[0].label}"
    looks = bool(ways) and len(found) == len(ways) and all(manner(one).look for one in found)
    return label("Look on" if looks else "Attach to", ways)


def _short(selection: Selection) -> str:
    return "look" if _attaching(selection).startswith("Look") else ""


def _attach(app: AppBase, selection: Selection) -> None:
    from gpuws.tui.sessions.entering import enter

    which_door(app, "Attach to", doors(selection), lambda door: enter(app, door))


_SELECTED = on_selection(
    "attach", "a", "attach", "Enter the tmux session, container or host", _attach,
    title=_attaching, why_not=_no_way_in, shell=lambda it: command(doors(it)), says=_short, hint=1,
)  # fmt: skip


def _enter_fresh(context: Context) -> None:
    if fresh := context.app.fresh.door:
        from gpuws.tui.sessions.entering import enter

        enter(context.app, fresh)
    else:
        _SELECTED.run(context)


def _enters(context: Context) -> str:
    fresh = context.app.fresh.door
    return f"enter {clean(fresh.label, 30)}" if fresh is not None else _SELECTED.says(context)


ATTACH = replace(
    _SELECTED,
    run=_enter_fresh,
    says=_enters,
    why_not=lambda context: "" if context.app.fresh.door is not None else _SELECTED.why_not(context),
)
"""While something was just launched it leads there."""

# write


def _write(app: AppBase, selection: Selection) -> None:
    from gpuws.tui.sessions.entering import enter

    which_door(app, "Write into", doors(selection), lambda door: enter(app, door, "write"))


def _write_command(selection: Selection) -> str:
    found = _not_mine(selection)
    return entry_command(found[0], manner(found[0], "write")) if found and len(doors(selection)) == 1 else ""


WRITE = on_selection(
    "write", "W", "write", "Write into a session that is not mine; asks for its name", _write,
    title=lambda it: label("Write into", doors(it)) if _not_mine(it) else "",
    why_not=lambda it: _no_way_in(it) or (unchangeable(it) if _not_mine(it) else ""),
    shell=_write_command,
)  # fmt: skip

# shell


def _shell(app: AppBase, selection: Selection) -> None:
    from gpuws.tui.sessions.entering import shell

    which_door(app, "Shell in", shells(selection), lambda door: shell(app, door))


SHELL = on_selection(
    "shell", "s", "shell", "A new shell on the host or in the container", _shell,
    title=lambda it: label("Shell on" if shells(it) and shells(it)[0].to_host else "Shell in", shells(it)),
    why_not=lambda it: shut(it) or unchangeable(it),
    shell=lambda it: command(shells(it)), hint=2,
)  # fmt: skip

# the end of a session


def _kill(app: AppBase, selection: Selection) -> None:
    session, snapshot = selection.session, selection.snapshot
    assert session is not None  # as `title` said
    place = place_of(snapshot, session)
    if place is None:
        app.warn(f"the container of {plain(session.name)} is gone")
        return

    def kill() -> None:
        from gpuws.model.notice.seen import shown

        app.own_hand.ends(snapshot.name, shown(session).label)
        app.verbs.run(
            f"kill {session.name}",
            lambda: app.fleet.kill_session(place, session.name),
            lambda _: app.say(f"tmux session {plain(session.name)} killed"),
        )

    words = kill_session_command(snapshot, session)
    sure(app, lambda: confirmation("kill_session", session, snapshot, time.time(), command=words), "Kill", kill)


KILL_SESSION = on_selection(
    "kill", "", "kill", "Kill a tmux session", _kill,
    title=lambda it: f"Kill tmux session {it.session.name}" if it.session is not None else "",
    why_not=unchangeable,
    shell=lambda it: kill_session_command(it.snapshot, it.session) if it.session is not None else "",
)  # fmt: skip

COMMANDS = (ATTACH, WRITE, SHELL, KILL_SESSION)
