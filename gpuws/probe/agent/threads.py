"""Threads and events as `threading` has them, which alone would make the agent a megabyte larger."""

import _thread
import sys


def start(work):
    """Run `work` in a thread that nothing waits for."""
    _thread.start_new_thread(work, ())


def tell_failure():
    """The exception that is being handled, on stderr."""
    sys.excepthook(*sys.exc_info())


class Event:
    """Nobody is woken for nothing, and a `set` between the look and the wait is not lost."""

    def __init__(self):
        self._set = False
        self._waiting = []  # a locked lock of each that waits

    def set(self):
        self._set = True
        try:
            while True:  # not while there are any: another thread may take the last one
                self._waiting.pop().release()
        except IndexError:
            pass

    def clear(self):
        self._set = False

    def wait(self, seconds=None):
        """Whether it was set by the end of that time."""
        lock = _thread.allocate_lock()
        lock.acquire()
        self._waiting.append(lock)
        if self._set:
            self.set()
        woken = lock.acquire(True, -1 if seconds is None else seconds)
        if not woken:
            try:
                self._waiting.remove(lock)
            except ValueError:  # set just now
                pass
        return woken
