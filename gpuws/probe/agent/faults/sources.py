"""Where faults are heard of: the driver's events, which tell them at once, and the kernel's log, which says more."""

from .kernel_log import KernelLog

APART = 10  # seconds between two clocks that tell the same
MOST = 20
CLOSED = "the kernel's log is closed to this login"


class Sources:
    def __init__(self, events):
        self.events = events
        self.log = None
        self.logged = None  # as the log had them when it was read last; None where it is closed, or not read yet
        self.answered = 0  # of what was heard: the log was read after it

    def read_log(self, programs):
        """`programs`: makes those of the host, at the first time."""
        if self.log is None:
            self.log = KernelLog(programs())
        self.logged = self.log.read()

    def news(self):
        """Whether something was heard that the log may say more about, once for each."""
        before, self.answered = self.answered, self.events.heard
        return before != self.answered

    def told(self):
        """For a sample. `xids`: the newest, oldest first; None where none can be known. `faults`: how they are."""
        if self.log is None or (self.logged is None and self.events.since is None and self.events.why is None):
            return {"xids": self.logged, "faults": None}
        open_, since = self.logged is not None, self.events.since
        deaf = not open_ and since is None
        why = "%s, and %s" % (CLOSED, self.events.why) if deaf else None
        found = None if deaf else merged(self.logged or [], self.events.found)
        return {"xids": found, "faults": {"log": open_, "since": since and round(since, 1), "why": why}}


def merged(logged, heard):
    """Of two that are the same the logged one."""
    alone = [fault for after, fault in heard if not any(same(one, after, fault) for one in logged)]
    return sorted(logged + alone, key=lambda fault: fault["at"] or 0)[-MOST:]


def same(logged, after, heard):
    if (logged["number"], logged["bus_id"]) != (heard["number"], heard["bus_id"]):
        return False
    return logged["at"] is None or after - APART <= logged["at"] <= heard["at"] + APART
