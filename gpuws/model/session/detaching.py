"""The keys that leave a session, as its program has them by itself. Pure."""

from __future__ import annotations

from gpuws.model.session.session import Program
from gpuws.model.workspace.workspace import PlaceRef

USUAL: dict[Program, tuple[str, str]] = {"tmux": ("C-b", "ctrl-b"), "screen": ("C-a", "ctrl-a")}
"""The prefix of each, as tmux writes it and as people read it."""


def detach_keys(around: str = "", program: Program = "tmux") -> str:
    """`around`: the prefix of the tmux around my terminal, "" where there is none. It takes its own once for itself,
    and hands on the second."""
    prefix, keys = USUAL[program]
    return f"{keys} {keys} d" if around == prefix else f"{keys} d"


def detach_hint(place: PlaceRef, session: str | None, around: str = "", program: Program = "tmux") -> str:
    """How to leave what is attached; "" where that is no session: a host without one's name gives a login shell."""
    if not (session or place.workspace):
        return ""
    return f"{detach_keys(around, program)} leaves, what runs goes on ({program}'s usual keys)"
