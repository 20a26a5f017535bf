"""What an engine's word for the state of a container means: Docker's, Podman's, and one that nobody knows. Pure.

Of a word that nobody knows the careful reading holds: it keeps its GPUs, programs live in it, and what can be done
with it the engine decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gpuws.model.workspace.workspace import ACTIONS, ENDED, PAUSED, RUNNING, State


@dataclass(frozen=True, slots=True)
class Meaning:
    """As the fields of `Workspace` have it."""

    state: State
    actions: frozenset[str]


_MADE = Meaning("starting", frozenset({"start", "rename", "remove", "recreate"}))
"""Nothing has run in it yet; it may start any moment."""
_ENDED = Meaning("exited", ENDED)
_UNKNOWN = Meaning("running", ACTIONS - {"enter"})
_MEANINGS: Mapping[str, Meaning] = {
    "configured": _MADE,
    "created": _MADE,
    "initialized": _MADE,
    "running": Meaning("running", RUNNING),
    "paused": Meaning("running", PAUSED),
    "restarting": Meaning("running", frozenset({"stop", "kill", "rename", "remove"})),
    "stopping": Meaning("ending", frozenset({"stop", "kill", "remove"})),
    "exited": _ENDED,
    "stopped": _ENDED,
    "removing": Meaning("exited", frozenset()),
    "dead": Meaning("exited", frozenset({"start", "remove"})),
}


def meaning(word: str) -> Meaning:
    """What the engine's word for a container's state says of it."""
    return _MEANINGS.get(word, _UNKNOWN)
