"""tmux sessions, on a host or inside a container."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import Literal

from gpuws.model.session.state import SessionState
from gpuws.model.session.window import Client, Pane, Window
from gpuws.model.text import plain

OWNER_OPTION = "@gpuws_owner"
"""tmux's option for `Session.mark`."""
NAME = re.compile(r"[^\s:.\x00-\x1f\x7f-][^:.\x00-\x1f\x7f]*\Z")
"""What gpuws calls a session that it makes. Those of others may be called anything: `%5`, ` lead`, `-dash`."""
ID = re.compile(r"\$\d{1,9}\Z")
LONGEST_NAME = 200
Program = Literal["tmux", "screen"]


@dataclass(frozen=True, slots=True)
class Session:
    """`created` and `activity` are epoch seconds; `activity` is the newest output, of any window. `command` is what the
    active pane runs.

    `id`: what tmux calls it while its server lives, `$3`: the one exact way to name it; `PID.NAME` of GNU screen.
    `server`: what its tmux server is called, with the path of its `socket`; both "" for the one that `tmux` finds.
    `layout`: its windows with their panes, `clients`: who looks at it; () where that was not told.
    `mark`: who made it, where gpuws did (`Me.mark`). `mine` is found where snapshots are assembled."""

    name: str
    windows: int = 1
    attached: int = 0
    created: float | None = None
    activity: float | None = None
    command: str | None = None
    container: str | None = None
    layout: tuple[Window, ...] = ()
    mark: str | None = None
    mine: bool = False
    id: str = ""
    state: SessionState | None = None  # None: not judged
    clients: tuple[Client, ...] = ()
    server: str = ""
    socket: str = ""
    program: Program = "tmux"

    @property
    def written(self) -> tuple[str | None, str | None]:
        """The owner and the workstation of its mark. An owner may hold an `@` (a login of a domain), the name of a
        machine does not."""
        owner, at, workstation = (self.mark or "").rpartition("@")
        return (owner if at else workstation) or None, (workstation if at else "") or None

    @property
    def panes(self) -> tuple[int, ...]:
        """Pids of the panes' programs, as they are numbered where the session lives."""
        return tuple(pane.pid for window in self.layout for pane in window.panes if pane.pid)

    @property
    def window(self) -> Window | None:
        """The one that whoever attaches sees."""
        return next((each for each in self.layout if each.active), self.layout[0] if self.layout else None)

    @property
    def pane(self) -> Pane | None:
        """The one that keys would go to."""
        return self.window.pane if self.window else None

    @property
    def bell(self) -> bool:
        """One rang in it that nobody saw."""
        return any(window.bell for window in self.layout)

    @property
    def silent(self) -> bool:
        """A window that was to be watched for silence is silent."""
        return any(window.silent for window in self.layout)

    @property
    def own_name(self) -> str:
        """As its server calls it, which has no other of that name."""
        return self.name.removeprefix(f"{self.server}/") if self.server else self.name

    def answers_to(self, word: str | None) -> bool:
        """Whether `word` may mean it: its name, or its id at the usual server; None means any."""
        return word is None or word == self.name or (bool(self.id) and word == self.id and not self.socket)

    @property
    def label(self) -> str:
        """The name as it is shown: in quotes where it would be taken for another."""
        return self.name if self.name == self.name.strip() else shlex.quote(self.name)


def known_as(tmux_id: str, name: str) -> str:
    """The name by which a session goes in gpuws: its own, or its id where that would not be shown as it is."""
    return name if shows(name) else tmux_id


def shows(name: str) -> bool:
    """Whether a name is shown as it is, so that what is shown leads to it."""
    framed = f"|{name}|"  # spaces at its ends are its own
    return bool(name) and ":" not in name and len(name) <= LONGEST_NAME and plain(framed) == framed
