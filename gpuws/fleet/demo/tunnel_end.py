"""Where a tunnel of the demo leads at a moment."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TunnelEnd:
    """The id of the workspace that bears the name now, and why nothing can be reached there; "": it can. `away`: the
    host itself can't be."""

    workspace: str | None
    why: str
    away: bool = False
