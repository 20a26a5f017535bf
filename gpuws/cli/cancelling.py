"""Long work that Ctrl-C cancels: it runs in a thread, and gets a moment to take back what it did."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from gpuws.cli.failures import note
from gpuws.model.errors import Cancelled

CLEANUP = 20.0  # seconds
Result = TypeVar("Result")


def cancellable(work: Callable[[threading.Event], Result], interrupted: Callable[[], None]) -> Result:
    """What `work` returns or raises; it ends once the event it is given is set. `interrupted`: Ctrl-C was pressed."""
    cancel = threading.Event()
    results: list[Result] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work(cancel))
        except BaseException as error:  # noqa: BLE001 - handed to the thread that waits
            errors.append(error)

    thread = threading.Thread(target=run, name="work", daemon=True)
    thread.start()
    try:
        thread.join()
    except KeyboardInterrupt:
        cancel.set()
        interrupted()
        note("cancelling")
        thread.join(CLEANUP)
        raise Cancelled("cancelled") from None
    if errors:
        raise errors[0]
    return results[0]
