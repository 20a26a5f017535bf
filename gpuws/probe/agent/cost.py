"""What this agent itself takes on the host."""

import os
import time

from .files import read
from .processes import TICK, stat_fields

PAGE = os.sysconf("SC_PAGE_SIZE")
CLOCK_BOOTTIME = 7  # Python 3.6 has no name for it


def cost(first_sample):
    """Percent of one core since the start, programs it ran included; its age; bytes of memory; seconds.

    `own`: of its memory, what is not files that other programs map, too: of Python, of the driver's libraries."""
    stat = stat_fields(os.getpid())
    age = time.clock_gettime(CLOCK_BOOTTIME) - stat[2] / TICK if stat else 0
    pages = read("/proc/self/statm").split()
    return {
        "cpu_percent": round(100.0 * sum(os.times()[:4]) / age, 2) if age > 0 else None,
        "age": round(age, 1) if age > 0 else None,
        "memory": int(pages[1]) * PAGE if len(pages) > 2 else None,
        "own": (int(pages[1]) - int(pages[2])) * PAGE if len(pages) > 2 else None,
        "first_sample": None if first_sample is None else round(first_sample, 3),
    }
