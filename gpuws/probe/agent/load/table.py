"""All processes of the host as /proc/PID/stat tells them.

That file is the only one which can be read of a process that hangs: its command line and its memory lie behind a lock
that it may hold."""

import os

from ..files import read
from ..processes import DEAD

WAITS = "D"  # the state of one that waits for a disk or a server, and can't be stopped in it
MOST = 32768


class Row:
    """`ticks`: of CPU since it began, which is `start`; `pages`: of memory, resident."""

    __slots__ = ("name", "pages", "parent", "start", "state", "ticks")

    def __init__(self, name, fields):
        self.name = name
        self.state, self.parent = fields[0], int(fields[1])
        self.ticks, self.start, self.pages = int(fields[11]) + int(fields[12]), int(fields[19]), int(fields[21])


def table(proc="/proc"):
    """pid → `Row` of each process that can be seen and lives."""
    found = {}
    for name in os.listdir(proc):
        if name.isdigit() and len(found) < MOST:
            row = parsed(read("%s/%s/stat" % (proc, name), 2048))
            if row is not None:
                found[int(name)] = row
    return found


def parsed(text):
    """None where the process is gone, or dead: all its threads, not only the first."""
    begin, end = text.find("("), text.rfind(")")
    fields = text[end + 1 :].split()
    if begin < 0 or len(fields) < 22 or fields[0] in DEAD and int(fields[17]) < 2:
        return None
    return Row(text[begin + 1 : end], fields)


def stuck(before, now):
    """Pids that waited at both looks and did not run in between."""
    return [
        pid
        for pid, row in now.items()
        if row.state == WAITS
        and pid in before
        and (before[pid].state, before[pid].start, before[pid].ticks) == (WAITS, row.start, row.ticks)
    ]


def waits_in(pid, proc="/proc"):
    """The kernel's function that it waits in; None where that is not told, as of others' processes."""
    word = read("%s/%d/wchan" % (proc, pid), 128).strip()
    return word if word not in ("", "0") else None
