"""Blocking calls of the fleet, off the loop: daemon threads, so that quitting never waits for one."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from textual.message import Message

from gpuws.model.errors import GpuwsError

if TYPE_CHECKING:
    from textual.app import App

T = TypeVar("T")
log = logging.getLogger(__name__)


class Ended(Message):
    """A call came back: run `then` on the loop."""

    def __init__(self, then: Callable[[], None]) -> None:
        super().__init__()
        self.then = then


class Verbs:
    """One thread a call. What comes back is posted as a message and handled on the loop."""

    def __init__(self, app: App[Any]) -> None:
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
                self._post(lambda: (failed or self.tell)(refusal))
            except Exception as error:  # a fault of ours must not reach the screen as a traceback
                log.exception("%s failed", name)
                fault = GpuwsError(f"{name} failed: {type(error).__name__}: {error}", "the log has the details")
                self._post(lambda: (failed or self.tell)(fault))
            else:
                if done is not None:
                    self._post(lambda: done(result))

        threading.Thread(target=work, name=f"verb-{name}", daemon=True).start()

    def tell(self, error: GpuwsError) -> None:
        tell(self._app, error)

    def _post(self, then: Callable[[], None]) -> None:
        try:
            self._app.post_message(Ended(then))
        except RuntimeError:
            log.info("answered after the screen was closed")


def tell(app: App[Any], error: GpuwsError) -> None:
    """A failure as one toast: what happened — what to do."""
    from gpuws.model.text import plain

    app.notify(plain(str(error), 600), severity="error", timeout=10, markup=False)
