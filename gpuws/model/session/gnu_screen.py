"""GNU screen's own command lines, for sessions that somebody began with it. Pure.

`name` is a session's `PID.NAME`, which names one only."""

from __future__ import annotations

SCREEN = "screen"


def attach_words(name: str, *, detach_others: bool = False) -> list[str]:
    """Into the session, beside whoever is in it (`-x`), or instead of them."""
    return [SCREEN, "-U", *(["-d", "-r"] if detach_others else ["-x"]), name]


def kill_words(name: str) -> list[str]:
    """Its end, and that of what runs in it."""
    return [SCREEN, "-S", name, "-X", "quit"]


def rename_words(name: str, new: str) -> list[str]:
    """Called `new` from now on, behind the same pid."""
    return [SCREEN, "-S", name, "-X", "sessionname", new]


def detach_words(name: str) -> list[str]:
    """Everybody out of it."""
    return [SCREEN, "-d", name]
