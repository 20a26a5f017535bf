"""The size of a terminal, and what a finished program left."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    columns: int = 80
    rows: int = 24


@dataclass(frozen=True, slots=True)
class Completed:
    """`status`: exit status, 128 + signal where a signal ended it, None when it was never told."""

    status: int | None
    stdout: bytes = b""
    stderr: bytes = b""

    @property
    def ok(self) -> bool:
        return self.status == 0
