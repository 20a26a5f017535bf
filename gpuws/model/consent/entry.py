"""How a way in is gone (INTERFACE §3): into what is mine with a say, into what is not only to look on, unless writing
is asked for. Pure."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import Literal

from gpuws.model.consent.facts import owner_of
from gpuws.model.consent.shell_command import in_place, shell_command
from gpuws.model.errors import Refused
from gpuws.model.query.target import Found
from gpuws.model.session import gnu_screen
from gpuws.model.session.tmux import attach_words, new_words, own_words
from gpuws.model.text import plain

Wish = Literal["", "write", "read-only"]
UNTITLED = "\x1b[23;2t"
"""What gives a terminal the title back that it had before `titled`."""


@dataclass(frozen=True, slots=True)
class Manner:
    """`own`: it is mine, or would be. `look`: what is typed does not get there, and whoever is in it sees no change.
    `detach_others`: they are sent away. `note`: what my own terminal says of it, "" where it is mine. `make`: a session
    of mine that is named and missing is made; one that a container of mine keeps by itself always is."""

    own: bool
    look: bool = False
    detach_others: bool = False
    note: str = ""
    make: bool = False


def manner(found: Found, wish: Wish = "", *, detach_others: bool = False) -> Manner:
    """How `found` is entered. That writing into what is not mine was confirmed is the caller's duty."""
    subject = found.session or found.container
    own = subject is None or subject.mine
    look = wish == "read-only" or (wish != "write" and (found.snapshot.readonly or not own))
    return Manner(own, look, detach_others, "" if own else _note(found, look=look))


def visitable(found: Found, how: Manner) -> None:
    """Refused where there is no session to look on; a read-only host shows its own alone, as a container's take a
    program that runs in it."""
    host = found.snapshot.name
    if found.snapshot.readonly and (found.container is not None or found.suffix is None or not how.look):
        remedy = "name a tmux session of the host to look on: gpuws attach HOST:SESSION"
        raise Refused(f"{host} is read-only", remedy)
    if found.container is None and found.suffix is None:
        raise Refused(f"a shell on {host} is no session to look on", "name one: gpuws attach HOST:SESSION")


def entry_command(found: Found, how: Manner) -> str:
    """The equivalent by hand; gpuws' own where it does more than one command could."""
    snapshot, container, session = found.snapshot, found.container, found.session
    if how.look or not how.own:
        flag = "--detach-others" if how.detach_others else "--read-only" if how.look else "--write"
        return shlex.join(["gpuws", "attach", *([] if how == manner(found) else [flag]), target_of(found)])
    if session is None and container is None:
        return shell_command(snapshot, None)
    if session is None:
        words = own_words(snapshot.me.mark, detach_others=how.detach_others)
    elif session.program == "screen":
        words = gnu_screen.attach_words(session.id, detach_others=how.detach_others)
    elif session.id:
        words = attach_words(session.id, detach_others=how.detach_others, socket=session.socket)
    else:
        words = new_words(session.name, snapshot.me.mark)
    return in_place(snapshot, container.name if container else None, words, tty=True)


def titled(note: str) -> str:
    """What makes `note` the title of my terminal, which keeps the one it has (XTWINOPS 22, then OSC 2)."""
    return f"\x1b[22;2t\x1b]2;{plain(note)}\x1b\\"


def target_of(found: Found) -> str:
    """As it is typed."""
    return f"{found.label}:{found.suffix}" if found.suffix else found.label


def _note(found: Found, *, look: bool) -> str:
    subject = found.session or found.container
    owner = owner_of(subject, found.snapshot) if subject else None
    whose = f"{plain(target_of(found), 120)} is " + (f"{plain(owner, 60)}'s" if owner else "not yours")
    if not look:
        return f"{whose}: you write into it"
    if found.snapshot.readonly:
        return f"{whose}, and the host is read-only"
    return f"{whose}: you look on. To write: W on gpuws' screen, or gpuws attach --write"
