"""A task: long work that goes on without whoever asked for it, how far it is, and what came of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gpuws.model.placement.plan import Asked, Progress
from gpuws.model.workspace.workspace import Ref

TaskState = Literal["running", "done", "failed", "cancelled", "interrupted"]
"""`cancelled`: somebody wanted it to end, and nothing is left of it. `interrupted`: what did it was killed in the
middle; `error` says what was found of it afterwards."""

LABEL = "gpuws.task"
"""On what a task makes: its `mark`."""


@dataclass(frozen=True, slots=True)
class Why:
    """Why something failed, and what to do about it: a `GpuwsError` as data."""

    message: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.message} — {self.remedy}" if self.remedy else self.message


@dataclass(frozen=True, slots=True)
class Task:
    """`id`: its number, as people type it. `mark`: tells it from every other task of anybody, for good.

    `verb`: of the fleet. `title`: what it does, without the host. `progress` None: it has not told yet; of an ended one
    its last step. Times are epoch seconds. `result`: what was made or gained, one line; `made`: the workspace.
    `asked`: what a launch was planned from. `seen`: somebody has taken note of its end. `attempt`: 2 where a next
    keeper began it again. `cancelling`: it was asked to end."""

    id: str
    mark: str
    verb: str
    title: str
    host: str
    began_at: float
    state: TaskState = "running"
    progress: Progress | None = None
    ended_at: float | None = None
    result: str = ""
    made: Ref | None = None
    error: Why | None = None
    asked: Asked | None = None
    seen: bool = False
    attempt: int = 1
    cancelling: bool = False

    @property
    def running(self) -> bool:
        return self.state == "running"

    @property
    def troubles(self) -> bool:
        """It did not succeed, and nobody has taken note of that."""
        return self.state in ("failed", "interrupted") and not self.seen
