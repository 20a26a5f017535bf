"""What the document of sessions holds."""

from __future__ import annotations

from typing import TypedDict

from gpuws.model.session.session import Program
from gpuws.model.session.state import SessionKind
from gpuws.present.documents.fields.base import HostRow, Time


class PaneRow(TypedDict):
    """A pane of a window."""

    id: str
    """What tmux calls it while its server lives: `%7`."""
    pid: int | None
    """Of its program, as it is numbered where the session lives."""
    active: bool
    command: str | None
    """What runs in it."""
    ended: bool
    """Its program has, and the pane stays (`remain-on-exit`)."""
    status: int | None
    """Of a program that has ended: its exit status, 128 + signal where a signal ended it."""


class WindowRow(TypedDict):
    """A window of a session."""

    id: str
    """`@3`"""
    index: int
    name: str
    active: bool
    bell: bool
    """One rang in it that nobody has seen yet."""
    silent: bool
    """Nothing was written for as long as its `monitor-silence` says."""
    activity: Time | None
    """When something in it wrote to its screen last."""
    panes: list[PaneRow]


class ClientRow(TypedDict):
    """A terminal that shows a session."""

    terminal: str
    columns: int | None
    rows: int | None
    since: Time | None
    """When it was attached."""
    typed: Time | None
    """When a key was pressed in it last."""
    readonly: bool


class StateRow(TypedDict):
    """What a session is doing, judged from its screen. What the screen says is not listed."""

    kind: SessionKind
    status: int | None
    """Of what has ended, where known."""


class SessionRow(TypedDict):
    """A session of tmux, or of GNU screen."""

    host: str
    container: str | None
    """null: it lives on the host itself."""
    name: str
    """As it is named to gpuws. At another tmux server than the usual one its name stands behind the server's:
    `work/main` of `tmux -L work`; one of GNU screen is `screen/main`."""
    id: str | None
    """What tmux calls it while its server lives: `$3`; of GNU screen `PID.NAME`."""
    program: Program
    socket: str | None
    """The path of its tmux server's; null: the one that `tmux` finds by itself."""
    owner: str | None
    """Who made it, where gpuws did."""
    mine: bool
    windows: int
    attached: int
    """How many clients look at it."""
    created: Time | None
    activity: Time | None
    """When something in it wrote to its screen last."""
    command: str | None
    """What its active pane runs."""
    bell: bool
    silent: bool
    state: StateRow | None
    """null: not judged."""
    window_list: list[WindowRow]
    """Empty where that is not told, as of GNU screen."""
    clients: list[ClientRow]


class ActedSessionRow(TypedDict):
    """A session that something was to be done to."""

    host: str
    container: str | None
    name: str
    """What it is called then."""
    done: bool
    error: str | None
    """Why it was not done; null with `--dry-run`, too."""
    command: str
    """The same as a plain command."""


class ActedSessionsDocument(TypedDict):
    """What became of an action on a session."""

    action: str
    sessions: list[ActedSessionRow]


class SessionsDocument(TypedDict):
    """tmux sessions of all hosts, and of my containers."""

    hosts: list[HostRow]
    sessions: list[SessionRow]
