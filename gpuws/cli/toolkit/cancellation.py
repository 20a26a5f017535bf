"""Long work that Ctrl-C cancels: it runs in a thread, and gets a moment to take back what it did."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from gpuws.cli.toolkit.failures import note
from gpuws.model.errors import Cancelled

CLEANUP = 20.0  # seconds
Result = TypeVar("Result")


def cancellable(work: Callable[[threading.Event], Result], interrupted: Callable[[], None]) -> Result:
    """What `work` returns or raises; it ends once the event it is given is set. `interrupted`: Ctrl-C was pressed.

    Where that came too late, or what was made could not be taken back, `work` says so."""
    cancel, ended = threading.Event(), threading.Event()  # a join that Ctrl-C interrupts takes its thread for ended
    results: list[Result] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work(cancel))
        except BaseException as error:  # noqa: BLE001 - handed to the thread that waits
            errors.append(error)
        finally:
            ended.set()

    try:
        threading.Thread(target=run, name="work", daemon=True).start()
        ended.wait()
    except KeyboardInterrupt:
        cancel.set()
        interrupted()
        note("cancelling")
        if not ended.wait(CLEANUP):
            raise Cancelled("cancelled, but nothing says that it has ended", "look at the host again") from None
    if errors:
        raise errors[0]
    return results[0]
