"""A wait for GPUs that goes on without the program that asked for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

WaitState = Literal["waiting", "launching", "launched", "failed"]


@dataclass(frozen=True, slots=True)
class WaitOrder:
    """What is waited for on which hosts, and what is launched then. `spec`: the GPUs as `--gpus` has them.

    `profile`, `overrides` and `recipe` as for `Fleet.plan` and in `Want`."""

    spec: str
    hosts: tuple[str, ...]
    profile: str
    name: str | None = None
    overrides: tuple[str, ...] = ()
    recipe: str = field(default="", repr=False)

    @property
    def called(self) -> str:
        """What is launched, in a word or two."""
        return self.profile or "a recipe of no file"


@dataclass(frozen=True, slots=True)
class QueuedWait:
    """`text`: who is in the way, what was launched, or why it failed. Times are epoch seconds."""

    id: str
    order: WaitOrder
    since: float
    state: WaitState = "waiting"
    text: str = ""
    ended_at: float | None = None

    @property
    def open(self) -> bool:
        return self.ended_at is None
