"""What an engine's word for the state of a container means: Docker's, Podman's, and one that nobody knows. Pure.

Of a word that nobody knows the careful reading holds: it keeps its GPUs, programs live in it, and what can be done
with it the engine decides."""

from __future__ import annotations

from collections.abc import Mapping

MADE = frozenset({"configured", "created", "initialized"})
"""Nothing has run in it yet; it may start any moment."""
ALIVE = frozenset({"running", "paused", "restarting", "stopping"})
ENDED = frozenset({"exited", "stopped"})
GONE = frozenset({"removing", "dead"})
"""It only waits to be taken away."""

_KNOWN = MADE | ALIVE | ENDED | GONE
_ALLOWED: Mapping[str, frozenset[str]] = {
    "start": MADE | ENDED | {"dead"},
    "stop": ALIVE,
    "restart": ENDED | {"running", "paused"},
    "kill": ALIVE,
    "remove": MADE | ALIVE | ENDED | {"dead"},
    "recreate": MADE | ENDED | {"running"},
}


def holds(state: str) -> bool:
    """It keeps the GPUs that it was given."""
    return state not in ENDED | GONE


def alive(state: str) -> bool:
    """Programs live in it, or may."""
    return state in ALIVE or state not in _KNOWN


def allows(action: str, state: str) -> bool:
    """`action` makes sense in that state."""
    return state in _ALLOWED[action] or state not in _KNOWN
