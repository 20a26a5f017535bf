"""What a place tells of its sessions, as lines, and what they mean. Pure.

One wording for hosts and containers: the agent asks tmux for these lines, and so does the program that looks into a
place without an agent. Each line says first what it tells of:

    server:LABEL:SOCKET   whose sessions follow; both empty for the server that `tmux` itself finds
    session:… window:… pane:… client:…   as tmux writes the formats below
    screen:ATTACHED:PID.NAME             a session of GNU screen
    shown:SESSION:X:Y:WHOLE:TOP          what its active pane shows follows, from line TOP on, each line behind a `|`
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from gpuws.model.session.judging import judged
from gpuws.model.session.screen import PaneScreen
from gpuws.model.session.session import ID, LONGEST_NAME, Session, known_as
from gpuws.model.session.window import Client, Pane, Window
from gpuws.model.text import harmless, plain

# tmux allows no `:` in a session's name, so that it can part fields; what may hold one stands last.
_SESSIONS = (
    "session:#{session_id}:#{session_windows}:#{session_attached}:#{session_created}:#{session_activity}"
    ":#{session_name}:#{@gpuws_owner}"
)
_WINDOWS = (
    "window:#{session_id}:#{window_id}:#{window_index}:#{window_active}:#{window_bell_flag}:#{window_silence_flag}"
    ":#{window_activity}:#{window_name}"
)
_PANES = (
    "pane:#{session_id}:#{window_id}:#{pane_id}:#{pane_pid}:#{pane_active}:#{pane_dead}:#{pane_dead_status}"
    ":#{pane_dead_signal}:#{session_name}:#{pane_current_command}"
)
_CLIENTS = (
    "client:#{session_id}:#{client_width}:#{client_height}:#{client_created}:#{client_activity}:#{client_readonly}"
    ":#{client_flags}:#{client_tty}"
)
ASKED = (
    "list-sessions", "-F", _SESSIONS, ";", "list-windows", "-a", "-F", _WINDOWS, ";",
    "list-panes", "-a", "-F", _PANES, ";", "list-clients", "-F", _CLIENTS,
)  # fmt: skip
"""tmux's words for all it tells; a format that an older one does not know is empty."""
MOST_SESSIONS, MOST_PANES, MOST_CLIENTS = 256, 1024, 256
MOST_LINES, WIDEST = 40, 200  # of what a pane shows: judging more costs more than it tells
SOCKETS = 107  # characters: more has no Unix socket's path
_LINE = re.compile(r"\n(?!\|)")
"""Ends one, together with what a pane shows."""
_SCREEN = re.compile(r"(\d{1,9})\.([^:]+)\Z")


@dataclass(slots=True)
class _Found:
    """A session while its lines are read. Windows and panes by what tmux calls them."""

    session: Session
    windows: dict[str, Window] = field(default_factory=dict)
    panes: dict[str, list[Pane]] = field(default_factory=dict)
    clients: list[Client] = field(default_factory=list)
    beside: int = 0  # clients that show nothing
    shown: list[str] = field(default_factory=list)  # how, then the lines

    def whole(self) -> Session:
        session = self.session
        windows = tuple(replace(each, panes=tuple(self.panes.get(key, ()))) for key, each in self.windows.items())
        written = [each.activity for each in windows if each.activity is not None]
        active = next((each.pane for each in windows if each.active), None)
        return replace(
            session,
            attached=max(session.attached - self.beside, 0),
            activity=max(written) if written else session.activity,
            command=active.command if active else None,
            state=judged(_seen(self.shown, active)) if self.shown and active else None,
            layout=windows,
            clients=tuple(self.clients),
        )


def sessions_of(text: str) -> tuple[Session, ...]:
    """The sessions that these lines tell of; what is no such line is passed over."""
    label, socket, steady = "", "", True
    found: dict[tuple[str, str], _Found] = {}
    screens: list[tuple[bool, str, str]] = []
    panes = 0
    # Not `splitlines`: a name may hold what else Python takes for the end of a line.
    for line in _LINE.split(text):
        kind, _, rest = line.partition(":")
        if kind == "server":
            label, _, socket = rest.partition(":")
            steady = plain(socket, SOCKETS) == socket  # no other path is one that could be given back
        elif kind == "session" and steady and len(found) < MOST_SESSIONS:
            if (session := _session(rest, label, socket)) is not None:
                found.setdefault((socket, session.id), _Found(session))
        elif kind == "screen":
            screens += _screen(rest)
        elif (home := found.get((socket, rest.partition(":")[0]))) is not None:
            panes += kind == "pane"
            if panes <= MOST_PANES:
                _put(home, kind, rest)
    return (*(each.whole() for each in found.values()), *_screens(screens))


