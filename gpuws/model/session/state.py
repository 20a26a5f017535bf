"""What a session is doing, judged from what its screen shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SessionKind = Literal["running", "progress", "waiting", "idle", "ended"]


@dataclass(frozen=True, slots=True)
class SessionState:
    """`kind`: running, progress (running, and its screen says how far), waiting (for a person to answer something),
    idle (a shell's prompt: nothing runs), ended (its program has, the pane stays).

    `line`: what says so, as plain text: the question, the last line, the progress.
    `status`: of what ended, where known."""

    kind: SessionKind
    line: str = ""
    status: int | None = None
