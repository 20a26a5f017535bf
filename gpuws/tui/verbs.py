"""Blocking calls of the fleet, off the loop: daemon threads, so that quitting never waits for one."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

from textual.message import Message
from textual.notifications import SeverityLevel

from gpuws.model.errors import GpuwsError
from gpuws.model.text import plain
from gpuws.tui.outcome import Outcome

T = TypeVar("T")
log = logging.getLogger(__name__)


class Telling(Protocol):
    """The application, as far as it is needed here."""

    def post_message(self, message: Message) -> bool: ...

    def tell(self, sentence: str, severity: SeverityLevel = ..., *, timeout: float) -> None: ...


class Ended(Message):
    """A call came back: run `then` on the loop."""

    def __init__(self, then: Callable[[], None]) -> None:
        super().__init__()
        self.then = then


class Verbs:
    """One thread a call. What comes back is posted as a message and handled on the loop."""

    def __init__(self, app: Telling) -> None:
        self._app = app

    def run(
        self,
        name: str,
        call: Callable[[], T],
        done: Callable[[T], None] | None = None,
        failed: Callable[[GpuwsError], None] | None = None,
    ) -> None:
        """`done` or `failed` is called on the loop; without `failed`, a failure is a toast."""

        def work() -> None:
            try:
                result = call()
            except GpuwsError as error:
                refusal = error
                self.post(lambda: (failed or self.tell)(refusal))
            except Exception as error:  # a fault of ours must not reach the screen as a traceback
                log.exception("%s failed", name)
                fault = GpuwsError(f"{name} failed: {type(error).__name__}: {error}", "the log has the details")
                self.post(lambda: (failed or self.tell)(fault))
            else:
                if done is not None:
                    self.post(lambda: done(result))

        threading.Thread(target=work, name=f"verb-{name}", daemon=True).start()

    def run_all(self, calls: Mapping[str, Callable[[], object]], done: Callable[[Outcome], None]) -> None:
        """All at once, each by its name; `done` is called on the loop when the last has ended."""
        left, failed = set(calls), dict[str, GpuwsError]()

        def ended(name: str, error: GpuwsError | None = None) -> None:
            left.discard(name)
            if error is not None:
                failed[name] = error
            if not left:
                well = tuple(name for name in calls if name not in failed)
                done(Outcome(well, tuple((name, failed[name]) for name in calls if name in failed)))

        for name, call in calls.items():
            self.run(name, call, lambda _, name=name: ended(name), lambda error, name=name: ended(name, error))  # type: ignore[misc]

    def tell(self, error: GpuwsError) -> None:
        tell(self._app, error)

    def post(self, then: Callable[[], None]) -> None:
        """Have it done on the loop; from any thread."""
        try:
            self._app.post_message(Ended(then))
        except RuntimeError:
            log.info("answered after the screen was closed")


def tell(app: Telling, error: GpuwsError) -> None:
    """A failure as one message: what happened — what to do."""
    app.tell(plain(error.brief, 600), "error", timeout=10)
