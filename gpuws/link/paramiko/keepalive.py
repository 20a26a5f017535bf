"""Whether the other sides still live: one thread asks all of them, and judges who did not answer."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from gpuws.link.changes import Changes

log = logging.getLogger(__name__)

TICK = 1.0  # seconds
INTERVAL = 4.0  # seconds between an answer and the next question
DEADLINE = 9.0  # seconds for an answer; with INTERVAL and two ticks: dead is seen within 15 s
WAKE_DEADLINE = 3.0  # seconds for an answer after sleep, and once the network is another


class Peer(Protocol):
    """A link to watch. None of it may block."""

    @property
    def alive(self) -> bool:
        """False once it is lost or closed: it is watched no longer."""
        ...

    @property
    def heard(self) -> float:
        """Monotonic time of the last packet."""
        ...

    def ping(self) -> None:
        """Have the other side answer; that it did shows in `heard`."""
        ...

    def lose(self, reason: str) -> None:
        """The other side is dead: end, and tell those who asked."""
        ...


@dataclass(slots=True, eq=False)
class _Pulse:
    peer: Peer
    due: float
    asked: float = 0.0
    deadline: float | None = None


class Keepalive:
    """`changed` is called where the machine slept or its network is another; it must return at once."""

    def __init__(self, changed: Callable[[], None] = lambda: None) -> None:
        self._changed = changed
        self._lock = threading.Lock()
        self._pulses: list[_Pulse] = []
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Look out for changes, though there is nobody to ask yet."""
        with self._lock:
            if self._thread is None and not self._stop.is_set():
                self._thread = threading.Thread(target=self._run, name="gpuws-keepalive", daemon=True)
                self._thread.start()

    def add(self, peer: Peer) -> None:
        """Ask `peer` now and then until it is no longer alive."""
        with self._lock:
            self._pulses.append(_Pulse(peer, time.monotonic()))
        self.start()

    def close(self) -> None:
        self._stop.set()

    def _run(self) -> None:
        changes = Changes()
        try:
            while not self._stop.is_set():
                changed = changes.wait(TICK)
                if self._stop.is_set():
                    return
                self.tick(time.monotonic(), woke=changed)
                if changed:
                    log.info("the network is another, or this machine slept")
                    self._changed()
        finally:
            changes.close()

    def tick(self, now: float, *, woke: bool) -> None:
        with self._lock:
            self._pulses = [pulse for pulse in self._pulses if pulse.peer.alive]
            pulses = list(self._pulses)
        for pulse in pulses:
            if woke:
                _ask(pulse, now, WAKE_DEADLINE)
            else:
                _judge(pulse, now)


def _judge(pulse: _Pulse, now: float) -> None:
    if pulse.deadline is None:
        if now >= pulse.due:
            _ask(pulse, now, DEADLINE)
    elif pulse.peer.heard >= pulse.asked:
        pulse.deadline, pulse.due = None, now + INTERVAL
    elif now > pulse.deadline:
        pulse.peer.lose(f"it has not answered for {now - pulse.peer.heard:.0f} s")


def _ask(pulse: _Pulse, now: float, deadline: float) -> None:
    pulse.asked, pulse.deadline = now, now + deadline
    pulse.peer.ping()
