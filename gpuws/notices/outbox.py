"""Sends to each receiver what waits for it, in a thread of its own: one that hangs costs the others nothing."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from gpuws.model.notice import pace
from gpuws.model.notice.notice import Notice
from gpuws.model.notice.wishes import Command, Receiver, Wishes
from gpuws.notices.command import run
from gpuws.notices.failure import NotDelivered
from gpuws.notices.webhook import post

log = logging.getLogger(__name__)
TRIES = 5
"""Of a program, which may fail for good at one notice: the next ones must not wait for that."""
REST = 30.0
"""Seconds after which a thread with nothing to do ends."""


class Ledger(Protocol):
    """What is written down of each notice, and what a receiver still waits for."""

    def waiting(self, receiver: str) -> Sequence[Notice]:
        """Oldest first."""
        ...

    def sent(self, notice: Notice, receiver: str) -> None: ...
    def failed(self, notice: Notice, receiver: str, why: str, *, final: bool) -> None: ...
    def gather(self, notices: Sequence[Notice], receiver: str) -> Notice:
        """Write down that they go as one, which waits in their place."""
        ...


def deliver(receiver: Receiver, notice: Notice) -> None:
    """Once, now. `NotDelivered` says why not."""
    if isinstance(receiver, Command):
        run(receiver, notice)
    else:
        post(receiver, notice)


@dataclass(eq=False, slots=True)
class _Line:
    """To one receiver. `news`: something waits. `failures`: in a row; nothing is tried before `resumes`."""

    news: threading.Event = field(default_factory=threading.Event)
    sent: deque[float] = field(default_factory=lambda: deque(maxlen=1000))
    failures: int = 0
    resumes: float = 0.0
    running: bool = False


class Outbox:
    def __init__(self, ledger: Ledger, wishes: Callable[[], Wishes], clock: Callable[[], float] = time.time) -> None:
        self._ledger = ledger
        self._wishes = wishes
        self._clock = clock
        self._lock = threading.Lock()
        self._lines: dict[str, _Line] = {}
        self._closed = threading.Event()

    def nudge(self) -> None:
        """Something may wait for somebody."""
        for name in self._wishes().receivers:
            if self._ledger.waiting(name):
                self._wake(name)

    def close(self) -> None:
        """Nothing is sent any more; returns at once."""
        self._closed.set()
        for line in list(self._lines.values()):
            line.news.set()

    def _wake(self, name: str) -> None:
        with self._lock:
            line = self._lines.setdefault(name, _Line())
            line.news.set()
            if line.running or self._closed.is_set():
                return
            line.running = True
        threading.Thread(target=self._run, args=(name, line), name=f"notices {name}", daemon=True).start()

    def _run(self, name: str, line: _Line) -> None:
        try:
            self._serve(name, line)
        except Exception:  # a fault of ours: what comes next begins anew
            log.exception("notices to %s", name)
            with self._lock:
                line.running = False

    def _serve(self, name: str, line: _Line) -> None:
        while not self._closed.is_set():
            line.news.clear()
            wait = self._step(name, line)
            heard = line.news.wait(REST if wait is None else wait)
            if wait is None and not heard:
                with self._lock:
                    if not line.news.is_set():
                        line.running = False
                        return

    def _step(self, name: str, line: _Line) -> float | None:
        """Seconds until there may be more; None: when something comes."""
        wishes = self._wishes()
        receiver, waiting, now = wishes.receivers.get(name), self._ledger.waiting(name), self._clock()
        if receiver is None or not waiting:
            return None
        if now < line.resumes:
            return min(line.resumes - now, pace.PAUSES[-1])
        quiet = wishes.quiet_for(second_of_day(now))
        held = [one.id for one in waiting if _held(one, name, wishes, quiet)]
        turn = pace.turn(waiting, line.sent, now, most=wishes.most, held=held, quiet=quiet)
        for notice in turn.each or ([self._ledger.gather(turn.together, name)] if turn.together else []):
            if self._closed.is_set():
                return None
            if not self._send(name, line, receiver, notice):
                line.resumes = self._clock() + pace.pause(line.failures)
                return 0.0
        return turn.wait

    def _send(self, name: str, line: _Line, receiver: Receiver, notice: Notice) -> bool:
        """Whether the next one may go."""
        try:
            deliver(receiver, notice)
        except NotDelivered as error:
            line.failures += 1
            tired = isinstance(receiver, Command) and line.failures >= TRIES
            final = error.final or tired or self._clock() - notice.when > pace.PATIENCE
            line.failures = 0 if final else line.failures
            self._ledger.failed(notice, name, str(error), final=final)
            log.warning("a notice did not get to %s: %s", name, error)
            return final
        except Exception as error:  # a fault of ours costs this notice, never the thread
            log.exception("a notice to %s", name)
            self._ledger.failed(notice, name, f"a fault of gpuws: {type(error).__name__}", final=True)
            return True
        line.failures = 0
        line.sent.append(self._clock())
        self._ledger.sent(notice, name)
        return True


def _held(notice: Notice, receiver: str, wishes: Wishes, quiet: float) -> bool:
    """By the quiet hours that go on, or by those in which it happened."""
    return bool(quiet or wishes.quiet_for(second_of_day(notice.when))) and not wishes.at_any_hour(notice, receiver)


def second_of_day(at: float) -> float:
    """Of the day, here."""
    here = time.localtime(at)
    return here.tm_hour * 3600.0 + here.tm_min * 60.0 + here.tm_sec
