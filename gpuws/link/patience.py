"""A question of a server to a person: nobody is asked any longer than the server listens."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

from gpuws.link.place import Ask
from gpuws.model.host.question import Answer, Question

GLANCE = 0.2  # seconds between looks at whether the server is still there


class Withdrawn(Exception):
    """The server went before anybody answered."""


def put(ask: Ask, question: Question, over: Callable[[], bool]) -> Answer | None:
    """What `ask` gives or raises; Withdrawn once the server is gone, as `over` says. It is called in a thread of its
    own, which goes on until whoever shows the question ends it."""
    outcome: queue.SimpleQueue[Answer | BaseException | None] = queue.SimpleQueue()

    def work() -> None:
        try:
            outcome.put(ask(question))
        except BaseException as error:  # noqa: BLE001 - it is raised below
            outcome.put(error)

    threading.Thread(target=work, name="asking", daemon=True).start()
    while True:
        try:
            found = outcome.get(timeout=GLANCE)
        except queue.Empty:
            if over():
                raise Withdrawn from None
            continue
        if isinstance(found, BaseException):
            raise found
        return found
