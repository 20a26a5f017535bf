"""Implements `fleet.tasks`: a book in this process, and links that may break while something is fetched."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from gpuws.fleet.background.facet import BookedTasks
from gpuws.fleet.local.images import LocalImages
from gpuws.fleet.local.looking import LocalLooking
from gpuws.fleet.local.recipes import LocalRecipes
from gpuws.fleet.local.workspaces import LocalWorkspaces
from gpuws.model.build.want import BuildWant
from gpuws.model.errors import Cancelled, GpuwsError, HostError
from gpuws.model.host.host import HostState
from gpuws.model.placement.plan import Progress
from gpuws.model.task_kinds import kind_of

if TYPE_CHECKING:
    from gpuws.fleet.background.book import Work
    from gpuws.fleet.background.store import Call
    from gpuws.fleet.local.host.supervisor import Supervisor
    from gpuws.model.placement.plan import Report
    from gpuws.model.task import Task
    from gpuws.model.workspace.workspace import Ref

FETCHING = frozenset({"checking", "pulling", "building", "copying"})
"""Stages in which nothing is made yet that could be there twice: asked again, an engine goes on with what it has."""
AGAIN = 1.0
"""Seconds between looks whether a host is back, where nothing tells of it."""


class LocalTasks(LocalLooking, LocalWorkspaces, LocalRecipes, LocalImages, BookedTasks):
    """It plans and launches as anybody does."""

    def close(self) -> None:
        if self._tasks is not None:
            self._tasks.close()
        super().close()

    def _need_writable(self, host: str) -> None:
        self._hosts.writable(host)

    def _work_of(self, call: Call) -> Work:
        """A link that breaks while something is fetched is waited for; then it is asked again."""
        once, given, kind = super()._work_of(call), call.arguments or {}, kind_of(call.verb)
        hosts = [host for host in (kind.source(given), kind.host(given)) if host]

        def work(report: Report, cancel: threading.Event) -> Any:
            stage = ""

            def told(step: Progress) -> None:
                nonlocal stage
                stage = step.stage
                report(step)

            while True:
                try:
                    return once(told, cancel)
                except HostError as error:
                    if stage not in FETCHING or cancel.is_set():
                        raise
                    names = " and ".join(hosts)
                    report(Progress(stage, f"{error.message}: asked again when {names} can be reached"))
                    for host in hosts:
                        self._until_up(host, cancel)
                    report(Progress(stage, f"{names} can be reached: asked again"))

        return work

    def _check_again(self, task: Task, call: Call, cancel: threading.Event) -> None:
        from gpuws.fleet.background.book import Interrupted

        want = (call.arguments or {}).get("want")
        if not isinstance(want, BuildWant):
            return
        self._until_up(task.host, cancel)
        if (build := self._to_build(task.host, want).build) and build.taken:
            names = ", ".join(build.taken)
            raise Interrupted(
                f"its keeper ended in the middle, and it takes {names} from the environment it was begun in",
                f"gpuws tasks retry {task.id} takes that of your shell",
            )

    def _look_for(self, task: Task, report: Report, cancel: threading.Event) -> Ref:
        from gpuws.fleet.background.traces import found_of

        report(Progress("checking", f"its keeper ended in the middle: what became of it is looked at on {task.host}"))
        while True:
            self._until_up(task.host, cancel)
            try:
                there = self._hosts.find(task.host).engine().workspaces()
            except GpuwsError:
                cancel.wait(AGAIN)
            else:
                return found_of(task, there)

    def _until_up(self, host: str, cancel: threading.Event) -> None:
        """Until it is connected, and its engine answers. `Cancelled` by `cancel`, `TargetError` once it is gone."""
        changed = threading.Event()
        stop = self._publisher.subscribe(lambda _event: changed.set())
        try:
            while True:
                changed.clear()
                if _answers(self._hosts.find(host)):
                    return
                if cancel.is_set():
                    raise Cancelled("cancelled")
                changed.wait(AGAIN)
        finally:
            stop()


def _answers(supervisor: Supervisor) -> bool:
    """It is connected, and its engine was found; what it lists is of this link."""
    try:
        supervisor.engine()
    except GpuwsError:
        return False
    return supervisor.snapshot.state is HostState.UP