def label_of(name: str, tmux_id: str, label: str) -> str:
    """By what a session of a server goes: beside those of the usual one it says which server it is."""
    known = known_as(tmux_id, name)
    return f"{plain(label, SOCKETS)}/{known}" if label else known


def _session(rest: str, label: str, socket: str) -> Session | None:
    fields = rest.split(":", 6)
    if len(fields) < 7 or not ID.match(fields[0]):
        return None
    windows, attached, created, activity = (_number(text) for text in fields[1:5])
    return Session(
        name=label_of(fields[5], fields[0], label),
        windows=windows or 1,
        attached=attached or 0,
        created=created,
        activity=activity,
        mark=plain(fields[6], LONGEST_NAME) or None,
        id=fields[0],
        server=plain(label, SOCKETS),
        socket=socket,
    )


def _put(home: _Found, kind: str, rest: str) -> None:
    if kind == "shown":
        home.shown = rest.split("\n|")[: MOST_LINES + 1]
    elif kind == "window":
        fields = rest.split(":", 7)
        if len(fields) == 8:
            home.windows.setdefault(fields[1], _window(fields))
    elif kind == "pane":
        fields = rest.split(":", 9)
        if len(fields) == 10:
            home.panes.setdefault(fields[1], []).append(_pane(fields))
    elif kind == "client":
        fields = rest.split(":", 7)
        if len(fields) == 8 and "no-output" in fields[6]:
            home.beside += 1
        elif len(fields) == 8 and len(home.clients) < MOST_CLIENTS:
            home.clients.append(_client(fields))


def _seen(shown: list[str], pane: Pane) -> PaneScreen:
    """What a pane shows, read from `shown:` and the lines behind it."""
    x, y, whole, top = (_number(text) or 0 for text in (*shown[0].split(":"), "", "", "", "")[1:5])
    lines = tuple(harmless(line[:WIDEST]).rstrip() for line in shown[1:])
    cursor = (y - top, x) if 0 <= y - top <= MOST_LINES else None
    return PaneScreen(lines, cursor, whole == 1, pane.command or "", pane.ended, pane.status, pane.id)


def _window(fields: list[str]) -> Window:
    return Window(
        id=plain(fields[1], 12),
        index=_number(fields[2]) or 0,
        name=plain(fields[7], 100),
        active=fields[3] == "1",
        bell=fields[4] == "1",
        silent=fields[5] == "1",
        activity=_number(fields[6]),
    )


def _pane(fields: list[str]) -> Pane:
    status, signal = _number(fields[6]), _number(fields[7])
    return Pane(
        id=plain(fields[2], 12),
        pid=_number(fields[3]),
        command=plain(fields[9], 100) or None,
        active=fields[4] == "1",
        ended=fields[5] == "1",
        status=128 + signal if signal else status,
    )


def _client(fields: list[str]) -> Client:
    columns, rows, since, typed = (_number(text) for text in fields[1:5])
    return Client(
        plain(fields[7], 40), columns, rows, since, typed, fields[5] == "1" or "read-only" in fields[6].split(",")
    )


def _screen(rest: str) -> Iterator[tuple[bool, str, str]]:
    """Whether somebody is in it, `PID.NAME`, `NAME`."""
    attached, _, name = rest.partition(":")
    if match := _SCREEN.match(plain(name, LONGEST_NAME)):
        yield attached == "1", match[0], match[2]


def _screens(found: Iterable[tuple[bool, str, str]]) -> Iterator[Session]:
    """By their names, where those are one's own; screen itself tells neither windows nor times."""
    told = list(found)[:MOST_SESSIONS]
    names = [name for *_, name in told]
    for attached, whole, name in told:
        yield Session(
            name=f"screen/{name if names.count(name) == 1 else whole}",
            attached=int(attached),
            id=whole,
            program="screen",
        )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else None
