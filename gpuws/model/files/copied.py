"""What came of a copy. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Copied:
    """`files` and their bytes; `resumed`: bytes of these that had arrived before."""

    files: int
    size: int
    resumed: int = 0
