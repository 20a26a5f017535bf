"""What /proc tells of a process: whose it is, what it runs, in which container and tmux session."""

import os
import pwd
import time

from .cgroup import container_ids, job, pressure_file, waiting
from .files import field, read
from .threads import Background

LONGEST_COMMAND = 300
LONGEST_CMDLINE = 16384
DEEPEST = 64  # parents
NEAREST = 4  # parents among which a notebook's kernel is looked for
NAMES_WAIT = 0.3  # seconds; a directory service may take longer, then the name comes in a later sample
DEAD = ("Z", "X", "x")
MOST_PID = 1 << 22  # the kernel's own limit
HOST_PIDS = "pid:[4026531836]"  # the namespace that the kernel begins with has always this number
TICK = os.sysconf("SC_CLK_TCK")
HIDDEN = frozenset(["hidepid=2", "hidepid=4", "hidepid=invisible", "hidepid=ptraceable"])


class Processes:
    """Describes processes; what can't change of one is read once."""

    def __init__(self):
        self.boot_time = boot_time()
        self.hidden = hides_processes(read("/proc/self/mounts"))
        self.ours = numbered_as_the_host()
        self.known = {}
        self.ended = frozenset()  # of those that were listed last
        self.names = Names()

    def describe(self, pids, panes):
        """pid → facts for those that live. `panes`: pid of a tmux pane → its session."""
        now, parents = {}, {}
        for pid in pids:
            facts = self._one(pid, panes, parents)
            if facts is not None:
                now[pid] = facts
        self.known = {pid: self.known[pid] for pid in now if pid in self.known}
        self.ours = self.ours or bool(self.known)
        self.ended = frozenset(pids).difference(now)
        names = self.names.of({facts["uid"] for facts in now.values() if facts.get("uid") is not None})
        for facts in now.values():
            facts["user"] = names.get(facts.get("uid"))  # none where /proc hides it
        return now

    def _one(self, pid, panes, parents):
        stat = stat_fields(pid)
        if stat is None:
            return None if self._has_ended(pid) else {}
        parent, cpu_ticks, start = stat
        parents[pid] = parent
        known = self.known.get(pid)
        if known is None or known.of != (start, parent):  # another process may have had this pid
            cgroup = read("/proc/%d/cgroup" % pid)
            fixed = self._fixed(pid, start, parents, cgroup)
            known = self.known[pid] = Known((start, parent), fixed, pressure_file(cgroup))
        return dict(
            known.fixed,
            cpu_seconds=round(cpu_ticks / TICK, 2),
            cpu_percent=known.cpu_percent(cpu_ticks),
            io_wait=known.io_wait(),
            session=session_of(pid, panes, parents) if panes else None,
        )

    def _has_ended(self, pid):
        """One that is dead or was seen before; any that is not there, where /proc shows all by the driver's numbers."""
        seen = pid in self.known or pid in self.ended or os.path.exists("/proc/%d" % pid)
        return seen or pid > MOST_PID or (self.ours and not self.hidden)

    def _fixed(self, pid, start, parents, cgroup):
        status = read("/proc/%d/status" % pid)
        containers = container_ids(cgroup)
        workspace = workspace_of(pid)
        return {
            "uid": owner(status),
            "inner_pid": inner_pid(status),
            "command": command(pid),
            "container_ids": containers + ([workspace] if workspace else []),
            "lineage": lineage(pid, status, parents) if containers else [],
            "job": job(cgroup),
            "kernel": kernel_of(pid, parents),
            "started_at": None if self.boot_time is None else round(self.boot_time + start / TICK, 2),
        }


class Known:
    """A process from one sample to the next. `of`: its start, which tells it from another with its pid; its parent."""

    def __init__(self, of, fixed, pressure=None):
        self.of, self.fixed = of, fixed
        self.pressure = pressure  # the file that tells how it and those around it wait for disks
        self.ticks = self.at = None

    def io_wait(self):
        """Percent of the last ten seconds; None where its group does not tell."""
        found = self.pressure and waiting(read(self.pressure))
        if found is None:
            self.pressure = None
        return found

    def cpu_percent(self, ticks):
        """Of one core, since the sample before; None at the first."""
        now, before, at = time.monotonic(), self.ticks, self.at
        self.ticks, self.at = ticks, now
        if at is None or now <= at:
            return None
        return round(max(100.0 * (ticks - before) / TICK / (now - at), 0.0), 1)


