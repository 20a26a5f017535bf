"""How a test of a receiver went. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from gpuws.model.task import Why


@dataclass(frozen=True, slots=True)
class Tried:
    """`seconds`: how long it took. `error` None: it arrived."""

    receiver: str
    seconds: float
    error: Why | None = None
