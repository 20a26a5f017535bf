"""A task in a few words: its state, its title, how far it is. Pure."""

from __future__ import annotations

from gpuws.model.task import Task, TaskState
from gpuws.present.line import Role, clean

ROLES: dict[TaskState, Role] = {"done": "ok", "failed": "error", "interrupted": "error"}


def state(task: Task) -> str:
    return "cancelling" if task.running and task.cancelling else task.state


def called(task: Task) -> str:
    """`launch train on bravo`."""
    return clean(f"{task.title} on {task.host}" if task.host else task.title, 200)


def told(task: Task) -> str:
    """What its last step says that its title does not."""
    text = task.progress.text if task.progress else ""
    known = next((word for word in task.title.split(" ") if word and text.startswith(f"{word}: ")), "")
    return text.removeprefix(f"{known}: ") if known else text


def brief(task: Task) -> str:
    """Its title with images by their last word: where they come from the log says. Of paths every word counts."""
    if task.verb == "copy_files":
        return task.title
    return " ".join(word.rpartition("/")[2] or word for word in task.title.split(" "))
