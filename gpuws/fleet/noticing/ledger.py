"""The book of notices in memory, and on its disk: each change is written down before anybody hears of it."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from gpuws.fleet.noticing.store import NoStore, NoticeStore
from gpuws.model.errors import TargetError
from gpuws.model.notice import pace
from gpuws.model.notice.notice import Notice
from gpuws.model.notice.record import KEPT, SCREEN, Book, Delivery, Entry, Told, told, trimmed
from gpuws.model.notice.seen import Seen
from gpuws.model.notice.watch import Watch

SLACK = 3000
"""Things beyond what the book holds, after which it is written anew: some 100 bytes each."""


class Ledger:
    """Implements what an `Outbox` needs. Any thread may call."""

    def __init__(self, store: NoticeStore | None = None, clock: Callable[[], float] = time.time) -> None:
        self._store = store or NoStore()
        self._clock = clock
        self._lock = threading.RLock()
        self._told: dict[str, Told] = {}
        self._seen: dict[str, Seen] = {}
        self._watches: dict[str, Watch] = {}
        self._waiting: dict[str, dict[str, Notice]] = {}  # by receiver
        self._written = 0
        self.salt, self.born = "", 0.0
        for entry in self._store.read():
            self._apply(entry)
            self._written += _weight(entry)
        if not self.salt:
            self._write(Entry(salt=uuid.uuid4().hex[:8], born=clock()))
        self._tidy(always=True)

    # what is known

    def all(self) -> tuple[Told, ...]:
        now = self._clock()
        with self._lock:
            return tuple(one for one in self._told.values() if now - one.notice.when < KEPT)

    def watches(self) -> tuple[Watch, ...]:
        with self._lock:
            return tuple(self._watches.values())

    def seen(self) -> Mapping[str, Seen]:
        with self._lock:
            return dict(self._seen)

    def knows(self, notice_id: str) -> bool:
        return notice_id in self._told

    def waiting(self, receiver: str) -> Sequence[Notice]:
        with self._lock:
            return tuple(self._waiting.get(receiver, {}).values())

    # what changes

    def happened(self, news: Sequence[tuple[Notice, Collection[str]]], *more: Entry) -> tuple[Told, ...]:
        """Those that nobody was told yet, with where they go; written down in one piece with `more`."""
        with self._lock:
            new = tuple(told(notice, to) for notice, to in news if notice.id not in self._told)
            self._write(*(Entry(told=one) for one in new), *more)
            return new

    def sent(self, notice: Notice, receiver: str) -> None:
        self._delivered(notice.id, Delivery(receiver, self._clock()))

    def failed(self, notice: Notice, receiver: str, why: str, *, final: bool) -> None:
        self._delivered(notice.id, Delivery(receiver, error=why, given_up=final))

    def gather(self, notices: Sequence[Notice], receiver: str) -> Notice:
        with self._lock:
            whole, now = pace.several(notices, self._clock()), self._clock()
            gone = (Entry(delivered=(one.id, Delivery(receiver, now, within=whole.id))) for one in notices)
            self._write(Entry(told=told(whole, (receiver,))), *gone)
            return whole

    def take(self, ids: Sequence[str]) -> tuple[str, ...]:
        """Those of `ids` that no screen has told."""
        with self._lock:
            free = tuple(one for one in ids if one in self._told and self._told[one].waits_for(SCREEN))
            self._write(*(Entry(delivered=(one, Delivery(SCREEN, self._clock()))) for one in free))
            return free

    def begin(self, watch: Watch) -> Watch:
        """The same that is watched already, where there is one."""
        with self._lock:
            for known in self._watches.values():
                if (known.thing, known.host, known.key) == (watch.thing, watch.host, watch.key):
                    return known
            number = 1 + max((int(one) for one in self._watches if one.isdecimal()), default=0)
            begun = replace(watch, id=str(number))
            self._write(Entry(begun=begun))
            return begun

    def end(self, watch_id: str) -> None:
        with self._lock:
            if watch_id not in self._watches:
                raise TargetError(f"nothing is watched by the number {watch_id!r}", "see gpuws notify")
            self._write(Entry(over=watch_id))

    def note(self, *entries: Entry) -> None:
        with self._lock:
            self._write(*entries)

    # own

    def _delivered(self, notice_id: str, delivery: Delivery) -> None:
        with self._lock:
            if notice_id in self._told:
                self._write(Entry(delivered=(notice_id, delivery)))

    def _write(self, *entries: Entry) -> None:
        if not entries:
            return
        self._store.append(entries)
        self._written += sum(map(_weight, entries))
        for entry in entries:
            self._apply(entry)
        self._tidy()

    def _apply(self, entry: Entry) -> None:
        if entry.salt is not None:
            self.salt, self.born = entry.salt, entry.born or 0.0
        if entry.told is not None:
            self._put(entry.told)
        if entry.delivered is not None and (known := self._told.get(entry.delivered[0])) is not None:
            self._put(known.delivered(entry.delivered[1]))
        if entry.host is not None and entry.seen is not None:
            self._seen[entry.host] = self._seen.get(entry.host, Seen()).with_changes(entry.seen)
        if entry.begun is not None:
            self._watches[entry.begun.id] = entry.begun
        if entry.over is not None:
            self._watches.pop(entry.over, None)

    def _put(self, one: Told) -> None:
        self._told[one.notice.id] = one
        for delivery in one.deliveries:
            line = self._waiting.setdefault(delivery.to, {})
            if delivery.open:
                line[one.notice.id] = one.notice
            else:
                line.pop(one.notice.id, None)

    def _tidy(self, *, always: bool = False) -> None:
        """Write it anew, without what is old, once it has grown."""
        live = len(self._told) + len(self._watches) + sum(seen.weight for seen in self._seen.values())
        if not always and self._written < 2 * live + SLACK:
            return
        book = trimmed(Book(self.salt, self.born, self._told, self._seen, self._watches), self._clock())
        entries, before = book.entries(), self._written
        self._told, self._waiting, self._written = {}, {}, sum(map(_weight, entries))
        if self._written != before:
            self._store.rewrite(entries)
        for one in book.told.values():
            self._put(one)


def _weight(entry: Entry) -> int:
    return entry.seen.weight if entry.seen is not None else 1
