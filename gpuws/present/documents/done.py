"""What became of one action on several things: images, volumes, tunnels, waits, tasks. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gpuws.present.documents.fields.done import DeedRow, Things


@dataclass(frozen=True, slots=True)
class Deed:
    """On one of them. `host` "": it is on none; `command`: the same as a plain command."""

    host: str
    name: str
    command: str
    done: bool = False
    error: str = ""


def done(action: str, things: Things, deeds: Sequence[Deed]) -> Mapping[str, str | Sequence[DeedRow]]:
    """The document of `things`, as `fields.done` says it."""
    return {"action": action, things: [_row(one) for one in deeds]}


def _row(one: Deed) -> DeedRow:
    return {
        "host": one.host or None,
        "name": one.name,
        "done": one.done,
        "error": one.error or None,
        "command": one.command,
    }
