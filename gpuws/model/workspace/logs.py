"""Which part of a workspace's log is wanted."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LogWindow:
    """`tail`: so many of the last messages, None: all; an engine counts them before it looks at `until`, as Docker's
    does. `since`, `until`: epoch seconds. `previous`: only what was written before the last start. `timestamps`: text
    with the time of each line. `framed`: in the frames of `log_messages`, which say more than text can."""

    follow: bool = False
    tail: int | None = 500
    since: float | None = None
    timestamps: bool = False
    until: float | None = None
    previous: bool = False
    framed: bool = False
