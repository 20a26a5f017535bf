"""The login user's terminal sessions, tmux's and GNU screen's, and the processes of tmux's panes.

What is told are lines, as `gpuws/model/session/listing.py` explains and reads them; it also says what tmux is asked."""

import os
import time

from .files import read
from .screens import Screens

SERVER = "tmux: server"  # how the kernel calls one
MOST_SERVERS, MOST_SCREENS = 32, 256
LONGEST_LISTING = 1 << 18
LISTENING = "00010000"  # of a socket in /proc/net/unix
DEAF_FOR = 60.0  # seconds that another server than the usual one is left alone once it did not answer


class Tmux:
    def __init__(self, programs, asked):
        """`asked`: the words of tmux for what is told of a server."""
        self.programs = programs
        self.program = programs.find("tmux")
        self.screen = programs.find("screen")
        self.asked = list(asked)
        self.screens = Screens()
        self.deaf = {}  # socket → until when

    def read(self):
        """Lines of all sessions, and pane pid → `LABEL:ID:NAME`. Both empty where there are none; None where tmux does
        not answer."""
        told, panes = [], {}
        environment = {key: value for key, value in os.environ.items() if key not in ("TMUX", "TMUX_PANE")}
        for label, socket in self.servers() if self.program else ():
            words = [self.program, "-u"] + (["-S", socket] if socket else [])
            listed = self.programs.output(words + self.asked, environment)
            if listed is None and not socket:
                return None
            if listed is None:
                self.deaf[socket] = time.monotonic() + DEAF_FOR
            if listed:
                ask = lambda asked, words=words: self.programs.output(words + asked, environment)  # noqa: E731
                told += ["server:%s:%s\n" % (label, socket), listed, self.screens.read(ask, socket)]
                panes.update(panes_of(listed, label))
        if self.screen:
            told += ["screen:%d:%s\n" % found for found in screens()]
        return cut("".join(told)), panes

    def servers(self):
        """(label, socket) of each tmux server of this user. The usual one, which has neither, comes first."""
        usual = "%s/tmux-%d/default" % (os.environ.get("TMUX_TMPDIR") or "/tmp", os.getuid())
        now = time.monotonic()
        others = [one for one in named(sockets(os.getuid()), usual) if self.deaf.get(one[1], now) <= now]
        return ([("", "")] if os.path.exists(usual) else []) + others[:MOST_SERVERS]


def named(paths, usual):
    """(label, socket) of all but the usual one.

    One beside it is called as `tmux -L` calls it, any other by its socket's path."""
    beside = (os.path.dirname(os.path.realpath(usual)), "/tmp/tmux-%d" % os.getuid())
    found, labels = [], {""}
    for path in paths:
        if os.path.realpath(path) == os.path.realpath(usual) or ":" in path or not path.isprintable():
            continue
        name = os.path.basename(path)
        label = path if name in labels or os.path.dirname(os.path.realpath(path)) not in beside else name
        labels.add(label)
        found.append((label, path))
    return sorted(found, key=lambda one: one[0] == one[1])  # those that one names by -L first


def cut(text):
    """Whole lines of a text that is not too long for one message."""
    return text if len(text) <= LONGEST_LISTING else text[: text.rfind("\n", 0, LONGEST_LISTING) + 1]


def sockets(uid):
    """Where the tmux servers of a user listen, whatever named their sockets."""
    inodes = set()
    for pid in os.listdir("/proc"):
        if pid.isdigit():
            inodes |= sockets_of("/proc/" + pid, uid)
    return listening(inodes) if inodes else []


def listening(inodes):
    """The paths of those of these sockets at which somebody may call."""
    found = []
    with open("/proc/net/unix", encoding="utf-8", errors="replace") as lines:
        for line in lines:
            fields = line.rstrip("\n").split(None, 7)
            if len(fields) == 8 and fields[3] == LISTENING and fields[6] in inodes:
                found.append(fields[7])
    return sorted(found)


def sockets_of(process, uid):
    """Inodes of the sockets of a process where that is a tmux server of this user, outside of containers."""
    try:
        if os.stat(process).st_uid != uid or read(process + "/comm").strip() != SERVER:
            return set()
        if os.readlink(process + "/ns/mnt") != os.readlink("/proc/self/ns/mnt"):
            return set()
        links = [os.readlink("%s/fd/%s" % (process, name)) for name in os.listdir(process + "/fd")]
    except OSError:  # it ended meanwhile
        return set()
    return {link[8:-1] for link in links if link.startswith("socket:[")}


def screens():
    """(whether somebody is in it, `PID.NAME`) of each session of GNU screen; its sockets tell both."""
    user = os.environ.get("USER") or os.environ.get("LOGNAME") or ""
    folders = [os.environ.get("SCREENDIR"), os.path.join(os.environ.get("HOME", "/"), ".screen")]
    if user:
        folders += [root + "/S-" + user for root in ("/run/screen", "/run/screens", "/tmp/screens", "/tmp/uscreens")]
    found = {}
    for folder in folders:
        try:
            for name in os.listdir(folder) if folder else ():
                pid = name.partition(".")[0]
                if pid.isdigit() and os.path.isdir("/proc/" + pid):
                    found[name] = bool(os.stat(os.path.join(folder, name)).st_mode & 0o100)
        except OSError:
            continue
    return [(found[name], name) for name in sorted(found)[:MOST_SCREENS]]


def panes_of(text, label):
    """pane pid → `LABEL:ID:NAME` of its session."""
    panes = {}
    for line in text.split("\n"):
        fields = line.split(":", 10)
        if len(fields) == 11 and fields[0] == "pane" and fields[4].isdigit():
            panes.setdefault(int(fields[4]), ":".join((label, fields[1], fields[9])))
    return panes
