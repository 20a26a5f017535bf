"""Being ended by others: what was begun is undone, and then nothing of us is left.

SIGHUP says that the terminal is gone, SIGTERM that somebody wants us gone. Either is an exception in the main thread,
so that all that is open is closed by whoever opened it: a terminal is put back, a program that has it is ended, a fleet
is closed. None of these looks at signals itself."""

from __future__ import annotations

import _thread
import os
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
    from collections.abc import Callable
else:
    import _signal as signal  # what `signal` is made of; the rest gives its numbers names

SIGNALS = (signal.SIGHUP, signal.SIGTERM)
GRACE = 1.5
"""Seconds for undoing. Then the kernel ends us, whatever Python is doing."""
AGAIN = 0.02  # seconds until a signal that nobody heard is sent again


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
        self._guard = _Guard(self._unheard)

    def __enter__(self) -> None:
        for number in SIGNALS:
            if signal.getsignal(number) == signal.SIG_DFL:
                signal.signal(number, self._end)
        self._guard.begin()

    def __exit__(self, *_: object) -> None:
        self._guard.end()
        if self._came:  # nor is any thread waited for
            signal.signal(self._came, signal.SIG_DFL)
            os.kill(os.getpid(), self._came)

    def _unheard(self, number: int) -> bool:
        """It is ours to answer, and none was answered yet."""
        return not self._came and signal.getsignal(number) == self._end

    def _end(self, number: int, _frame: object) -> None:
        if not self._came:
            self._came = number
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.setitimer(signal.ITIMER_REAL, GRACE)
            raise Ended(128 + number)


class _Guard:
    """Sees to it that a signal ends what the main thread waits for.

    Python runs handlers between two steps of the main thread. A signal that comes just before it goes to sleep, or that
    the kernel gives to another thread, would be looked at when it wakes, which may be never: so it is sent again, to
    that very thread, as long as it is `unheard`."""

    def __init__(self, unheard: Callable[[int], bool]) -> None:
        self._unheard = unheard
        self._main = _thread.get_ident()
        self._fds: tuple[int, int] | None = None
        self._before = -1

    def begin(self) -> None:
        told, tell = self._fds = os.pipe()
        os.set_blocking(tell, False)
        self._before = signal.set_wakeup_fd(tell)
        _thread.start_new_thread(self._watch, (told,))

    def end(self) -> None:
        signal.set_wakeup_fd(self._before)
        if self._fds is not None:
            os.close(self._fds[1])

    def _watch(self, told: int) -> None:
        """Each signal that has a handler comes as a byte, whichever thread it came to."""
        while numbers := os.read(told, 64):
            for number in set(numbers).intersection(SIGNALS):
                while self._unheard(number):
                    signal.pthread_kill(self._main, number)
                    time.sleep(AGAIN)
        os.close(told)
