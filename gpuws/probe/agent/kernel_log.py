"""Faults that the NVIDIA driver wrote to the kernel's log (Xid), where the login user may read it."""

import errno
import glob
import os
import re
import subprocess
import time

from .files import find_program
from .gpu import short_bus_id

XID = re.compile(r"NVRM: Xid \(PCI:([0-9a-fA-F:.]+)\): (\d+), ?([^\n]*)")
MOST = 20  # faults kept, the newest
LONGEST_TEXT = 200
MOST_RECORDS = 100000  # read at a time; more than any kernel keeps
MOST_LINES = 5000  # of the journal
LONGEST_OUTPUT = 1 << 20
PATIENCE = 5  # seconds, then journalctl is ended
OVERLAP = 5  # seconds that two readings of the journal have in common
JOURNALS = "/%s/log/journal/*/system.journal"


class KernelLog:
    """The kernel's own ring where it may be read, at next to no cost; else the journal."""

    def __init__(self, path, home, ring="/dev/kmsg", journals=(JOURNALS % "var", JOURNALS % "run")):
        self.found = []
        self.ring = open_ring(ring)
        self.booted = time.time() - time.clock_gettime(time.CLOCK_MONOTONIC)
        readable = self.ring is None and any(os.access(name, os.R_OK) for glb in journals for name in glob.glob(glb))
        self.journalctl = find_program("journalctl", path, home) if readable else None
        self.timeout = find_program("timeout", path, home)
        self.until = None  # the journal was read so far, epoch seconds

    def read(self):
        """The newest faults, oldest first; None where the log is not to be read."""
        if self.ring is not None:
            self._add(ring_lines(self.ring, self.booted))
        elif self.journalctl is not None:
            self._add(self._journal())
        else:
            return None
        return self.found

    def _add(self, lines):
        for at, line in lines:
            fault = parse_fault(line, at)
            if fault is not None and fault not in self.found:
                self.found = (self.found + [fault])[-MOST:]

    def _journal(self):
        now = time.time()
        # not by -g: a journalctl may be built without it
        words = ["-k", "-q", "-o", "short-unix", "--no-pager", "-n", str(MOST_LINES)]
        since = [] if self.until is None else ["--since", "@%d" % (self.until - OVERLAP)]
        output = self._run([self.journalctl] + words + since)
        if output is not None:
            self.until = now
        return journal_lines(output or "")

    def _run(self, words):
        """Standard output; None after the timeout."""
        # coreutils' timeout ends the child even where this agent dies first
        guard = [self.timeout, "-s", "KILL", str(PATIENCE)] if self.timeout else []
        child = subprocess.Popen(
            guard + words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        try:
            return child.communicate(timeout=PATIENCE + 1)[0][-LONGEST_OUTPUT:].decode("utf-8", "replace")
        except subprocess.TimeoutExpired:
            child.kill()
            child.communicate()
            return None


def open_ring(path):
    """A descriptor from which nothing blocks; None where it is not for us."""
    try:
        return os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return None


def ring_lines(ring, booted):
    """(epoch seconds, text) of the records since the last reading. One read is one record."""
    for _ in range(MOST_RECORDS):
        try:
            record = os.read(ring, 8192)
        except OSError as error:
            if error.errno == errno.EPIPE:  # overwritten before it was read: the next one is there
                continue
            return
        if not record:
            return
        head, _, text = record.partition(b";")
        if b"NVRM: Xid" in text:
            microseconds = head.split(b",")[2:3]
            at = booted + int(microseconds[0]) / 1e6 if microseconds and microseconds[0].isdigit() else None
            yield at, text.decode("utf-8", "replace")


def journal_lines(output):
    """(epoch seconds, text) of `1700000000.123456 host kernel: text`."""
    for line in output.splitlines():
        stamp = re.match(r"\d+(?:\.\d+)?", line)
        yield (float(stamp.group()) if stamp else None), line


def parse_fault(line, at):
    match = XID.search(line)
    if not match:
        return None
    bus_id = short_bus_id(match.group(1))
    return {
        "number": int(match.group(2)),
        "bus_id": bus_id if "." in bus_id else bus_id + ".0",
        "text": match.group(3).strip()[:LONGEST_TEXT],
        "at": None if at is None else round(at, 1),
    }
