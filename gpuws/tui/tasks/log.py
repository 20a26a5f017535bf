"""A task's whole log, live while it runs: the lines of a build, layers, the engine's words, and what came of it."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, ClassVar

from gpuws.model.task import Task
from gpuws.model.workspace.logs import LogWindow
from gpuws.present.line import Span, clean, joined
from gpuws.present.task_words import ROLES, called, state
from gpuws.tui.command import Command
from gpuws.tui.logs.screen import FollowScreen
from gpuws.tui.tasks import acts

if TYPE_CHECKING:
    from gpuws.fleet.base import Stream


class TaskLogScreen(FollowScreen):
    """What ends while it is looked at is seen."""

    KEYS_ABOUT = "task log"
    KEYS: ClassVar[tuple[Command[TaskLogScreen], ...]] = (
        Command(
            "task-log-again", "r", "try again", "Begin it anew; a launch by its form, as it was",
            lambda screen: acts.again(screen.app, screen.subject),
            why_not=lambda screen: acts.not_again(screen.subject), hint=6,
        ),
        Command(
            "task-log-cancel", "D", "cancel", "Cancel it",
            lambda screen: acts.cancel(screen.app, screen.subject),
            why_not=lambda screen: screen.ended_already(), hint=7,
        ),
    )  # fmt: skip

    def __init__(self, task: Task) -> None:
        super().__init__(called(task))
        self._about = task

    def on_mount(self) -> None:
        super().on_mount()
        acts.see(self.app, self.subject)

    @property
    def subject(self) -> Task:
        """As it is now."""
        return next((task for task in self.app.state.tasks if task.mark == self._about.mark), self._about)

    def stream(self, window: LogWindow) -> Stream:
        return self.app.fleet.task_log(self._about.id, window)

    def equivalent(self) -> str:
        return " ".join(["gpuws tasks log -f", *(["-t"] if self.times else []), self._about.id])

    def standing(self) -> Span:
        task = self.subject
        if not task.running:
            return Span(state(task), ROLES.get(task.state, "muted"))
        how = super().standing()
        step = task.progress
        part = f"{step.fraction:.0%}" if step and step.fraction is not None else ""
        return Span(clean(joined([state(task), part, how.text], " · ")), how.role)

    def fleet_changed(self, hosts: Collection[str]) -> None:  # noqa: ARG002 - tasks come with the same paint
        if self.subject.troubles:
            acts.see(self.app, self.subject)
        self.retitle()
        self.show_keys()

    def ended_already(self) -> str:
        """Why it can't be cancelled; "" when it can."""
        return "" if self.subject.running else f"{self.subject.title} has ended"
