"""Waits that go on without the program that asked for them: a thread each, looking whenever a host has news."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from gpuws.fleet.background.gpu_wait import Wait, launch_there, wanted
from gpuws.fleet.looking import Looking
from gpuws.fleet.workspaces import Workspaces
from gpuws.model.errors import Cancelled, GpuwsError, TargetError
from gpuws.model.host.naming import labelled
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.placement.follow import Launched
from gpuws.model.placement.plan import Plan, Want
from gpuws.model.placement.queued_wait import QueuedWait, WaitOrder, WaitState
from gpuws.model.placement.wait import Fit
from gpuws.model.profile.gpu_spec import parse_gpus

log = logging.getLogger(__name__)
NUDGE = 5.0  # seconds after which it is said again that hosts are waited for
REMEMBERED = 86400.0  # seconds that an ended one is listed
INTERRUPTED = "the keeper ended while it launched; look before you repeat it: gpuws ps"


@dataclass(eq=False, slots=True)
class _Open:
    """`environ` None: the program that asked is gone, and its environment with it."""

    entry: QueuedWait
    wait: Wait
    environ: Mapping[str, str] | None = field(repr=False, default=None)
    cancel: threading.Event = field(default_factory=threading.Event)
    news: threading.Event = field(default_factory=threading.Event)


class Launching(Looking, Workspaces, Protocol):
    """What a wait needs of a fleet."""


class WaitQueue:
    """`changed` hears whenever one begins, ends or launches; from the thread that did it."""

    def __init__(self, fleet: Launching, changed: Callable[[tuple[QueuedWait, ...]], None]) -> None:
        self._fleet = fleet
        self._changed = changed
        self._lock = threading.Lock()
        self._open: dict[str, _Open] = {}
        self._ended: tuple[QueuedWait, ...] = ()

    def list(self) -> tuple[QueuedWait, ...]:
        """The open ones with who is in the way now, and those that ended lately."""
        with self._lock:
            going, ended = list(self._open.values()), self._ended
        snapshots = self._fleet.snapshots()
        return (*(self._told(one, snapshots) for one in going), *ended)

    @property
    def going(self) -> bool:
        """One is open."""
        return bool(self._open)

    def begin(self, order: WaitOrder, environ: Mapping[str, str]) -> QueuedWait:
        wait = _wait(order)
        wait.look(self._fleet.snapshots())  # what is impossible is said to whoever asks
        with self._lock:
            taken = [int(key) for key in (*self._open, *(one.id for one in self._ended)) if key.isdecimal()]
            one = _Open(QueuedWait(str(max(taken, default=0) + 1), order, time.time()), wait, environ)
            self._open[one.entry.id] = one
        self._start(one)
        self._tell()
        return one.entry

    def cancel(self, wait_id: str) -> None:
        """End it, or forget one that ended. What it launches just now is taken back."""
        with self._lock:
            one = self._open.pop(wait_id, None)
            ended = tuple(old for old in self._ended if old.id != wait_id)
            if one is None and ended == self._ended:
                raise TargetError(f"no wait {wait_id!r}", "see gpuws waits")
            self._ended = ended
        if one is not None:
            one.cancel.set()
            one.news.set()
        self._tell()

    def restore(self, entries: Iterable[QueuedWait]) -> None:
        """Go on with those of the keeper before. One that was launching may have been done: it is not done again."""
        now = time.time()
        for one in entries:
            if one.state == "launching":
                self._remember(replace(one, state="failed", text=INTERRUPTED, ended_at=now))
            elif one.open:
                self._take_up(one)
            elif now - (one.ended_at or 0.0) < REMEMBERED:
                self._remember(one)
        for going in list(self._open.values()):  # all are known before the first has news
            self._start(going)

    def _take_up(self, entry: QueuedWait) -> None:
        try:
            self._open[entry.id] = _Open(entry, _wait(entry.order))
        except GpuwsError as error:
            self._remember(replace(entry, state="failed", text=str(error), ended_at=time.time()))

    def _remember(self, ended: QueuedWait) -> None:
        self._ended = (*self._ended, ended)

    def close(self) -> None:
        with self._lock:
            going = list(self._open.values())
        for one in going:
            one.cancel.set()
            one.news.set()

    def _told(self, one: _Open, snapshots: tuple[HostSnapshot, ...]) -> QueuedWait:
        return replace(one.entry, text=one.wait.standing(snapshots)) if one.entry.state == "waiting" else one.entry

    def _start(self, one: _Open) -> None:
        threading.Thread(target=self._run, args=(one,), name=f"wait {one.entry.id}", daemon=True).start()

    def _run(self, one: _Open) -> None:
        stop = self._fleet.subscribe(lambda _event: one.news.set())
        try:
            plan, made = self._until_launched(one)
        except Cancelled:
            pass
        except GpuwsError as error:
            self._end(one, "failed", str(error))
        except Exception as error:  # a bug must be told, not lost with its thread
            log.exception("a wait broke")
            self._end(one, "failed", f"a bug in gpuws: {type(error).__name__}: {error}")
        else:
            self._end(one, "launched", labelled(made.ref.host, plan.spec.name))
        finally:
            stop()

    def _until_launched(self, one: _Open) -> tuple[Plan, Launched]:
        want = wanted(one.entry.order, one.wait.wish, one.environ or {})
        hurried = time.monotonic()
        while True:
            one.news.clear()
            if one.cancel.is_set():
                raise Cancelled("cancelled")
            fits = one.wait.look(self._fleet.snapshots())
            if fits and (made := self._try(one, fits, want)):
                return made
            one.news.wait(NUDGE)
            if time.monotonic() - hurried >= NUDGE:
                hurried = time.monotonic()
                one.wait.hurry(self._fleet)

    def _try(self, one: _Open, fits: tuple[Fit, ...], want: Want) -> tuple[Plan, Launched] | None:
        def run(plan: Plan) -> Launched:
            _need_environment(one, plan)
            self._mark(one, "launching", plan.host)
            return self._fleet.launch(plan, lambda _progress: None, one.cancel)

        made = launch_there(self._fleet, one.wait, fits, one.entry.order.profile, want, run, log.info)
        if made is None and one.entry.state == "launching":
            self._mark(one, "waiting", "")
        return made

    def _mark(self, one: _Open, state: WaitState, text: str) -> None:
        one.entry = replace(one.entry, state=state, text=text)
        self._tell()

    def _end(self, one: _Open, state: WaitState, text: str) -> None:
        with self._lock:
            if self._open.pop(one.entry.id, None) is None:
                return  # cancelled, or given back with the fleet
            one.entry = replace(one.entry, state=state, text=text, ended_at=time.time())
            self._ended = tuple(old for old in self._ended if time.time() - (old.ended_at or 0.0) < REMEMBERED)
            self._remember(one.entry)
        log.info("wait %s: %s %s", one.entry.id, state, text)
        self._tell()

    def _tell(self) -> None:
        self._changed(self.list())


def _wait(order: WaitOrder) -> Wait:
    return Wait(parse_gpus(order.spec), order.hosts, writable=True)


def _need_environment(one: _Open, plan: Plan) -> None:
    taken = [name for name, value in plan.spec.profile.environment.items() if value is None]
    missing = [name for name in taken if name not in plan.spec.environment]
    if one.environ is None and missing:
        raise GpuwsError(
            f"its keeper was replaced, and the environment it came from is gone: {', '.join(missing)}", "ask again"
        )
