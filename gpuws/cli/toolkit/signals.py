"""Being ended by others: what was begun is undone, and then nothing of us is left.

SIGHUP says that the terminal is gone, SIGTERM that somebody wants us gone. Either is an exception in the main thread,
so that all that is open is closed by whoever opened it: a terminal is put back, a program that has it is ended, a fleet
is closed. None of these looks at signals itself."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
else:
    import _signal as signal  # what `signal` is made of; the rest gives its numbers names

SIGNALS = (signal.SIGHUP, signal.SIGTERM)
GRACE = 1.5
"""Seconds for undoing. Then the kernel ends us, whatever Python is doing."""


class Ended(SystemExit):
    """Not an `Exception`, so that nobody takes it for a failure; a `SystemExit`, since asyncio lets only that out of a
    task."""


def endable() -> _Endable:
    """Around all that the main thread does. A signal that was ignored before, as SIGHUP under nohup, stays so."""
    return _Endable()


class _Endable:
    """A context. Written out: what makes one of a generator takes longer to load than a short command may."""

    def __init__(self) -> None:
        self._came = 0

    def __enter__(self) -> None:
        for number in SIGNALS:
            if signal.getsignal(number) == signal.SIG_DFL:
                signal.signal(number, self._end)

    def __exit__(self, *_: object) -> None:
        if self._came:  # nor is any thread waited for
            signal.signal(self._came, signal.SIG_DFL)
            os.kill(os.getpid(), self._came)

    def _end(self, number: int, _frame: object) -> None:
        if not self._came:
            self._came = number
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.setitimer(signal.ITIMER_REAL, GRACE)
            raise Ended(128 + number)
