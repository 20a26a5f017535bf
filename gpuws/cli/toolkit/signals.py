"""Being ended by others: what was begun is undone, and then nothing of us is left.

SIGHUP says that the terminal is gone, SIGTERM that somebody wants us gone. Either is an exception in the main thread,
so that all that is open is closed by whoever opened it: a terminal is put back, a program that has it is ended, a fleet
is closed. None of these looks at signals itself."""

from __future__ import annotations

import contextlib
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
    from collections.abc import Iterator
else:
    import _signal as signal  # what `signal` is made of; the rest gives its numbers names

SIGNALS = (signal.SIGHUP, signal.SIGTERM)
GRACE = 1.5
"""Seconds for undoing. Then the kernel ends us, whatever Python is doing."""


class Ended(SystemExit):
    """Not an `Exception`, so that nobody takes it for a failure; a `SystemExit`, since asyncio lets only that out of a
    task."""


@contextlib.contextmanager
def endable() -> Iterator[None]:
    """Around all that the main thread does. A signal that was ignored before, as SIGHUP under nohup, stays so."""
    came: list[int] = []

    def end(number: int, _frame: object) -> None:
        if not came:
            came.append(number)
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.setitimer(signal.ITIMER_REAL, GRACE)
            raise Ended(128 + number)

    for number in SIGNALS:
        if signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, end)
    try:
        yield
    finally:
        if came:  # nor is any thread waited for
            signal.signal(came[0], signal.SIG_DFL)
            os.kill(os.getpid(), came[0])
