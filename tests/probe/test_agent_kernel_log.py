"""Xid lines of the kernel's log, as real machines write them."""

import os

import pytest

from gpuws.probe.agent import programs
from gpuws.probe.agent.faults import kernel_log
from gpuws.probe.agent.faults.kernel_log import KernelLog
from gpuws.probe.agent.programs import Programs

FALLEN = "NVRM: Xid (PCI:0000:4B:00): 79, pid='<unknown>', name=<unknown>, GPU has fallen off the bus."
RING = f"4,1234,5000000,-;{FALLEN}\n SUBSYSTEM=pci\n"


@pytest.mark.parametrize(
    ("line", "number", "bus_id", "text"),
    [
        (FALLEN, 79, "0000:4b:00.0", "pid='<unknown>', name=<unknown>, GPU has fallen off the bus."),
        (
            "NVRM: Xid (PCI:0000:03:00): 31, Ch 00000008, intr 10000000.",
            31,
            "0000:03:00.0",
            "Ch 00000008, intr 10000000.",
        ),
        ("NVRM: Xid (PCI:00000008:01:00.0): 48, pid=1, Ch 1", 48, "0008:01:00.0", "pid=1, Ch 1"),
        ("NVRM: Xid (PCI:0000:03:00): 63,", 63, "0000:03:00.0", ""),
    ],
)
def test_a_fault(line, number, bus_id, text):
    found = kernel_log.parse_fault(f"<4>[ 12.3] {line}", 7.04)
    assert found == {"number": number, "bus_id": bus_id, "text": text, "at": 7.0}


@pytest.mark.parametrize("line", ["", "NVRM: loading NVIDIA UNIX", "NVRM: Xid (PCI:zz): 1, x", "usb 1-1: Xid 79"])
def test_no_fault(line):
    assert kernel_log.parse_fault(line, None) is None


@pytest.fixture
def ring():
    """The kernel gives one record a read, as a packet socket does, and an error where there is none."""
    import socket

    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    theirs.setblocking(False)
    yield ours, theirs
    ours.close()
    theirs.close()


def test_the_ring_is_followed(ring):
    ours, theirs = ring
    log = KernelLog(Programs("", "/root"), ring="/nonexistent", journals=())
    assert log.read() is None  # not for us
    log.ring, log.booted = theirs.fileno(), 1000.0
    assert log.read() == []
    for record in (
        "6,1,1,-;usb 1-1: new device",
        RING,
        "4,9,9,-;NVRM: Xid nonsense \udcff".encode(errors="ignore").decode(),
    ):
        ours.send(record.encode())
    [fault] = log.read()
    assert (fault["number"], fault["at"]) == (79, 1005.0)
    assert log.read() == [fault]
    for number in range(50):
        ours.send(RING.replace(" 79,", f" {number},").encode())
    assert [fault["number"] for fault in log.read()] == list(range(30, 50))


JOURNALCTL = """#!/bin/sh
echo "$@" >>"$(dirname "$0")/asked"
echo "1700000000.250000 host kernel: {line}"
"""


@pytest.fixture
def journal(tmp_path):
    (tmp_path / "journalctl").write_text(JOURNALCTL.format(line=FALLEN.replace("'", "")))
    (tmp_path / "journalctl").chmod(0o755)
    (tmp_path / "machine").mkdir()
    (tmp_path / "machine/system.journal").write_text("")
    return tmp_path


def test_the_journal_where_the_ring_is_not_for_us(journal):
    log = KernelLog(Programs(str(journal), "/root"), ring="/nonexistent", journals=(str(journal),))
    [fault] = log.read()
    assert (fault["number"], fault["at"]) == (79, 1700000000.2)
    assert log.read() == [fault]
    first, second = (journal / "asked").read_text().splitlines()
    assert "--since" not in first
    assert "--since @" in second  # only what is new


def test_a_journal_that_is_not_for_us_is_not_asked(journal):
    log = KernelLog(Programs(str(journal), "/root"), ring="/nonexistent", journals=(f"{journal}/other",))
    assert log.read() is None
    assert not (journal / "asked").exists()


def test_a_journal_that_hangs_is_given_up(journal, monkeypatch):
    monkeypatch.setattr(programs, "PATIENCE", 0.5)
    (journal / "journalctl").write_text("#!/bin/sh\nexec sleep 1000\n")
    place = Programs(f"{journal}:{os.environ['PATH']}", "/root")
    log = KernelLog(place, ring="/nonexistent", journals=(str(journal),))
    assert log.read() == []


def test_the_agent_tells_faults_or_that_it_may_not(watch):
    reading = watch().reading(lambda reading: reading.xids is not None or not os.access("/dev/kmsg", os.R_OK))
    assert reading.xids is None or all(fault.bus_id for fault in reading.xids)
