"""A terminal: its size, what mine can show, and what a finished program left."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    columns: int = 80
    rows: int = 24


@dataclass(frozen=True, slots=True)
class MyTerminal:
    """The one at the workstation. `truecolor`: it shows 24-bit colours. `prefix`: of the tmux around it, as tmux writes
    it (`C-b`); "" where there is none."""

    truecolor: bool = False
    prefix: str = ""

    @property
    def environment(self) -> tuple[str, ...]:
        """What tells programs of its colours, KEY=VALUE."""
        return ("COLORTERM=truecolor",) if self.truecolor else ()


@dataclass(frozen=True, slots=True)
class Completed:
    """`status`: exit status, 128 + signal where a signal ended it, None when it was never told."""

    status: int | None
    stdout: bytes = b""
    stderr: bytes = b""

    @property
    def ok(self) -> bool:
        return self.status == 0
