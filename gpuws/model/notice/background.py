"""The end of a task, and of a wait for GPUs, as notices: the same whoever sees it. Pure."""

from __future__ import annotations

from gpuws.model.host.naming import split_host
from gpuws.model.notice.notice import Level, Notice, identity, named, said
from gpuws.model.placement.queued_wait import QueuedWait
from gpuws.model.task import Task

_LEVELS: dict[str, Level] = {"done": "good", "failed": "bad", "interrupted": "bad"}


def task_ended(task: Task) -> Notice | None:
    """None: it goes on, or its end is what somebody wanted."""
    if task.ended_at is None or task.state == "cancelled":
        return None
    why = f": {task.error.message.removeprefix(f'{task.host}: ')}" if task.error else ""
    text = said(task.host or "gpuws", f"{task.title} {'is done' if task.state == 'done' else task.state}{why}")
    level = _LEVELS.get(task.state, "plain")
    return Notice(identity("task", task.mark), "task", task.host, named(task.title), text, task.ended_at, True, level)


def wait_ended(wait: QueuedWait) -> Notice:
    host = split_host(wait.text)[0] if wait.state == "launched" else ""
    host = host if host in wait.order.hosts else ""
    text = said(host or "gpuws", f"the wait for {wait.order.called} {wait.state}: {wait.text}")
    level: Level = "bad" if wait.state == "failed" else "good"
    key = identity("task", "wait", wait.id, wait.since)
    return Notice(key, "task", host, named(wait.order.called), text, wait.ended_at or wait.since, True, level)
