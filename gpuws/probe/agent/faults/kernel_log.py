"""Faults that the NVIDIA driver wrote to the kernel's log (Xid), where the login user may read it."""

import errno
import os
import time

from ..fields import short_bus_id

XID = "NVRM: Xid (PCI:"  # bus id): number, text
MOST = 20  # faults kept, the newest
LONGEST_TEXT = 200
MOST_RECORDS = 100000  # read at a time; more than any kernel keeps
MOST_LINES = 5000  # of the journal
OVERLAP = 5  # seconds that two readings of the journal have in common
JOURNALS = ("/var/log/journal", "/run/log/journal")


class KernelLog:
    """The kernel's own ring where it may be read, at next to no cost; else the journal."""

    def __init__(self, programs, ring="/dev/kmsg", journals=JOURNALS):
        self.found = []
        self.ring = open_ring(ring)
        self.booted = time.time() - time.clock_gettime(time.CLOCK_MONOTONIC)
        self.programs = programs
        readable = self.ring is None and any(map(holds_journal, journals))
        self.journalctl = programs.find("journalctl") if readable else None
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
        told = self.programs.output([self.journalctl] + words + since)
        if told is not None:
            self.until = now
        return journal_lines(told or "")


def holds_journal(folder):
    """Whether one of a machine's journals below `folder` may be read."""
    try:
        machines = os.listdir(folder)
    except OSError:
        return False
    return any(os.access("%s/%s/system.journal" % (folder, machine), os.R_OK) for machine in machines)


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


def journal_lines(told):
    """(epoch seconds, text) of `1700000000.123456 host kernel: text`."""
    for line in told.splitlines():
        stamp = line.split(" ", 1)[0]
        yield (float(stamp) if stamp.replace(".", "", 1).isdigit() else None), line


def parse_fault(line, at):
    bus_id, _, rest = line.partition(XID)[2].partition("): ")
    number, comma, rest = rest.partition(",")
    if not bus_id or bus_id.strip("0123456789abcdefABCDEF:.") or not number.isdigit() or not comma:
        return None
    bus_id = short_bus_id(bus_id)
    return {
        "number": int(number),
        "bus_id": bus_id if "." in bus_id else bus_id + ".0",
        "text": rest.partition("\n")[0].strip()[:LONGEST_TEXT],
        "at": None if at is None else round(at, 1),
    }
