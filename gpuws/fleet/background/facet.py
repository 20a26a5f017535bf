"""Implements `fleet.tasks` for any fleet that has a book of them."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gpuws.fleet.events import TasksChanged
from gpuws.model.build.want import BuildWant
from gpuws.model.errors import Refused
from gpuws.model.placement.plan import Asked, ContainerSpec, Plan, Progress, Report, Want
from gpuws.model.task_kinds import kind_of
from gpuws.model.workspace.workspace import Ref

if TYPE_CHECKING:
    from gpuws.fleet.background.book import TaskBook, Work
    from gpuws.fleet.background.store import Call, TaskStore
    from gpuws.fleet.publisher import Publisher
    from gpuws.link.place import Stream
    from gpuws.model.host.snapshot import HostSnapshot
    from gpuws.model.task import Task
    from gpuws.model.workspace.logs import LogWindow


BEGUN_AGAIN = "begun again: its keeper ended in the middle"


class BookedTasks:
    """The book is loaded with the first task."""

    _publisher: Publisher
    _tasks: TaskBook | None = None
    _making_tasks = threading.Lock()

    def tasks(self) -> tuple[Task, ...]:
        return self._tasks.list() if self._tasks is not None else ()

    def task_log(self, task_id: str, window: LogWindow) -> Stream:
        return self._book().read(task_id, window)

    def begin_launch(self, plan: Plan) -> Task:
        self._need_writable(plan.host)
        return self._book().begin("launch", {"plan": plan})

    def follow_task(self, task_id: str, report: Report, cancel: threading.Event) -> Task:
        return self._book().follow(task_id, report, cancel)

    def cancel_task(self, task_id: str) -> None:
        self._book().cancel(task_id)

    def retry_task(self, task_id: str, environ: Mapping[str, str]) -> Task:
        call = self._book().call(task_id)
        if call.arguments is None:
            raise Refused(
                f"what task {task_id} was begun with is not known any more: it held a secret, which is never written",
                "begin it as you did at first",
            )
        given = {name: self._anew(value, call, environ) for name, value in call.arguments.items()}
        return self._book().begin(call.verb, given)

    def see_task(self, task_id: str) -> None:
        self._book().see(task_id)

    def forget_task(self, task_id: str) -> None:
        self._book().forget(task_id)

    def keep_tasks(self, store: TaskStore) -> tuple[Task, ...]:
        """Write tasks down in `store`, and take up those that lie there; gives those that go on."""
        book = self._book()
        book.use(store)
        for task, call in store.all():
            book.take_up(task, call, self._work_after(task, call))
        return tuple(task for task in self.tasks() if task.running)

    # what a fleet has

    def snapshots(self) -> tuple[HostSnapshot, ...]:
        raise NotImplementedError

    def plan(self, host: str, profile: str, want: Want) -> Plan:
        raise NotImplementedError

    def plan_clone(self, ref: Ref, host: str, want: Want) -> Plan:
        raise NotImplementedError

    def _need_writable(self, host: str) -> None:
        raise NotImplementedError

    def _await_again(self, task: Task, call: Call, cancel: threading.Event) -> None:
        """Until it can be begun again. `Interrupted` where that takes the environment that it came from."""

    def _look_for(self, task: Task, report: Report, cancel: threading.Event) -> Ref:
        """What a task made whose process was killed in the middle; `Interrupted` says what else was found."""
        raise NotImplementedError

    # own

    def _book(self) -> TaskBook:
        from gpuws.fleet.background.book import TaskBook

        with self._making_tasks:
            if self._tasks is None:
                self._tasks = TaskBook(self._work_of, self._tell_tasks, self._named)
            return self._tasks

    def _tell_tasks(self) -> None:
        self._publisher.publish(TasksChanged(self.tasks()))

    def _work_of(self, call: Call) -> Work:
        def work(report: Report, cancel: threading.Event) -> Any:
            return getattr(self, call.verb)(**(call.arguments or {}), report=report, cancel=cancel)

        return work

    def _work_after(self, task: Task, call: Call) -> Work:
        """For one that was broken off: what makes nothing is begun again, once; of what makes something one looks
        what is there, and nothing is made twice."""
        from gpuws.fleet.background.book import Interrupted

        kind = kind_of(task.verb)

        def again(report: Report, cancel: threading.Event) -> Any:
            report(Progress(task.progress.stage if task.progress else "checking", BEGUN_AGAIN))
            self._await_again(task, call, cancel)
            return self._work_of(call)(report, cancel)

        def look(report: Report, cancel: threading.Event) -> Any:
            if kind.makes:
                return self._look_for(task, report, cancel)
            raise Interrupted(
                "its keeper ended in the middle", f"look before you repeat it: gpuws tasks retry {task.id}"
            )

        return again if kind.again and task.attempt == 1 and call.arguments is not None else look

    def _named(self, ref: Ref) -> str:
        listed = next((one for one in self.snapshots() if one.name == ref.host), None)
        return next((one.name for one in (listed.workspaces if listed else ()) if one.id == ref.id), ref.id[:12])

    def _anew(self, value: Any, call: Call, environ: Mapping[str, str]) -> Any:
        """An argument as the asker would give it now."""
        if isinstance(value, Plan | Asked):
            return self._planned_again(value, call, environ)
        if isinstance(value, BuildWant):
            known = {**value.environ, **environ}
            _need(call.names, known)
            return replace(value, environ=known)
        return value

    def _planned_again(self, before: Plan | Asked, call: Call, environ: Mapping[str, str]) -> Plan:
        """With the asker's environment, and with what the first one brought where that is still in memory."""
        asked = before.asked if isinstance(before, Plan) else before
        if asked is None:
            raise Refused("it was planned in a way that can't be repeated", "begin it as you did at first")
        known = _brought(before.spec) if isinstance(before, Plan) else {}
        want = replace(asked.want, environ={**known, **environ})
        if isinstance(before, Plan):
            want = replace(want, name=want.name or before.spec.name)
        plan = (
            self.plan_clone(asked.like, asked.host, want) if asked.like else self.plan(asked.host, asked.profile, want)
        )
        _need(call.names, plan.spec.environment)
        _keep_apart(before, plan)
        if plan.problems and not want.force:
            raise Refused(f"{plan.host}: {plan.problems[0].detail}", plan.problems[0].remedy)
        return plan


def _need(names: Collection[str], environ: Mapping[str, str]) -> None:
    missing = sorted(set(names) - environ.keys())
    if missing:
        raise Refused(
            f"the environment it was begun with is gone: {', '.join(missing)}", f"export {missing[0]}=… and repeat"
        )


def _keep_apart(before: Plan | Asked, plan: Plan) -> None:
    """What data would be brought into was agreed to by its name, or is not there."""
    agreed = {one.path for one in before.data if one.there} if isinstance(before, Plan) else set()
    if taken := [one for one in plan.data if one.there and one.path not in agreed]:
        raise Refused(f"{taken[0].to} is on {plan.host} by now: it is not written over", "begin it as you did at first")


def _brought(spec: ContainerSpec) -> dict[str, str]:
    """What the first asker's environment gave, by the names it has there."""
    named = spec.profile.names_here
    return {**spec.environment, **{named[name]: spec.environment[name] for name in named if name in spec.environment}}
