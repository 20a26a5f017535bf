"""Where tasks are kept beyond the process that does them, as far as it can be done: nothing here ever fails a task."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from gpuws.model.task import Task


@dataclass(frozen=True, slots=True)
class Call:
    """A verb of the fleet and its arguments by name; what is called or set meanwhile is not among them. Holds secrets.

    `arguments` None: they were not kept. `names`: of the environment variables that a launch was given."""

    verb: str
    arguments: Mapping[str, Any] | None = field(repr=False)
    names: tuple[str, ...] = ()


class TaskStore(Protocol):
    """Any thread may call; nothing is raised, whatever the disk says."""

    def all(self) -> list[tuple[Task, Call]]:
        """Oldest first."""
        ...

    def save(self, task: Task, call: Call) -> None: ...
    def forget(self, task_id: str) -> None: ...
    def append(self, task_id: str, lines: Iterable[str]) -> bool:
        """To its log. False: it can't be written."""
        ...

    def rewrite(self, task_id: str, lines: Iterable[str]) -> bool:
        """Its whole log anew."""
        ...

    def log(self, task_id: str) -> list[str]: ...


class NoStore:
    """What is kept in memory only: by a program that does its work itself, and by the demo."""

    def all(self) -> list[tuple[Task, Call]]:
        return []

    def save(self, task: Task, call: Call) -> None: ...
    def forget(self, task_id: str) -> None: ...
    def append(self, task_id: str, lines: Iterable[str]) -> bool:  # noqa: ARG002 - as the protocol has it
        return False

    def rewrite(self, task_id: str, lines: Iterable[str]) -> bool:  # noqa: ARG002
        return False

    def log(self, task_id: str) -> list[str]:  # noqa: ARG002
        return []
