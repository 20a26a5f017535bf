"""Which part of a workspace's log is wanted."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LogWindow:
    """`tail`: so many of the last lines, None: all. `since`: epoch seconds."""

    follow: bool = False
    tail: int | None = 500
    since: float | None = None
    timestamps: bool = False
