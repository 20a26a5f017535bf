"""attach and shell: this terminal inside a host or a container."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from gpuws.cli.terminal.lasting import pump, stay
from gpuws.cli.terminal.tty import on_terminal, terminal_type
from gpuws.cli.toolkit.confirmation import agree, confirm, settle
from gpuws.cli.toolkit.failures import OWN_FAILURE, note
from gpuws.cli.toolkit.options import Options
from gpuws.cli.toolkit.selection import find, find_session, hosts_of
from gpuws.cli.toolkit.setup import open_fleet, set_up
from gpuws.fleet.inside import Return
from gpuws.link.place import Terminal
from gpuws.model.consent.confirm import confirmation
from gpuws.model.consent.entry import UNTITLED, Manner, Wish, entry_command, manner, target_of, titled
from gpuws.model.consent.shell_command import shell_command
from gpuws.model.errors import Refused, TargetError
from gpuws.model.host.naming import split_host
from gpuws.model.query.target import Found, Target, lacks_session, parse, resolve, session_meant
from gpuws.model.session.detaching import detach_hint
from gpuws.model.session.session import Program
from gpuws.model.session.terminal import Size
from gpuws.model.session.tmux import NO_SESSION
from gpuws.model.text import plain
from gpuws.model.workspace.workspace import PlaceRef
from gpuws.present.host_state import left_out
from gpuws.workstation.around import DUMB, my_terminal

if TYPE_CHECKING:
    from gpuws.fleet.base import Fleet


def attach_to(options: Options, word: str | None, wish: Wish, *, detach_others: bool, new: bool = False) -> int:
    """`new`: a session that is missing is made without a question."""
    if word is None:
        return _pick(options, wish, detach_others=detach_others)
    setup = set_up(options)
    target = parse(word, setup.names())
    with open_fleet(setup, hosts_of(setup, target)) as fleet:
        found = find_session(fleet, target, options.timeout)
        how = manner(found, wish, detach_others=detach_others)
        return _enter(fleet, found, replace(how, make=new and how.own), options)


def go_on(word: str, label: str, *, cut_off: bool) -> int:
    """What the quick road has no way for: back into `label` whose link was lost, or to a session that is missing."""
    options = Options()
    if not cut_off:
        return attach_to(options, word, "", detach_others=False)
    suffix = parse(word).suffix
    target = parse(f"{label}:{suffix}" if suffix else label)
    setup = set_up(options)
    with open_fleet(setup, hosts_of(setup, target)) as fleet:
        status = stay(None, _return(fleet, split_host(label)[0], target, Manner(own=True)))
    return OWN_FAILURE if status is None else status


def _enter(fleet: Fleet, found: Found, how: Manner, options: Options) -> int:
    """Writing into what is not mine is asked for first, and so is a session that is missing: its name may be mistyped.
    Only the place itself knows that: one that was just made may not be listed yet."""
    word, program = target_of(found), found.session.program if found.session else "tmux"
    if found.suffix is None:
        _left_out(found)
    if how.look:
        return enter(fleet, found.place, found.suffix, word, how)
    subject, command = found.session or found.container, entry_command(found, how)
    settle([confirmation("attach", subject, found.snapshot, time.time(), command=command)], options)
    hint = how.make or not lacks_session(found)
    status = enter(fleet, found.place, found.suffix, word, how, hint=hint, program=program)
    if status != NO_SESSION or found.suffix is None or how.make:
        return status
    if found.session is not None and found.session.socket:  # at a server where gpuws makes none
        raise TargetError(f"{word} has ended", "gpuws tmux ls lists what is there")
    meant = session_meant(found)
    note(f"{found.label} has no tmux session {plain(found.suffix)!r}" + (f" — {meant}" if meant else ""))
    agree("Make it?", "--new")
    return enter(fleet, found.place, found.suffix, word, replace(how, make=True))


def enter(
    fleet: Fleet,
    place: PlaceRef,
    session: str | None,
    word: str,
    how: Manner | None = None,
    *,
    hint: bool = True,
    program: Program = "tmux",
) -> int:
    """Into a session, or what a place offers by itself. `word`: it as it is typed. `hint`: how to leave it is said, by
    the keys of its `program`."""
    mine, tmux = my_terminal(), bool(session or place.workspace)
    if tmux and terminal_type() == DUMB:
        raise Refused(
            "this terminal is a dumb one (TERM=dumb), and tmux needs one that can move its cursor",
            "use another, or without tmux: gpuws shell, gpuws exec",
        )
    if how and how.note:
        note(how.note)
    if hint and (said := detach_hint(place, session, mine.prefix, program)):
        note(said)
    back = _return(fleet, place.host, parse(word), how or Manner(own=True)) if tmux else None
    with _title(how.note if how else ""):
        return _through(lambda size: fleet.attach(place, session, size, term=terminal_type(), how=how, mine=mine), back)


def _left_out(found: Found) -> None:
    """Said of a login shell, which is what ssh would give."""
    if found.container is None and (said := left_out(found.snapshot)):
        note(said)


def _return(fleet: Fleet, host: str, target: Target, how: Manner) -> Return:
    """A container that was made anew meanwhile is found by its name."""
    again = replace(how, make=False, detach_others=False)

    def opened(size: Size) -> Terminal:
        found = resolve(target, fleet.snapshots())
        return fleet.attach(found.place, found.suffix, size, term=terminal_type(), how=again, mine=my_terminal())

    return Return(fleet, host, target.word, opened)


@contextlib.contextmanager
def _title(text: str) -> Iterator[None]:
    """This terminal's title meanwhile; "": it stays as it is."""
    shown = bool(text) and on_terminal()
    if shown:
        os.write(1, titled(text).encode())
    try:
        yield
    finally:
        if shown:
            with contextlib.suppress(OSError):  # the window may be gone
                os.write(1, UNTITLED.encode())


def shell_in(options: Options, word: str) -> int:
    setup = set_up(options)
    target = parse(word, setup.names())
    with open_fleet(setup, hosts_of(setup, target)) as fleet:
        found = find(fleet, target, options.timeout)
        container = found.container.name if found.container else None
        _left_out(found)
        confirm("shell", [found], options, command=shell_command(found.snapshot, container))
        env = my_terminal().environment if found.container else ()
        return _through(lambda size: fleet.interactive(found.place, (), size, term=terminal_type(), env=env))


def _through(opener: Callable[[Size], Terminal], back: Return | None = None) -> int:
    """The program's status; where it was never told, the terminal has said why."""
    status = pump(opener, back)
    return OWN_FAILURE if status is None else status


def _pick(options: Options, wish: Wish, *, detach_others: bool) -> int:
    """What the screen's `t` shows, alone."""
    if not on_terminal() or terminal_type() == DUMB:
        raise Refused("there is no terminal to choose on", "name a target: gpuws attach HOST/CONTAINER")
    from gpuws.cli.screen import opened
    from gpuws.keeper.log import log_to
    from gpuws.tui.jump.picker import pick

    log_to(None)
    picked = pick(lambda: opened(options))
    if picked is None:
        raise TargetError("nothing was chosen", "name a target: gpuws attach HOST/CONTAINER")
    fleet, found = picked
    with contextlib.closing(fleet):
        return _enter(fleet, found, manner(found, wish, detach_others=detach_others), options)
