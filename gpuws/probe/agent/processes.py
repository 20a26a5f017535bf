"""What /proc tells of a process: whose it is, what it runs, in which container and tmux session."""

import os
import pwd
import re
import time

from .background import Background
from .files import read

LONGEST_COMMAND = 300
LONGEST_CMDLINE = 16384
DEEPEST = 64  # parents
NEAREST = 4  # parents among which a notebook's kernel is looked for
NAMES_WAIT = 0.3  # seconds; a directory service may take longer, then the name comes in a later sample
TICK = os.sysconf("SC_CLK_TCK")
# Docker, Podman, CRI-O and containerd name the container's id in the cgroup; LXC and Incus its name.
CONTAINER = re.compile(
    r"(?:docker|libpod|crio|cri-containerd)[-/:]([0-9a-f]{64})"
    r"|/kubepods[^\n]*/(?![a-z-]*conmon-)(?:[a-z-]+-)?([0-9a-f]{64})"
    r"|/lxc(?:\.payload\.|/)([^/\n]+)"
)
SLURM_JOB = re.compile(r"slurm[^\n]*/job_(\d+)(?:/|$)", re.MULTILINE)
KERNEL = re.compile(
    r"(?:^|[\0/=])kernel-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.json(?=\0|$)"
)  # a connection file, as Jupyter hands it to every kernel


class Processes:
    """Describes processes; what can't change of one is read once."""

    def __init__(self):
        self.boot_time = boot_time()
        self.hidden = hides_processes(read("/proc/self/mounts"))
        self.known = {}
        self.names = Names()

    def describe(self, pids, panes):
        """pid → facts for those that live. `panes`: pid of a tmux pane → its session."""
        now, parents = {}, {}
        for pid in pids:
            facts = self._one(pid, panes, parents)
            if facts is not None:
                now[pid] = facts
        self.known = {pid: self.known[pid] for pid in now if pid in self.known}
        names = self.names.of({facts["uid"] for facts in now.values() if facts.get("uid") is not None})
        for facts in now.values():
            facts["user"] = names.get(facts.get("uid"))  # none where /proc hides it
        return now

    def _one(self, pid, panes, parents):
        stat = stat_fields(pid)
        if stat is None:
            return {} if self.hidden else None
        parent, cpu_ticks, start = stat
        parents[pid] = parent
        known = self.known.get(pid)
        if known is None or known.start != start:  # another process may have had this pid
            known = self.known[pid] = Known(start, self._fixed(pid, start, parents))
        return dict(
            known.fixed,
            cpu_seconds=round(cpu_ticks / TICK, 2),
            cpu_percent=known.cpu_percent(cpu_ticks),
            session=session_of(pid, panes, parents) if panes else None,
        )

    def _fixed(self, pid, start, parents):
        status, cgroup = read("/proc/%d/status" % pid), read("/proc/%d/cgroup" % pid)
        return {
            "uid": owner(status),
            "inner_pid": inner_pid(status),
            "command": command(pid),
            "container_ids": container_ids(cgroup),
            "job": job(cgroup),
            "kernel": kernel_of(pid, parents),
            "started_at": None if self.boot_time is None else round(self.boot_time + start / TICK, 2),
        }


class Known:
    """A process from one sample to the next. `start` tells it from another with its pid."""

    def __init__(self, start, fixed):
        self.start, self.fixed = start, fixed
        self.ticks = self.at = None

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
        self.lookup = Background("names", self._look_up)

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


def boot_time():
    match = re.search(r"^btime (\d+)", read("/proc/stat", 1 << 20), re.MULTILINE)
    return int(match.group(1)) if match else None


def hides_processes(mounts):
    """/proc shows only my own processes here (hidepid=2 and its like)."""
    return bool(re.search(r"^\S+ /proc proc \S*hidepid=(?:2|4|invisible|ptraceable)", mounts, re.MULTILINE))


def stat_fields(pid):
    """Parent, CPU time and start, the latter two in ticks; None where the process is gone."""
    text = read("/proc/%d/stat" % pid)
    fields = text[text.rfind(")") + 1 :].split()
    if len(fields) < 20:
        return None
    return int(fields[1]), int(fields[11]) + int(fields[12]), int(fields[19])


def owner(status):
    """Effective uid. Not the owner of /proc/PID: that is root where a process may not be dumped."""
    match = re.search(r"^Uid:\s+\d+\s+(\d+)", status, re.MULTILINE)
    return int(match.group(1)) if match else None


def inner_pid(status):
    """The pid in the innermost namespace, as a program in its container knows it; kernels before 4.1 do not tell."""
    match = re.search(r"^NSpid:[\d\s]*?(\d+)$", status, re.MULTILINE)
    return int(match.group(1)) if match else None


def command(pid):
    words = read("/proc/%d/cmdline" % pid, 4096).replace("\0", " ").strip()
    if not words:
        name = read("/proc/%d/comm" % pid).strip()
        words = "[%s]" % name if name else ""
    return words[:LONGEST_COMMAND] or None


def container_ids(cgroup):
    """Outermost first, each once."""
    found = []
    for match in CONTAINER.finditer(cgroup):
        name = match.group(1) or match.group(2) or match.group(3)
        if name not in found:
            found.append(name)
    return found


def job(cgroup):
    match = SLURM_JOB.search(cgroup)
    return "slurm " + match.group(1) if match else None


def kernel_of(pid, parents):
    """Id of the Jupyter kernel that this process is, or that started it."""
    for _ in range(NEAREST):
        match = KERNEL.search(read("/proc/%d/cmdline" % pid, LONGEST_CMDLINE))
        if match:
            return match.group(1)
        pid = parent_of(pid, parents)
        if pid <= 1:
            return None
    return None


def parent_of(pid, parents):
    """0 where it is gone. `parents`: those found before, filled in."""
    if pid not in parents:
        stat = stat_fields(pid)
        parents[pid] = stat[0] if stat else 0
    return parents[pid]


def session_of(pid, panes, parents):
    """The tmux session in one of whose panes the process was started."""
    for _ in range(DEEPEST):
        if pid in panes:
            return panes[pid]
        pid = parent_of(pid, parents)
        if pid <= 1:
            return None
    return None
