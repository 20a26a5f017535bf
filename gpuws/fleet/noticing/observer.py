"""Sees what happens: each change that the fleet tells is judged against what was seen before, in a thread of its
own."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from gpuws.fleet.events import Event, HostsChanged, HostUpdated, Noticed, TasksChanged, WaitsChanged
from gpuws.fleet.noticing.ledger import Ledger
from gpuws.fleet.noticing.store import NoticeStore
from gpuws.model.host.machine import one_each
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.notice import background, lasting
from gpuws.model.notice.changes import judged
from gpuws.model.notice.notice import Notice
from gpuws.model.notice.record import Entry, Told
from gpuws.model.notice.seen import Seen
from gpuws.model.notice.watch import IN_BACKGROUND, Watch, besides, looked, over, task_ending, wait_key
from gpuws.model.notice.wishes import CHANNELS, LOUD, Wishes
from gpuws.model.placement.queued_wait import QueuedWait
from gpuws.model.task import Task
from gpuws.notices.outbox import Outbox, second_of_day

log = logging.getLogger(__name__)
WRITING = 2.0
"""Seconds that an end waits for what was heard to be written down."""
Publish = Callable[[Event], None]


def _quietly(notice: Notice, wishes: Wishes) -> list[str]:
    """Where it goes; what would ring on a screen in quiet hours does not. Receivers wait for their end."""
    quiet = bool(wishes.quiet_for(second_of_day(notice.when)))
    goes = wishes.goes_to(notice)
    return [to for to in goes if not (quiet and to in LOUD) or wishes.at_any_hour(notice, to)]


class Observer:
    """`publish` hears `Noticed`; `wishes` gives what is wished now; `watching` hears that something else is watched."""

    def __init__(
        self,
        publish: Publish,
        wishes: Callable[[], Wishes],
        watching: Callable[[], None],
        store: NoticeStore | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.ledger = Ledger(store, clock)
        self._publish = publish
        self._wishes = wishes
        self._watching = watching
        self._clock = clock
        self._outbox = Outbox(self.ledger, wishes, clock)
        self._news: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self._seen: dict[str, Seen] = dict(self.ledger.seen())
        self._latest: dict[str, HostSnapshot] = {}
        self._thread = threading.Thread(target=self._run, name="notices", daemon=True)
        self._thread.start()
        self._outbox.nudge()

    def on_event(self, event: Event) -> None:
        """From any thread; returns at once."""
        if isinstance(event, HostUpdated | TasksChanged | WaitsChanged | HostsChanged):
            self._news.put(event)

    def tell(self, notices: Sequence[Notice], *more: Entry) -> tuple[Told, ...]:
        """Written down with `more`, then told and sent. Gives those that are new."""
        wishes = self._wishes()
        new = self.ledger.happened([(one, _quietly(one, wishes)) for one in notices], *more)
        if new:
            for one in new:
                log.info("%s: %s", one.notice.kind, one.notice.sentence)
            self._publish(Noticed(new))
            self._outbox.nudge()
        return new

    def show(self, notice: Notice) -> None:
        """On a screen only."""
        new = self.ledger.happened([(notice, [to for to in self._wishes().goes_to(notice) if to in CHANNELS])])
        self._publish(Noticed(new))

    def close(self) -> None:
        """What was heard until now is written down."""
        self._outbox.close()
        self._news.put(None)
        if self._thread is not threading.current_thread():
            self._thread.join(WRITING)

    def _run(self) -> None:
        while True:
            try:
                event = self._news.get(timeout=self._due())
            except queue.Empty:
                event = HostsChanged(tuple(self._latest))
            if event is None:
                return
            try:
                self._take(event)
            except Exception:  # a fault of ours costs this news, never those that follow
                log.exception("news could not be judged")

    def _take(self, event: Event) -> None:
        if isinstance(event, HostUpdated):
            self._host(event.snapshot)
        elif isinstance(event, TasksChanged):
            self._tasks(event.tasks)
        elif isinstance(event, WaitsChanged):
            self._waits(event.waits)
        elif isinstance(event, HostsChanged):
            self._latest = {name: self._latest[name] for name in event.names if name in self._latest}
            self._look_again()

    def _host(self, snapshot: HostSnapshot) -> None:
        """A machine that goes by several names is judged by the first."""
        self._latest[snapshot.name] = snapshot
        if snapshot.aliases and snapshot.name not in {one.name for one in one_each(tuple(self._latest.values()))}:
            return
        before, now = self._seen.get(snapshot.name, Seen()), self._clock()
        after, notices = judged(self.ledger.salt, before, snapshot, now)
        ends, entries = self._watched(snapshot, now)
        if after != before:
            self._seen[snapshot.name] = after
            entries.append(Entry(host=snapshot.name, seen=after.since(before)))
        if notices or ends or entries:
            self.tell([*besides(notices, ends), *ends], *entries)
        if ends:
            self._watching()

    def _watched(self, snapshot: HostSnapshot, now: float) -> tuple[list[Notice], list[Entry]]:
        ends, entries = list[Notice](), list[Entry]()
        for watch in self.ledger.watches():
            if watch.host != snapshot.name or watch.thing in IN_BACKGROUND:
                continue
            after, ending = looked(watch, snapshot)
            if ending:
                ends.append(over(watch, ending, now))
                entries.append(Entry(over=watch.id))
            elif after != watch:
                entries.append(Entry(begun=after))
        return ends, entries

    def _look_again(self) -> None:
        """What must last is told although nothing new comes."""
        for snapshot in list(self._latest.values()):
            if self._due_of(snapshot.name) == 0.0:
                self._host(snapshot)

    def _due(self) -> float | None:
        waits = [wait for name in self._latest if (wait := self._due_of(name)) is not None]
        return max(min(waits), 0.05) if waits else None

    def _due_of(self, host: str) -> float | None:
        return lasting.due(self._seen.get(host, Seen()).host, self._clock())

    # what runs in the background

    def _tasks(self, tasks: Collection[Task]) -> None:
        asked = {watch.key: watch for watch in self.ledger.watches() if watch.thing == "task"}
        for task in tasks:
            if not task.running:
                self._ended(background.task_ended(task), asked.get(task.mark), task_ending(task))

    def _waits(self, waits: Collection[QueuedWait]) -> None:
        asked = {watch.key: watch for watch in self.ledger.watches() if watch.thing == "wait"}
        for wait in waits:
            watch = asked.pop(wait_key(wait), None)
            if not wait.open:
                self._ended(background.wait_ended(wait), watch, f"{wait.state}: {wait.text}")
        self.ledger.note(*(Entry(over=one.id) for one in asked.values()))  # cancelled, by somebody who knows

    def _ended(self, notice: Notice | None, watch: Watch | None, ending: str) -> None:
        """Who asked for it is told instead of others. What had ended before the first notice was ever kept is no
        news."""
        if watch is not None:
            self.ledger.happened([(notice, ())] if notice is not None else [])
            self.tell([over(watch, ending, self._clock())], Entry(over=watch.id))
        elif notice is not None and notice.when >= self.ledger.born and not self.ledger.knows(notice.id):
            self.tell([notice])

    def watch(self, watch: Watch) -> Watch:
        begun = self.ledger.begin(replace(watch, since=self._clock()))
        if (snapshot := self._latest.get(watch.host)) is not None:
            self._news.put(HostUpdated(snapshot))  # it may have ended already
        self._watching()
        return begun
