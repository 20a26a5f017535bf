"""Network mounts whose server does not answer, and who waits for it. No mount is ever touched.

The kernel counts in /proc/self/mountstats what it sent to each NFS server and what came back. That nothing comes is
normal where nobody asks: it takes a process that has waited all the while."""

import time

from ..files import read
from .table import stuck, table, waits_in

APART = 8.0  # seconds between two looks that are compared
SELDOM = 30.0  # seconds between looks for whoever waits, while nothing is known to be owed
MOST_NAMED = 4
# Where NFS waits by itself, and where whoever waits behind such a process may wait.
OF_NFS = ("rpc_", "nfs")
PERHAPS = ("folio_wait", "wait_on_page", "wait_on_commit", "__lock_page", "rwsem_down", "d_alloc_parallel")
REMEDY = "its server is down or cannot be reached: they go on when it answers; tell its admin"


class Mount:
    """`at`: where it is mounted; `source`: what, as `nas:/export`."""

    def __init__(self, at, source):
        self.at, self.source = at, source
        self.sent = self.received = 0

    @property
    def server(self):
        return self.source.rsplit(":/", 1)[0]


def mounts(text):
    """Each NFS mount of mountstats."""
    found, inside = [], False
    for line in text.splitlines():
        words = line.split()
        if line.startswith("device ") and len(words) > 7:
            inside = words[-2].startswith("nfs") or words[-1].startswith("nfs")
            if inside:
                found.append(Mount(*place(line)))
        elif inside and words[:1] == ["xprt:"]:
            sent, received = counts(words[1:])
            found[-1].sent += sent
            found[-1].received += received
    return found


def place(line):
    """Mount point and source of `device SOURCE mounted on PLACE with fstype …`."""
    source, _, rest = line[len("device ") :].partition(" mounted on ")
    return unescaped(rest.rpartition(" with fstype ")[0]), unescaped(source)


def unescaped(text):
    for code, char in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(code, char)
    return text


def counts(words):
    """Requests sent and answers received over one connection: UDP does not count how long it is connected."""
    first = 3 if words[0] == "udp" else 6
    try:
        return int(words[first]), int(words[first + 1])
    except (IndexError, ValueError):
        return 0, 0


class Stalled:
    """Compares looks at the counts, and at those who wait."""

    def __init__(self, proc="/proc"):
        self.proc = proc
        self.before = {}  # place → (when its count of answers last changed, that count, that of requests then)
        self.waited, self.looked = {}, None  # who waited, and when that was seen
        self.told = []

    def look(self, now=None):
        """What is told of each server that does not answer: its places, and pids with names of who waits."""
        now = time.monotonic() if now is None else now
        text = read(self.proc + "/self/mountstats", 1 << 20)
        found = mounts(text) if " nfs" in text else []
        silent = self._silent(found, now)
        if not silent:
            self.waited, self.looked, self.told = {}, None, []
            return self.told
        owing = [mount for mount, owes in silent if owes]
        due = self.looked is None or now - self.looked >= (APART if owing or self.waited else SELDOM)
        if not due:
            return self.told
        rows, before = table(self.proc), self.waited
        comparable = self.looked is not None
        waiting = {pid: waits_in(pid, self.proc) for pid in (stuck(before, rows) if comparable else ())}
        self.waited = {pid: row for pid, row in rows.items() if row.state == "D"}
        self.looked = now
        self.told = [
            {"places": places, "server": server, "waiting": [(pid, rows[pid].name) for pid in pids]}
            for server, places, pids in blame(silent, waiting, {mount.server for mount in found})
        ]
        return self.told

    def _silent(self, found, now):
        """(mount, whether requests are known to be unanswered) of those from which nothing came for a while."""
        kept, silent = {}, []
        for mount in found:
            at, received, sent = self.before.get(mount.at, (now, None, 0))
            if received != mount.received:
                at, sent = now, mount.sent
            kept[mount.at] = at, mount.received, sent
            if now - at >= APART:
                silent.append((mount, mount.sent > sent))
        self.before = kept
        return silent


def blame(silent, waiting, servers):
    """(server, its places, pids of who waits for it).

    `waiting`: pid → the kernel's function, None where that is not told; `servers`: all there are. A process that waits
    for anything else says nothing of a server, and one of which it is not known only where requests are unanswered."""
    certain = [pid for pid, word in waiting.items() if word is not None and word.startswith(OF_NFS)]
    perhaps = [pid for pid, word in waiting.items() if word is None or word.startswith(PERHAPS)]
    owing = [mount for mount, owes in silent if owes]
    if not certain and not (owing and perhaps):
        return []
    places = {}
    for mount in owing or [mount for mount, _ in silent]:
        places.setdefault(mount.server, []).append(mount.at)
    if len(servers) > 1 and not owing:  # one of them, and nothing says which
        return []
    return [(server, sorted(where), sorted(certain + perhaps)) for server, where in places.items()]


def sentence(told):
    """In words, for whoever looks at the host."""
    names = ["%s (%d)" % (name, pid) for pid, name in told["waiting"]]
    others = len(names) - MOST_NAMED
    shown = ", ".join(names[:MOST_NAMED]) + (" and %d more" % others if others > 0 else "")
    return "NFS does not answer: %s from %s; %s wait%s for it" % (
        ", ".join(told["places"][:MOST_NAMED]),
        told["server"],
        shown,
        "s" if len(names) == 1 else "",
    )
