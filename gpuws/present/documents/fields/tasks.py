"""Background work of the keeper."""

from __future__ import annotations

from typing import TypedDict

from gpuws.model.task import TaskState
from gpuws.present.documents.fields.base import Time


class TaskRow(TypedDict):
    """Background work of the keeper."""

    id: str
    verb: str
    """What it is, `launch` or `pull_image`."""
    title: str
    host: str | None
    state: TaskState
    stage: str | None
    """Its last step, `pulling`."""
    percent: float | None
    """Of that step, where it can be told."""
    began: Time | None
    ended: Time | None
    result: str | None
    """What was made or gained."""
    error: str | None
    remedy: str | None


class TasksDocument(TypedDict):
    """Tasks that go on, and those that ended in the last day."""

    tasks: list[TaskRow]
