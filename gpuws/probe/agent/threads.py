"""Threads, events, and work that may hang, as `threading` would make them: it takes a megabyte of memory."""

import _thread
import sys
import time


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


class Background:
    """Runs `task` once for every `ask`, in a thread of its own so that it hangs nothing else. The thread is never
    joined: a driver's call may not return for days."""

    def __init__(self, task):
        self.result = None
        self._task = task
        self._asked = Event()
        self._done = Event()
        self._began = None
        start(self._work)

    def ask(self):
        """Run the task once more; nothing happens where it still runs."""
        if self._began is None:
            self._began = time.monotonic()
            self._done.clear()
            self._asked.set()

    def wait(self, seconds):
        """The newest result; after `seconds` the one before it."""
        self._done.wait(seconds)
        return self.result

    def busy_for(self):
        """Seconds that the present run has taken; 0 where none is on its way."""
        began = self._began
        return 0.0 if began is None else time.monotonic() - began

    def _work(self):
        while True:
            self._asked.wait()
            self._asked.clear()
            try:
                self.result = self._task()
            except Exception:
                tell_failure()
                self.result = None
            self._began = None
            self._done.set()
