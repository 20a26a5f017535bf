"""Implements `fleet.tasks`: a book in this process, and links that may break while something is fetched."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gpuws.fleet.background.facet import BookedTasks
from gpuws.fleet.background.verbs import current_task
from gpuws.fleet.local.images import LocalImages
from gpuws.fleet.local.looking import LocalLooking
from gpuws.fleet.local.recipes import LocalRecipes
from gpuws.fleet.local.workspaces import LocalWorkspaces
from gpuws.model.build.want import BuildWant
from gpuws.model.errors import Cancelled, GpuwsError, HostError, Refused, Unreachable
from gpuws.model.host.host import HostState
from gpuws.model.placement.follow import Launched
from gpuws.model.placement.plan import Progress
from gpuws.model.task import LABEL
from gpuws.model.task_kinds import kind_of

if TYPE_CHECKING:
    from gpuws.fleet.background.book import Work
    from gpuws.fleet.background.store import Call
    from gpuws.fleet.local.host.supervisor import Supervisor
    from gpuws.model.placement.plan import Report
    from gpuws.model.task import Task
    from gpuws.model.workspace.workspace import Ref, Workspace

FETCHING = frozenset({"checking", "pulling", "building", "copying"})
"""Stages in which nothing is made yet that could be there twice: asked again, an engine goes on with what it has."""
MAKING = frozenset({"creating", "starting"})
"""Stages of which nobody knows how they ended where no answer comes."""
PATIENCE = 86400.0
"""Seconds that a host which went is waited for, and the keeper stays for it."""
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
        """A link that breaks is waited for: what was fetched is asked for again, what was made is looked for."""
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
                except (Cancelled, Refused):
                    raise
                except GpuwsError as error:
                    lost = isinstance(error, HostError)
                    if cancel.is_set() or not stage:
                        raise
                    if kind.makes and (stage in MAKING or (lost and stage not in FETCHING)):
                        return self._made_before(call, error, report, cancel)
                    if not lost or stage not in FETCHING:
                        raise
                    names = " and ".join(hosts)
                    report(Progress(stage, f"{error.message}: asked again when {names} can be reached"))
                    for host in hosts:
                        self._until_up(host, cancel, engine=kind.engine(given))
                    report(Progress(stage, f"{names} can be reached: asked again"))

        return work

    def _made_before(self, call: Call, error: GpuwsError, report: Report, cancel: threading.Event) -> Launched | Ref:
        """What a task had made when its link or the engine went, looked at when they are back: nothing is made or
        started a second time. The error itself where they did not go."""
        from gpuws.fleet.background.traces import found_of

        task, host = current_task(), kind_of(call.verb).host(call.arguments or {})
        if task is None:
            raise error
        there: Sequence[Workspace]
        try:
            there = self._hosts.find(host).engine().workspaces()
        except GpuwsError:
            report(Progress("checking", f"what became of it, when {host} answers again: {error.message}"))
            there = self._listed_again(host, cancel)
        else:
            if all(one.labels.get(LABEL) != task.mark for one in there):
                raise error
        found = found_of(task, there, error.message)
        return Launched(found) if call.verb == "launch" else found

    def _await_again(self, task: Task, call: Call, cancel: threading.Event) -> None:
        from gpuws.fleet.background.book import Interrupted

        given = call.arguments or {}
        kind = kind_of(task.verb)
        for host in (kind.source(given), task.host):
            if host:
                self._until_up(host, cancel, engine=kind.engine(given))
        want = given.get("want")
        if not isinstance(want, BuildWant):
            return
        if (build := self._to_build(task.host, want).build) and build.taken:
            names = ", ".join(build.taken)
            raise Interrupted(
                f"its keeper ended in the middle, and it takes {names} from the environment it was begun in",
                f"gpuws tasks retry {task.id} takes that of your shell",
            )

    def _look_for(self, task: Task, report: Report, cancel: threading.Event) -> Ref:
        from gpuws.fleet.background.traces import found_of

        report(Progress("checking", f"what became of it on {task.host}: its keeper ended in the middle"))
        return found_of(task, self._listed_again(task.host, cancel))

    def _listed_again(self, host: str, cancel: threading.Event) -> Sequence[Workspace]:
        """What is there, as soon as the host and its engine answer."""
        while True:
            self._until_up(host, cancel)
            try:
                return self._hosts.find(host).engine().workspaces()
            except GpuwsError:
                cancel.wait(AGAIN)

    def _until_up(self, host: str, cancel: threading.Event, *, engine: bool = True) -> None:
        """Until it is connected, and its engine answers where that is needed. `Cancelled` by `cancel`, `TargetError`
        once it is gone from the configuration, `Unreachable` after a day."""
        changed, deadline = threading.Event(), time.monotonic() + PATIENCE
        stop = self._publisher.subscribe(lambda _event: changed.set())
        try:
            while True:
                changed.clear()
                supervisor = self._hosts.find(host)
                if _answers(supervisor, engine=engine):
                    return
                supervisor.hurry()
                if cancel.is_set():
                    raise Cancelled("cancelled")
                if time.monotonic() > deadline:
                    raise Unreachable(f"{host} did not come back within a day", "look there before you repeat it")
                changed.wait(AGAIN)
        finally:
            stop()


def _answers(supervisor: Supervisor, *, engine: bool) -> bool:
    """It is connected, and its engine was found; what it lists is of this link."""
    try:
        if engine:
            supervisor.engine()
    except GpuwsError:
        return False
    return supervisor.snapshot.state is HostState.UP
