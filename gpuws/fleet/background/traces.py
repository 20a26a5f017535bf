"""What became of a task whose process was killed in the middle, told by what carries its mark. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from gpuws.fleet.background.book import Interrupted
from gpuws.model.host.naming import labelled
from gpuws.model.task import LABEL, Task
from gpuws.model.workspace.workspace import Ref, Workspace

KILLED = "its keeper ended in the middle"
CREATED = "created"
"""An engine's own word for what was made and never started."""
FILLING = "filling"
"""The stage in which data are brought into what does not run yet."""


def found_of(task: Task, there: Iterable[Workspace], why: str = KILLED) -> Ref:
    """The workspace that it made and started. `Interrupted` with the truth where there is none: nothing is made or
    started a second time. `why`: what broke it off."""
    made = next((one for one in there if one.labels.get(LABEL) == task.mark), None)
    if made is None:
        raise _nothing(task, why)
    where = labelled(task.host, made.typed)
    if made.status.startswith(CREATED) and task.progress is not None and task.progress.stage == FILLING:
        raise Interrupted(
            f"{why}: {made.name} was made, and its data came in part",
            f"gpuws rm {where}, and gpuws volumes ls {task.host} for what was made for it; then begin anew",
        )
    if made.status.startswith(CREATED):
        raise Interrupted(f"{why}: {made.name} was made and not started", f"gpuws start {where}, or gpuws rm {where}")
    if made.state == "exited":
        ended = made.reason or made.status
        raise Interrupted(
            f"{why}: {made.name} was made and started, and has ended since: {ended}", f"gpuws logs {where}"
        )
    return made.ref


def _nothing(task: Task, why: str) -> Interrupted:
    if task.verb == "recreate":
        return Interrupted(
            f"{why}: nothing new was made; the old one may be stopped, and be called NAME.old-…",
            f"see gpuws ps -a {task.host}",
        )
    return Interrupted(f"{why}: nothing of it is on {task.host}", f"begin it anew: gpuws tasks retry {task.id}")
