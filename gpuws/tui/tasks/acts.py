"""What is done with tasks: seen, cancelled, forgotten, begun anew."""

from __future__ import annotations

import os

from gpuws.model.consent.confirm import Confirmation
from gpuws.model.task import Task
from gpuws.model.task_kinds import kind_of
from gpuws.present.task_words import called
from gpuws.tui.base import AppBase
from gpuws.tui.dialogs.ask import sure


def see(app: AppBase, task: Task) -> None:
    """Somebody has taken note of its end: it is no longer told of in the header."""
    if task.troubles:
        app.verbs.run("see task", lambda: app.fleet.see_task(task.id), None, lambda _: None)


def cancel(app: AppBase, task: Task) -> None:
    """Once a person has agreed."""
    lines = ("What it has made so far is taken back; what an engine has pulled it keeps.",)
    asked = Confirmation(f"Cancel {called(task)}?", lines, f"gpuws tasks cancel {task.id}")

    def agreed() -> None:
        app.verbs.run("cancel task", lambda: app.fleet.cancel_task(task.id))
        app.say(f"cancelling {called(task)}")

    sure(app, lambda: asked, "Cancel it", agreed)


def forget(app: AppBase, task: Task) -> None:
    """List one that ended no longer."""
    app.verbs.run("forget task", lambda: app.fleet.forget_task(task.id))


def not_again(task: Task | None) -> str:
    """Why it can't be begun anew; "" when it can."""
    if task is None:
        return "there is no task here"
    if task.running:
        return f"{task.title} is still running: D cancels it"
    return f"{task.title} has succeeded" if task.state == "done" else ""


def again(app: AppBase, task: Task) -> None:
    """A launch by its form as it was, anything else at once, or once a person has agreed where it changes what is
    there."""
    see(app, task)
    if task.asked is not None:
        from gpuws.tui.launch.commands import open_again

        open_again(app, task.asked)
        return

    def retry() -> None:
        environ = dict(os.environ)
        app.verbs.run("retry task", lambda: app.fleet.retry_task(task.id, environ), begun)

    def begun(new: Task) -> None:
        app.say(f"begun again: {called(new)}")

    asked = Confirmation(f"Begin {called(task)} again?", (), f"gpuws tasks retry {task.id}")
    sure(app, lambda: None if kind_of(task.verb).again else asked, "Begin it", retry)
