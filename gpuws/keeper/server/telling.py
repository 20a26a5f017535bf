"""Steps of a task on their way to one client: one that does not listen stalls nothing but itself."""

from __future__ import annotations

import contextlib
import threading
from collections import deque

import msgspec

from gpuws.fleet.background.verbs import current_task
from gpuws.keeper.wire.messages import Begun, FromClient, Message, Progressed
from gpuws.keeper.wire.typed import Wire, encode
from gpuws.quick.framing import Broken

UNTOLD = 1000
"""Steps that wait; then the oldest are lost."""


class Telling:
    """`report` is called from the thread that works; a thread of its own sends, until `end`."""

    def __init__(self, wire: Wire[FromClient]) -> None:
        self._wire = wire
        self._news = threading.Condition()
        self._steps: deque[object] = deque(maxlen=UNTOLD)
        self._begun: Message | None = None
        self._over = False
        self._thread = threading.Thread(target=self._run, name="telling", daemon=True)
        self._thread.start()

    def report(self, step: object) -> None:
        with self._news:
            task = current_task()
            if self._begun is None and task is not None:
                self._begun = Begun(task.id, task.mark)
            self._steps.append(step)
            self._news.notify()

    def end(self) -> None:
        """Returns when all has been sent, or the client is gone."""
        with self._news:
            self._over = True
            self._news.notify()
        self._thread.join()

    def _run(self) -> None:
        named = False
        with contextlib.suppress(Broken):
            while True:
                with self._news:
                    self._news.wait_for(lambda: self._steps or self._over)
                    steps, begun = list(self._steps), self._begun
                    self._steps.clear()
                if not steps:
                    return
                if begun is not None and not named:
                    named = True
                    self._wire.send(begun)
                for step in steps:
                    self._wire.send(Progressed(msgspec.Raw(encode(step))))
