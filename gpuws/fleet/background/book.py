"""The tasks of one fleet: begun, followed, cancelled, remembered for a day."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import Any

from gpuws.fleet.background.log import TaskLog, TaskLogStream
from gpuws.fleet.background.store import Call, NoStore, TaskStore
from gpuws.fleet.background.verbs import working_for
from gpuws.model.errors import Cancelled, GpuwsError, Refused, TargetError
from gpuws.model.placement.follow import Launched
from gpuws.model.placement.plan import Plan, Progress, Report
from gpuws.model.task import Task, TaskState, Why
from gpuws.model.task_kinds import Naming, environment_names, kind_of
from gpuws.model.task_log import hiding, lines_of
from gpuws.model.workspace.logs import LogWindow
from gpuws.model.workspace.workspace import Ref

log = logging.getLogger(__name__)
REMEMBERED = 86400.0
"""Seconds that an ended one is listed."""
MOST = 100
"""Ended ones that are listed."""
PACE = 0.1
"""Seconds between two tellings of progress."""
GLANCE = 0.1
"""Seconds between looks whether a follower has enough."""
FAREWELL = 0.2
"""Seconds for what is being written when all ends."""
UNTOLD = 1000
"""Steps that wait for one who follows and does not listen; then the oldest are lost."""
Work = Callable[[Report, threading.Event], Any]


class Interrupted(GpuwsError):
    """What did it was killed in the middle; says what was found of it."""


@dataclass(eq=False, slots=True)
class _Entry:
    """`news`: for those who follow, told of each step and of the end."""

    task: Task
    call: Call = field(repr=False)
    cancel: threading.Event
    log: TaskLog
    fit: Callable[[str], str] = field(repr=False)
    news: threading.Condition = field(default_factory=threading.Condition)
    followers: tuple[deque[Progress], ...] = ()
    saving: threading.Lock = field(default_factory=threading.Lock)


class TaskBook:
    """Any thread may call. `work_of` gives what a call does; `changed` hears of each change, now and then of
    progress."""

    def __init__(
        self,
        work_of: Callable[[Call], Work],
        changed: Callable[[], None],
        name: Naming,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._work_of = work_of
        self._changed = changed
        self._name = name
        self._store: TaskStore = NoStore()
        self._clock = clock
        self._lock = threading.Lock()
        self._entries: dict[str, _Entry] = {}
        self._due = threading.Event()
        self._telling = False
        self._closed = threading.Event()

    def list(self) -> tuple[Task, ...]:
        """Oldest first."""
        return tuple(entry.task for entry in list(self._entries.values()) if not self._old(entry.task))

    @property
    def going(self) -> bool:
        """One runs."""
        return any(task.running for task in self.list())

    def use(self, store: TaskStore) -> None:
        """Write down from now on what is begun."""
        self._store = store

    def close(self) -> None:
        """What still runs breaks off now, and stays written down as running: the next process looks what became of
        it. Nothing is written any more."""
        self._closed.set()
        for entry in list(self._entries.values()):
            if entry.saving.acquire(timeout=FAREWELL):  # who writes just now is done with it
                entry.saving.release()

    def do(self, verb: str, given: Mapping[str, Any], report: Report, cancel: threading.Event) -> Any:
        """Do it in this thread, as a task; what it gives or raises. `report` is told each step.

        What is refused before its first step was never begun: the caller is told, and nothing is listed."""
        entry = self._enter(verb, given, cancel)
        try:
            return self._work(entry, self._work_of(entry.call), report)
        except GpuwsError:
            if entry.task.progress is None:
                self._drop([entry.task.id])
                self._changed()
            raise

    def begin(self, verb: str, given: Mapping[str, Any]) -> Task:
        """Do it in a thread of its own; returns at once."""
        entry = self._enter(verb, given, threading.Event())
        self._go_on(entry, self._work_of(entry.call))
        return entry.task

    def take_up(self, task: Task, call: Call, work: Work) -> None:
        """One of a process before this. `work`: what is done with one that had not ended; it may raise
        `Interrupted`."""
        if self._old(task):
            self._store.forget(task.id)
            return
        entry = _Entry(task, call, threading.Event(), TaskLog(self._store, task.id, begun=True), hiding({}))
        with self._lock:
            self._entries[task.id] = entry
        if not task.running:
            entry.log.end()
        else:
            self._set(entry, attempt=task.attempt + 1)
            self._save(entry)
            self._go_on(entry, work)

    def follow(self, task_id: str, report: Report, cancel: threading.Event) -> Task:
        entry, steps = self._find(task_id), deque[Progress](maxlen=UNTOLD)
        with entry.news:
            entry.followers = (*entry.followers, steps)
            if entry.task.progress is not None:
                steps.append(entry.task.progress)
        try:
            while not cancel.is_set():
                with entry.news:
                    entry.news.wait_for(lambda: steps or not entry.task.running, GLANCE)
                    told, ended = list(steps), not entry.task.running
                    steps.clear()
                for step in told:
                    report(step)
                if ended:
                    return entry.task
        finally:
            with entry.news:
                entry.followers = tuple(other for other in entry.followers if other is not steps)
        raise Cancelled("nobody follows any more; the task goes on", f"gpuws tasks log -f {task_id}")

    def read(self, task_id: str, window: LogWindow) -> TaskLogStream:
        return self._find(task_id).log.read(window)

    def call(self, task_id: str) -> Call:
        """What to do anew. `Refused` while it runs."""
        entry = self._find(task_id)
        if entry.task.running:
            raise Refused(f"task {task_id} still runs", f"end it first: gpuws tasks cancel {task_id}")
        return entry.call

    def cancel(self, task_id: str) -> None:
        entry = self._find(task_id)
        if entry.task.running:
            entry.cancel.set()
            self._set(entry, cancelling=True)
            self._changed()

    def see(self, task_id: str) -> None:
        entry = self._find(task_id)
        if not (entry.task.running or entry.task.seen):
            self._set(entry, seen=True)
            self._save(entry)
            self._changed()

    def forget(self, task_id: str) -> None:
        self.call(task_id)  # refused while it runs
        self._drop([task_id])
        self._changed()

    def _find(self, task_id: str) -> _Entry:
        found = self._entries.get(task_id)
        if found is None:
            raise TargetError(f"no task {task_id!r}", "see gpuws tasks")
        return found

    def _enter(self, verb: str, given: Mapping[str, Any], cancel: threading.Event) -> _Entry:
        kind, plan = kind_of(verb), next((one for one in given.values() if isinstance(one, Plan)), None)
        fit = hiding(given)
        call = Call(verb, given, environment_names(given))
        with self._lock:
            number = str(max((int(known) for known in self._entries), default=0) + 1)
            task = Task(
                number, uuid.uuid4().hex, verb, fit(kind.title(given, self._name)), kind.host(given), self._clock(),
                asked=plan.asked if plan else None,
            )  # fmt: skip
            entry = self._entries[number] = _Entry(task, call, cancel, TaskLog(self._store, number), fit)
        self._drop(self._too_old())
        self._save(entry)
        self._write(entry, [f"{task.title} on {task.host}" if task.host else task.title])
        self._changed()
        return entry

    def _go_on(self, entry: _Entry, work: Work) -> None:
        def run() -> None:
            try:
                self._work(entry, work, lambda _step: None)
            except GpuwsError:
                pass  # it is in the task
            except Exception:
                log.exception("task %s: %s", entry.task.id, entry.task.verb)

        threading.Thread(target=run, name=f"task {entry.task.id}", daemon=True).start()

    def _work(self, entry: _Entry, work: Work, report: Report) -> Any:
        def told(step: Progress) -> None:
            self._step(entry, step)
            report(step)

        try:
            with working_for(entry.task):
                value = work(told, entry.cancel)
        except GpuwsError as error:
            self._failed(entry, error)
            raise
        except BaseException as error:
            bug = f"a bug in gpuws: {type(error).__name__}: {error}"
            self._end(entry, "failed", error=Why(entry.fit(bug), "gpuws keeper log has more"))
            raise
        gained = kind_of(entry.task.verb).gained(entry.call.arguments or {}, value, self._name)
        made = value.ref if isinstance(value, Launched) else value if isinstance(value, Ref) else None
        self._end(entry, "done", result=entry.fit(gained), made=made)
        return value

    def _failed(self, entry: _Entry, error: GpuwsError) -> None:
        lines = error.message.split("\n")  # under the sentence what a program wrote
        why = Why("\n".join(map(entry.fit, lines)), entry.fit(error.remedy))
        if isinstance(error, Cancelled) and entry.cancel.is_set():
            self._end(entry, "cancelled", error=why, seen=True)
        else:
            self._end(entry, "interrupted" if isinstance(error, Interrupted) else "failed", error=why)

    def _step(self, entry: _Entry, step: Progress) -> None:
        before = entry.task.progress
        step = replace(step, text=entry.fit(step.text))
        self._write(entry, [entry.fit(line) for line in lines_of(before, step)])
        with entry.news:
            self._set(entry, progress=step)
            for steps in entry.followers:
                steps.append(step)
            entry.news.notify_all()
        if before is None or before.stage != step.stage:
            self._save(entry)
        self._tell_soon()

    def _end(self, entry: _Entry, state: TaskState, **what: Any) -> None:
        last = entry.task.progress and replace(entry.task.progress, layers=())
        if self._closed.is_set():
            return
        ended = {"state": state, "ended_at": self._clock(), "progress": last, "cancelling": False, **what}
        self._write(entry, _ending(replace(entry.task, **ended)))
        entry.log.end()
        with entry.news:
            self._set(entry, **ended)
            entry.news.notify_all()
        self._save(entry)
        log.info("task %s, %s: %s", entry.task.id, entry.task.title, state)
        self._changed()

    def _set(self, entry: _Entry, **fields: Any) -> None:
        with self._lock:
            entry.task = replace(entry.task, **fields)

    def _save(self, entry: _Entry) -> None:
        """As it is now: of two who save at once the older must not be written last, nor one that was forgotten."""
        with entry.saving:
            if not self._closed.is_set() and self._entries.get(entry.task.id) is entry:
                self._store.save(entry.task, entry.call)

    def _write(self, entry: _Entry, lines: Iterable[str]) -> None:
        with entry.saving:
            if not self._closed.is_set():
                entry.log.write(lines, self._clock())

    def _too_old(self) -> Iterable[str]:
        """Ended ones, but for the newest of the last day."""
        found = [entry.task for entry in list(self._entries.values()) if not entry.task.running]
        newest = sorted(found, key=lambda task: -(task.ended_at or 0.0))
        return [task.id for at, task in enumerate(newest) if at >= MOST or self._old(task)]

    def _old(self, task: Task) -> bool:
        return task.ended_at is not None and self._clock() - task.ended_at > REMEMBERED

    def _drop(self, ids: Iterable[str]) -> None:
        for task_id in ids:
            with self._lock:
                entry = self._entries.pop(task_id, None)
            with entry.saving if entry else nullcontext():
                self._store.forget(task_id)

    def _tell_soon(self) -> None:
        """Progress is told by a thread that lives while something runs: not with every line, but never left untold."""
        self._due.set()
        with self._lock:
            if self._telling:
                return
            self._telling = True
        threading.Thread(target=self._tell, name="tasks", daemon=True).start()

    def _tell(self) -> None:
        while not self._closed.is_set():
            if self._due.wait(1.0):
                self._due.clear()
                self._changed()
                self._closed.wait(PACE)
            with self._lock:
                if not self._due.is_set() and not any(entry.task.running for entry in self._entries.values()):
                    self._telling = False
                    return


def _ending(task: Task) -> list[str]:
    """The last lines of a log."""
    said = f": {task.error.message}" if task.error else f": {task.result}" if task.result else ""
    lines = f"{task.state}{said}".split("\n")
    return [*lines, *([f"→ {task.error.remedy}"] if task.error and task.error.remedy else [])]
