"""For how long a GPU's clocks were held in the last hour: differences of the driver's counters, which only grow."""

import time

HOUR = 3600
APART = 50  # seconds between two of the readings that are kept
POLICIES = (("power", 0), ("heat", 1))  # NVML's numbers
NANOSECONDS = 1e9


class Throttling:
    def __init__(self, fields):
        self.fields = fields
        self.past = []  # (monotonic seconds, {what holds them: seconds in all}), oldest first, of the last hour

    def read(self, handle):
        """Seconds for which they were held by each, within `seconds`; None at first, and where that is not told."""
        now, told = time.monotonic(), {}
        for name, number in POLICIES:
            found = self.fields.ask("nvmlDeviceGetViolationStatus", handle, number)
            told[name] = None if found is None else found.violationTime / NANOSECONDS
        if all(value is None for value in told.values()):
            return None
        if self.past and grown(self.past[-1][1], told) is None:
            self.past = []  # the driver was loaded anew
        self.past = [(at, counted) for at, counted in self.past if now - at <= HOUR]
        before = self.past[0] if self.past else None
        if not self.past or now - self.past[-1][0] >= APART:
            self.past.append((now, told))
        return None if before is None else dict(grown(before[1], told), seconds=round(now - before[0], 1))


def grown(before, now):
    """Of each how much; None where one became less."""
    found = {}
    for name, value in now.items():
        known = None not in (value, before.get(name))
        if known and value < before[name]:
            return None
        found[name] = round(value - before[name], 1) if known else None
    return found
