"""Keys typed ahead: each is handled once all that the one before it did is done.

Textual gives a key to the widget that has the focus when the key is read; but a key that opens a line to type in only
asks for it: the line is mounted and gets the focus some messages later, and what was typed meanwhile would act on what
had the focus before."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Iterator
from typing import TYPE_CHECKING, Any

from textual import events
from textual._queue import Queue
from textual.message import Message
from textual.message_pump import MessagePump

from gpuws.tui.dialogs.dialog import Dialog

if TYPE_CHECKING:
    from gpuws.tui.base import AppBase

log = logging.getLogger(__name__)

Typed = events.InputEvent | events.Paste
QUICK = 100
"""Rounds of the loop that are given to what is being done, before it is looked at only now and then."""

PAUSE = 0.005
PATIENCE = 5.0
"""Seconds of a loop that runs, after which a key is handled although something is not done: a fault, and better than a
keyboard that is dead."""


class TypeAhead:
    """What was typed or clicked and is not handled yet. `handle` does that, in the application's own task.

    `quits`: keys that quit."""

    def __init__(self, app: AppBase, handle: Callable[[Typed], Awaitable[None]], *, quits: Collection[str]) -> None:
        self._app = app
        self._quits = quits
        self._handle = handle
        self._waiting: deque[Typed] = deque()
        self._task: asyncio.Task[None] | None = None
        self._fenced: Dialog[Any] | None = None
        self._not_before = 0.0
        self._held = False

    def take(self, event: Typed) -> None:
        """The next one."""
        if event.time < self._not_before:
            return
        if self._quits_early(event):
            self._app.call_later(self._handle, event)
            return
        self._waiting.append(event)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._hand_on())

    def forget(self) -> None:
        self._not_before = time.monotonic()
        self._waiting.clear()

    def hold(self) -> None:
        self._held = True

    def go_on(self) -> None:
        self._held = False

    def painting(self) -> None:
        """A frame is shown. Is it the first of a dialog that asks, then what was typed until now was no answer."""
        dialog = self._unseen()
        if dialog is not None and dialog is not self._fenced:
            self._fenced = dialog
            if self._app.all_read():
                self.fenced()

    def fenced(self) -> None:
        """All that was typed before that frame has come."""
        if self._fenced is not None:
            self._fenced.seen = True
        self.forget()

    def _quits_early(self, event: Typed) -> bool:
        """Before there is a fleet, keys wait for it; quitting does not, unless `q` is part of more."""
        if self._app.opened or not isinstance(event, events.Key) or event.key not in self._quits:
            return False
        return event.key != "q" or not self._waiting

    async def _hand_on(self) -> None:
        while self._waiting:
            await self._settled()
            if not self._waiting:
                return
            event = self._waiting.popleft()
            if self._unseen() is None:
                self._app.call_later(self._handle, event)

    async def _settled(self) -> None:
        """What was handled before is done: no message waits, no widget is being made, nothing is being searched."""
        rounds, left = 0, PATIENCE
        while self._busy():
            pause = 0.0 if rounds < QUICK else PAUSE
            await asyncio.sleep(pause)
            rounds += 1
            left -= pause if self._app.opened else 0.0
            if left < 0:
                log.warning("a key is handled although %s is not done", next(self._at_work(), "what it waits for"))
                self._held = False
                return

    def _busy(self) -> bool:
        screen = self._app.screen
        searching = any(worker.node is screen and not worker.is_finished for worker in self._app.workers)
        return self._held or not self._app.opened or searching or next(self._at_work(), None) is not None

    def _at_work(self) -> Iterator[MessagePump]:
        yield from filter(_works, (self._app, *self._app.screen_stack))
        for screen in self._app.screen_stack:
            yield from filter(_works, screen.walk_children())

    def _unseen(self) -> Dialog[Any] | None:
        screen = self._app.screen
        return screen if isinstance(screen, Dialog) and screen.asks and not screen.seen else None


def _works(pump: MessagePump) -> bool:
    """It is being made, handles a message or has one to handle. Who rests waits for the next message: nothing else
    tells."""
    if pump._closing or pump._closed:
        return False
    queue: Queue[Message | None] = pump._message_queue
    return not (queue.empty() and queue.ready_event._waiters)
