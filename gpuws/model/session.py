"""tmux sessions, on a host or inside a container."""

from __future__ import annotations

import re
from dataclasses import dataclass

OWNER_OPTION = "@gpuws_owner"
"""tmux's option for `Session.mark`."""
NAME = re.compile(r"[^\s:.\x00-\x1f\x7f-][^:.\x00-\x1f\x7f]*\Z")


@dataclass(frozen=True, slots=True)
class Session:
    """`created` and `activity` are epoch seconds; `command` is what the active pane runs.

    `panes`: pids of the panes' programs, as they are numbered where the session lives; () where that was not asked.
    `mark`: who made it, where gpuws did (`Me.mark`). `mine` is found where snapshots are assembled."""

    name: str
    windows: int = 1
    attached: int = 0
    created: float | None = None
    activity: float | None = None
    command: str | None = None
    container: str | None = None
    panes: tuple[int, ...] = ()
    mark: str | None = None
    mine: bool = False
