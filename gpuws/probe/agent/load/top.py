"""Which processes take most of the host's processors and memory. Asked for by a line, never on a clock."""

import time

from ..cgroup import container_ids, job
from ..files import read
from ..processes import TICK, Names, boot_time, command, hides_processes, owner, session_of
from .table import WAITS, stuck, table, waits_in

MOST = 64  # rows by CPU, by memory, and of those that wait
SHORTEST = 0.5  # seconds over which CPU time is measured
LONGEST = 15.0
LEAST_CPU = 0.5  # percent of a core; less than this and less memory than that is no row
LEAST_MEMORY = 20 << 20


class Top:
    """CPU time is measured from one question to the next, where they are not far apart."""

    def __init__(self, page, proc="/proc"):
        """`page`: bytes."""
        self.page, self.proc = page, proc
        self.boot_time = boot_time()
        self.hidden = hides_processes(read("/proc/self/mounts"))
        self.names = Names()
        self.at, self.rows, self.told = 0.0, {}, None
        self.since = {}  # (pid, start) of those that wait → when that was first seen
        self.known = {}  # (pid, start, name) → what does not change

    def read(self, panes=None):
        """`panes`: pid of a tmux pane → its session."""
        if not self.rows or time.monotonic() - self.at > LONGEST:
            self.at, self.rows = time.monotonic(), table(self.proc)
            time.sleep(SHORTEST)
        elif self.told is not None and time.monotonic() - self.at < SHORTEST:
            return self.told
        before, began = self.rows, self.at
        self.at, self.rows = time.monotonic(), table(self.proc)
        seconds = self.at - began
        shares = {pid: share(row, before.get(pid), seconds) for pid, row in self.rows.items()}
        waiting = self._waiting(before, began)
        chosen = choose(self.rows, shares, waiting, self.page)
        self.told = {
            "seconds": round(seconds, 2),
            "count": len(self.rows),
            "hidden": self.hidden,
            "processes": self._described(chosen, shares, waiting, panes or {}),
        }
        return self.told

    def _waiting(self, before, began):
        """pid → seconds for which it is known to wait without having run."""
        now = {(pid, self.rows[pid].start): began for pid in stuck(before, self.rows)}
        self.since = {key: self.since.get(key, at) for key, at in now.items()}
        return {pid: self.at - at for (pid, _), at in self.since.items()}

    def _described(self, chosen, shares, waiting, panes):
        kept, found = {}, []
        parents = {pid: row.parent for pid, row in self.rows.items()}
        for pid in chosen:
            row = self.rows[pid]
            key = pid, row.start, row.name
            fixed = self.known.get(key)
            if fixed is None:
                fixed = self._fixed(pid, row)
            if row.state != WAITS:  # of one that waits not all was read
                kept[key] = fixed
            found.append(
                dict(
                    fixed,
                    pid=pid,
                    parent=row.parent,
                    name=row.name,
                    state=row.state,
                    cpu_percent=shares[pid],
                    memory=row.pages * self.page,
                    shared=self._shared(pid),
                    session=session_of(pid, panes, parents) if panes else None,
                    waits=round(waiting[pid], 1) if pid in waiting else None,
                    waits_in=waits_in(pid, self.proc) if row.state == WAITS else None,
                )
            )
        self.known = kept
        names = self.names.of({row["uid"] for row in found if row["uid"] is not None})
        return [dict(row, user=names.get(row["uid"])) for row in found]

    def _fixed(self, pid, row):
        cgroup = read("%s/%d/cgroup" % (self.proc, pid))
        return {
            "uid": owner(read("%s/%d/status" % (self.proc, pid))),
            "command": "[%s]" % row.name if row.state == WAITS else command(pid),
            "container_ids": container_ids(cgroup),
            "job": job(cgroup),
            "started_at": None if self.boot_time is None else round(self.boot_time + row.start / TICK, 2),
        }

    def _shared(self, pid):
        """Bytes of its memory that other processes may have, too."""
        pages = read("%s/%d/statm" % (self.proc, pid)).split()
        return int(pages[2]) * self.page if len(pages) > 2 else None


def share(row, before, seconds, tick=TICK):
    """Percent of one core, over so many seconds, in which one that was not there before began. `tick`: so many make a
    second."""
    earlier = before.ticks if before is not None and before.start == row.start else 0
    return round(max(100.0 * (row.ticks - earlier) / tick / seconds, 0.0), 1) if seconds > 0 else None


def choose(rows, shares, waiting, page):
    """Pids of the rows that are told, those that take most CPU first."""
    by_cpu = sorted((pid for pid in rows if (shares[pid] or 0) >= LEAST_CPU), key=lambda pid: -shares[pid])
    by_memory = sorted((pid for pid in rows if rows[pid].pages * page >= LEAST_MEMORY), key=lambda p: -rows[p].pages)
    waits = sorted(waiting, key=lambda pid: -waiting[pid])
    chosen = set(by_cpu[:MOST]) | set(by_memory[:MOST]) | set(waits[:MOST])
    return sorted(chosen, key=lambda pid: (-(shares[pid] or 0), -rows[pid].pages))
