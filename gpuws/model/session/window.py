"""What a tmux session consists of: windows, their panes, and the clients that look at it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pane:
    """`id`: what tmux calls it while its server lives, `%7`. `pid`: of its program, as it is numbered where it runs.

    `ended`: its program has, and the pane stays (`remain-on-exit`); `status`: how, 128 + signal where a signal ended
    it, None where tmux does not tell."""

    id: str
    pid: int | None = None
    command: str | None = None
    active: bool = False
    ended: bool = False
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """`activity`: when something in it wrote to its screen last, epoch seconds.

    `bell`: one rang that nobody saw yet. `silent`: nothing was written for as long as its `monitor-silence` says."""

    id: str  # @3
    index: int = 0
    name: str = ""
    active: bool = False
    bell: bool = False
    silent: bool = False
    activity: float | None = None
    panes: tuple[Pane, ...] = ()

    @property
    def pane(self) -> Pane | None:
        """The one that keys would go to."""
        return next((pane for pane in self.panes if pane.active), self.panes[0] if self.panes else None)


@dataclass(frozen=True, slots=True)
class Client:
    """A terminal that shows a session. `since` and `typed` are epoch seconds: attached, the last key pressed."""

    terminal: str  # /dev/pts/3
    columns: int | None = None
    rows: int | None = None
    since: float | None = None
    typed: float | None = None
    readonly: bool = False
