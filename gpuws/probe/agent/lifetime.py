"""The agent as a guest of the host: what it takes, and its end. It must outlive neither gpuws nor the way to it."""

import _signal as signal  # without the names of `signal`, which take half a megabyte
import ctypes
import os
import select
import time

from .files import read
from .processes import TICK, stat_fields

PR_SET_PDEATHSIG, PR_SET_NAME = 1, 15
NAME = b"gpuws-probe"
PAGE = os.sysconf("SC_PAGE_SIZE")
CLOCK_BOOTTIME = 7  # Python 3.6 has no name for it


def settle():
    """Be a modest guest: named, nice, holding no directory, ended with the parent."""
    os.chdir("/")
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C at gpuws' terminal is for gpuws
    parent = os.getppid()
    # The kernel also sends this when only the thread that started us ends: look whether the parent is gone.
    signal.signal(signal.SIGUSR1, lambda *_: None if os.getppid() == parent else os._exit(0))
    try:
        os.nice(10)
        libc = ctypes.CDLL(None)
        libc.prctl(PR_SET_NAME, NAME, 0, 0, 0)
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGUSR1, 0, 0, 0)
    except (OSError, AttributeError):
        pass


def watch_stdin(lease, lifetime, hear):
    """Return when stdin ends, when nothing came for `lease` seconds, or after `lifetime` seconds.

    Each line that comes keeps the agent alive; `hear` is told of it."""
    end = time.monotonic() + lifetime
    heard = time.monotonic()
    held = b""
    while True:
        left = min(heard + lease, end) - time.monotonic()
        if left <= 0:
            return
        if not select.select([0], [], [], left)[0]:
            continue
        chunk = os.read(0, 4096)
        if not chunk:
            return
        *lines, held = (held + chunk).split(b"\n")
        held = held[-4096:]
        for line in lines:
            hear(line)
        heard = time.monotonic()


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
