"""What /proc tells of a process: whose it is, what it runs, in which container and tmux session."""

import os
import pwd
import re

from .files import read

LONGEST_COMMAND = 300
DEEPEST = 64  # parents
TICK = os.sysconf("SC_CLK_TCK")
# Docker, Podman, CRI-O and containerd name the container's id in the cgroup; LXC and Incus its name.
CONTAINER = re.compile(
    r"(?:docker|libpod|crio|cri-containerd)[-/:]([0-9a-f]{64})"
    r"|/kubepods[^\n]*/(?:[a-z-]+-)?([0-9a-f]{64})"
    r"|/lxc(?:\.payload)?[./]([^/\n]+)"
)


class Processes:
    """Describes processes; what can't change of one is read once."""

    def __init__(self):
        self.boot_time = boot_time()
        self.hidden = hides_processes(read("/proc/self/mounts"))
        self.known = {}
        self.names = {}

    def describe(self, pids, panes):
        """pid → facts for those that live. `panes`: pid of a tmux pane → its session."""
        now, parents = {}, {}
        for pid in pids:
            facts = self._one(pid, panes, parents)
            if facts is not None:
                now[pid] = facts
        self.known = {pid: self.known[pid] for pid in now if pid in self.known}
        return now

    def _one(self, pid, panes, parents):
        stat = stat_fields(pid)
        if stat is None:
            return {} if self.hidden else None
        parent, cpu_ticks, start = stat
        parents[pid] = parent
        if self.known.get(pid, (None,))[0] != start:
            self.known[pid] = (start, self._fixed(pid, start))
        facts = dict(self.known[pid][1])
        facts["cpu_seconds"] = round(cpu_ticks / TICK, 2)
        facts["session"] = session_of(pid, panes, parents) if panes else None
        return facts

    def _fixed(self, pid, start):
        uid = owner(pid)
        return {
            "uid": uid,
            "user": None if uid is None else self._name(uid),
            "command": command(pid),
            "container_ids": container_ids(read("/proc/%d/cgroup" % pid)),
            "started_at": None if self.boot_time is None else round(self.boot_time + start / TICK, 2),
        }

    def _name(self, uid):
        if uid not in self.names:
            try:
                self.names[uid] = pwd.getpwuid(uid).pw_name
            except KeyError:
                self.names[uid] = str(uid)
        return self.names[uid]


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


def owner(pid):
    """Effective uid. Not the owner of /proc/PID: that is root where a process may not be dumped."""
    match = re.search(r"^Uid:\s+\d+\s+(\d+)", read("/proc/%d/status" % pid), re.MULTILINE)
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


def session_of(pid, panes, parents):
    """The tmux session in one of whose panes the process was started."""
    for _ in range(DEEPEST):
        if pid in panes:
            return panes[pid]
        if pid not in parents:
            stat = stat_fields(pid)
            parents[pid] = stat[0] if stat else 0
        pid = parents[pid]
        if pid <= 1:
            return None
    return None
