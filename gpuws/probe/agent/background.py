"""Work that may hang, done in a thread of its own so that it hangs nothing else."""

import time

from .threads import Event, start, tell_failure


class Background:
    """Runs `task` once for every `ask`; the thread is never joined: a driver's call may not return for days."""

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
