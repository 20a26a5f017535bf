"""The host itself: who I am there, CPU, memory, disks."""

import grp
import os
import pwd
import sys
import time

from .cgroup import waiting
from .files import read

LOCAL_FILE_SYSTEMS = frozenset(["ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "f2fs", "bcachefs", "jfs", "reiserfs"])
HARMLESS_FILE_SYSTEMS = LOCAL_FILE_SYSTEMS | frozenset(["overlay", "tmpfs", "devtmpfs", "rootfs", "squashfs", "ramfs"])
MOST_DISKS = 16


def facts(has_tmux):
    """What does not change while the agent lives."""
    uid, gid = os.getuid(), os.getgid()
    gids = sorted(set(os.getgroups()) | {gid})
    try:
        me = pwd.getpwuid(uid)
        login, home = me.pw_name, me.pw_dir
    except KeyError:
        login, home = str(uid), os.environ.get("HOME", "/")
    return {
        "type": "hello",
        "login": login,
        "uid": uid,
        "gid": gid,
        "groups": [group_name(number) for number in gids],
        "gids": gids,
        "home": home,
        "hostname": os.uname().nodename,
        "boot_id": read("/proc/sys/kernel/random/boot_id").strip() or None,
        "pid_namespace": namespace("/proc/self/ns/pid"),
        "python": "%d.%d.%d" % sys.version_info[:3],
        "interpreter": sys.executable or None,
        "cpu_count": os.cpu_count(),
        "has_tmux": has_tmux,
    }


def namespace(path):
    """Its number; None where the kernel has none."""
    try:
        return os.stat(path).st_ino
    except OSError:
        return None


def group_name(gid):
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


class Cpu:
    """Percent of all CPUs that was used since the last call; None at the first."""

    def __init__(self):
        self.busy = self.total = None

    def percent(self):
        times = [int(word) for word in read("/proc/stat").split("\n", 1)[0].split()[1:9]]
        if len(times) < 5:
            return None
        total, busy = sum(times), sum(times) - times[3] - times[4]  # less idle and waiting for disks
        before_total, before_busy = self.total, self.busy
        self.total, self.busy = total, busy
        if before_total is None or total <= before_total:
            return None
        return round(min(max(100.0 * (busy - before_busy) / (total - before_total), 0.0), 100.0), 1)


def io_wait():
    """Percent of the last ten seconds in which some program waited for disks; None where the kernel does not say."""
    return waiting(read("/proc/pressure/io"))


class Network:
    """Bytes a second that its network cards received and sent since the last call; None at the first, and where there
    are none: bridges, bonds and what containers have would count the same bytes again. RDMA goes past it."""

    def __init__(self, table="/proc/net/dev", cards="/sys/class/net/%s/device"):
        self.table, self.cards = table, cards
        self.before = None  # time, {card: (received, sent)}

    def rates(self, now=None):
        now = time.monotonic() if now is None else now
        found = {}
        for line in read(self.table).splitlines():
            name, colon, rest = line.partition(":")
            words = rest.split()
            if colon and len(words) > 8 and os.path.exists(self.cards % name.strip()):
                found[name.strip()] = int(words[0]), int(words[8])
        before, self.before = self.before, (now, found)
        pairs = [(found[name], before[1][name]) for name in found if before and name in before[1]]
        if not pairs or now <= before[0]:
            return None, None
        return tuple(
            int(sum(max(after[side] - earlier[side], 0) for after, earlier in pairs) / (now - before[0]))
            for side in (0, 1)
        )


def memory():
    """Bytes in use and in all. In use is what a new program could not have."""
    sizes = {}
    for line in read("/proc/meminfo").splitlines():
        words = line.split()
        if len(words) > 1 and words[1].isdigit():
            sizes[words[0]] = int(words[1]) * 1024
    total, available = sizes.get("MemTotal:"), sizes.get("MemAvailable:")
    return (None if total is None or available is None else total - available), total


def load():
    try:
        return round(os.getloadavg()[0], 2)
    except OSError:
        return None


def disks():
    """`/` and what lies on block devices of this host, each device once. Network mounts are never touched."""
    found = []
    for mount in safe_mounts(read("/proc/self/mounts"))[:MOST_DISKS]:
        try:
            size = os.statvfs(mount)
        except OSError:
            continue
        total = size.f_blocks * size.f_frsize
        if total:
            found.append({"mount": mount, "used": total - size.f_bfree * size.f_frsize, "total": total})
    return found


def safe_mounts(table, is_directory=os.path.isdir):
    """Mount points of /proc/self/mounts that can be asked without hanging."""
    rows = [line.split() for line in table.splitlines() if len(line.split()) > 3]
    kinds = {unescape(row[1]): row[2] for row in rows}
    seen, safe = set(), []
    if kinds.get("/", "overlay") in HARMLESS_FILE_SYSTEMS:
        safe.append("/")
        seen.update(row[0] for row in rows if row[1] == "/" and row[0].startswith("/dev/"))
    for device, raw, kind in sorted((row[0], unescape(row[1]), row[2]) for row in rows):
        pool = kind == "zfs" and device.split("/")[0]
        if kind not in LOCAL_FILE_SYSTEMS or not (pool or device.startswith("/dev/")) or raw.startswith("/boot"):
            continue
        if (
            not is_directory(raw)  # containers have files of the host mounted: /etc/hosts and its like
            or (pool or device) in seen
            or raw in safe
            or not all(kinds[up] in HARMLESS_FILE_SYSTEMS for up in above(raw, kinds))
        ):
            continue
        seen.add(pool or device)
        safe.append(raw)
    return safe


def above(mount, kinds):
    """Mount points on the way to `mount`."""
    parts = mount.split("/")
    return [up for up in ["/".join(parts[:count]) or "/" for count in range(1, len(parts))] if up in kinds]


def unescape(text):
    """/proc/mounts writes a space as backslash 040."""
    for code, char in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(code, char)
    return text