class Names:
    """Login names of uids. Where a directory service hangs, only the names are late."""

    def __init__(self):
        self.found = {}
        self.wanted = frozenset()
        self.lookup = Background(self._look_up)

    def of(self, uids):
        """uid → name, as far as known by now."""
        missing = frozenset(uids).difference(self.found)
        if missing:
            if not self.lookup.busy_for():
                self.wanted = missing
                self.lookup.ask()
            self.lookup.wait(NAMES_WAIT)
        return self.found

    def _look_up(self):
        for uid in self.wanted:
            try:
                self.found[uid] = pwd.getpwuid(uid).pw_name
            except KeyError:
                self.found[uid] = str(uid)


def workspace_of(pid):
    """The mark that programs of a workspace without a container have (`gpuws/engines/process`); only mine tell it."""
    found = ("\0" + read("/proc/%d/environ" % pid, 1 << 17)).partition("\0GPUWS_WORKSPACE=")[2].partition("\0")[0]
    return found if found.startswith("p-") and found[2:].isalnum() else None


def boot_time():
    seconds = field(read("/proc/stat", 1 << 20), "btime ")
    return int(seconds[0]) if seconds else None


def hides_processes(mounts):
    """/proc shows only my own processes here (hidepid=2 and its like)."""
    rows = [line.split() for line in mounts.splitlines()]
    return any(row[1:3] == ["/proc", "proc"] and HIDDEN.intersection(row[3].split(",")) for row in rows if len(row) > 3)


def numbered_as_the_host():
    """Whether pids here are the host's, which the driver names; in a container of its own numbers they may not be."""
    try:
        return os.readlink("/proc/self/ns/pid") == HOST_PIDS
    except OSError:
        return False


def stat_fields(pid):
    """Parent, CPU time and start, the latter two in ticks; None where the process is gone or dead, which it is when
    its last thread has ended, though its parent may not have looked."""
    text = read("/proc/%d/stat" % pid)
    fields = text[text.rfind(")") + 1 :].split()
    if len(fields) < 20 or fields[0] in DEAD and int(fields[17]) < 2:
        return None
    return int(fields[1]), int(fields[11]) + int(fields[12]), int(fields[19])


def owner(status):
    """Effective uid. Not the owner of /proc/PID: that is root where a process may not be dumped."""
    uids = field(status, "Uid:")
    return int(uids[1]) if len(uids) > 1 else None


def inner_pid(status):
    """The pid in the innermost namespace, as a program in its container knows it; kernels before 4.1 do not tell."""
    pids = field(status, "NSpid:")
    return int(pids[-1]) if pids else None


def command(pid):
    words = read("/proc/%d/cmdline" % pid, 4096).replace("\0", " ").strip()
    if not words:
        name = read("/proc/%d/comm" % pid).strip()
        words = "[%s]" % name if name else ""
    return words[:LONGEST_COMMAND] or None


def kernel_of(pid, parents):
    """Id of the Jupyter kernel that this process is, or that started it."""
    for _ in range(NEAREST):
        kernel = kernel_in(read("/proc/%d/cmdline" % pid, LONGEST_CMDLINE))
        if kernel:
            return kernel
        pid = parent_of(pid, parents)
        if pid <= 1:
            return None
    return None


def kernel_in(cmdline):
    """The id in a connection file's name, as Jupyter hands it to every kernel: …/kernel-ID.json."""
    for word in cmdline.split("\0"):
        name = word.replace("=", "/").rsplit("/", 1)[-1]
        if name.startswith("kernel-") and name.endswith(".json") and is_uuid(name[7:-5]):
            return name[7:-5]
    return None


def is_uuid(text):
    return [len(part) for part in text.split("-")] == [8, 4, 4, 4, 12] and not text.strip("0123456789abcdef-")


def parent_of(pid, parents):
    """0 where it is gone. `parents`: those found before, filled in."""
    if pid not in parents:
        stat = stat_fields(pid)
        parents[pid] = stat[0] if stat else 0
    return parents[pid]


def lineage(pid, status, parents):
    """The process and those that started it inside its container, as the container numbers them.

    NSpid has the host's number first, then the container's, then those of what a container holds inside itself. One
    that shares the host's numbers has no others."""
    found, inside = [], len(field(status, "NSpid:")) > 1
    for _ in range(DEEPEST):
        pids = field(status, "NSpid:")
        if not pids or inside and len(pids) == 1:
            break
        found.append(int(pids[inside]))
        pid = parent_of(pid, parents)
        if pid <= 1:
            break
        status = read("/proc/%d/status" % pid)
    return found


def session_of(pid, panes, parents):
    """`LABEL:ID:NAME` of the tmux session in one of whose panes the process was started."""
    for _ in range(DEEPEST):
        if pid in panes:
            return panes[pid]
        pid = parent_of(pid, parents)
        if pid <= 1:
            return None
    return None
