"""Implements `fleet.notices` for any fleet that tells what happens in it."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gpuws.fleet.events import TasksChanged, WaitsChanged
from gpuws.model.errors import TargetError

if TYPE_CHECKING:
    from gpuws.fleet.noticing.observer import Observer
    from gpuws.fleet.noticing.store import NoticeStore
    from gpuws.fleet.publisher import Publisher
    from gpuws.model.host.snapshot import HostSnapshot
    from gpuws.model.notice.record import NoticePlan, Told
    from gpuws.model.notice.trial import Tried
    from gpuws.model.notice.watch import Thing, Watch
    from gpuws.model.notice.wishes import Wishes
    from gpuws.model.placement.queued_wait import QueuedWait
    from gpuws.model.task import Task


class ObservedNotices:
    """Nothing is observed, nor loaded for it, before somebody asks for it. `_wishes` None: as without the key."""

    _publisher: Publisher
    _wishes: Wishes | None = None
    _observer: Observer | None = None
    _making_observer = threading.Lock()

    def notices(self) -> tuple[Told, ...]:
        return self._observer.ledger.all() if self._observer is not None else ()

    def take_notices(self, ids: Sequence[str]) -> tuple[str, ...]:
        return self._observer.ledger.take(ids) if self._observer is not None else ()

    def watches(self) -> tuple[Watch, ...]:
        return self._observer.ledger.watches() if self._observer is not None else ()

    def begin_watch(self, thing: Thing, host: str, key: str, label: str) -> Watch:
        from gpuws.model.notice.watch import IN_BACKGROUND, Watch

        self._need_host(host)
        observer = self._observed()
        begun = observer.watch(Watch("", thing, host, key, label, time.time()))
        if thing in IN_BACKGROUND:  # it may have ended already
            observer.on_event(TasksChanged(self.tasks()))
            observer.on_event(WaitsChanged(self.waits()))
        return begun

    def end_watch(self, watch_id: str) -> None:
        if self._observer is None:
            raise TargetError(f"nothing is watched by the number {watch_id!r}", "see gpuws notify")
        self._observer.ledger.end(watch_id)
        self._listen()

    def notice_plan(self) -> NoticePlan:
        from gpuws.model.notice.record import plan_of

        return plan_of(self.wishes())

    def try_notices(self) -> tuple[Tried, ...]:
        from gpuws.fleet.noticing.trial import trial_notice, try_all

        notice = trial_notice(time.time())
        self._observed().show(notice)
        return try_all(notice, self.wishes().receivers)

    # what a fleet has

    def snapshots(self) -> tuple[HostSnapshot, ...]:
        raise NotImplementedError

    def waits(self) -> tuple[QueuedWait, ...]:
        raise NotImplementedError

    def tasks(self) -> tuple[Task, ...]:
        raise NotImplementedError

    def _listen(self) -> None:
        """What is watched is another: look at sessions more often where that is needed."""

    # for whoever holds it

    def wishes(self) -> Wishes:
        from gpuws.model.notice.wishes import Wishes

        return Wishes() if self._wishes is None else self._wishes

    def keep_notices(self, store: NoticeStore) -> None:
        """Observe from now on, and write down what happens; go on with what lies there."""
        self._observed(store)
        self._listen()

    def _observed(self, store: NoticeStore | None = None) -> Observer:
        from gpuws.fleet.noticing.observer import Observer

        with self._making_observer:
            if self._observer is None:
                self._observer = Observer(self._publisher.publish, self.wishes, self._listen, store)
                self._publisher.subscribe(self._observer.on_event)
                self._observer.on_event(TasksChanged(self.tasks()))
                self._observer.on_event(WaitsChanged(self.waits()))
            return self._observer

    def _end_observing(self) -> None:
        if self._observer is not None:
            self._observer.close()

    def _need_host(self, host: str) -> None:
        names = [one.name for one in self.snapshots()]
        if host and host not in names:
            raise TargetError(f"no host {host!r}", "known hosts: " + (", ".join(names) or "none"))
