"""The host itself: its clock, its Python, what it shows of its processes, disks and memory."""

from __future__ import annotations

from collections.abc import Iterator

from gpuws.model import text, units
from gpuws.model.alarms import FULL, OVERFULL, fullness
from gpuws.model.checkup.facts import Exam
from gpuws.model.gpu.fault import Fault, FaultKind
from gpuws.model.gpu.reading import Disk
from gpuws.model.placement.plan import Check, Status

CLOCK = 2.0  # seconds
LITTLE_MEMORY = 0.05
SMALL_SHM = 1 << 30
SAID_ELSEWHERE: tuple[FaultKind, ...] = ("persistence", "misreports", "no-python", "swallowed")
NO_AGENT = Fault("other", "no agent runs there")


def clock(exam: Exam) -> Iterator[Check]:
    ahead = exam.machine.ahead
    if ahead is None:
        return
    if abs(ahead) > CLOCK:
        way = "ahead of" if ahead > 0 else "behind"
        detail = f"its clock is {units.duration(abs(ahead))} {way} this workstation's"
        yield Check("clock", "warn", detail, "sudo timedatectl set-ntp true, there or here: see `timedatectl`")
    else:
        yield Check("clock", "ok", f"within {CLOCK:g} s of this workstation's")


def python(exam: Exam) -> Iterator[Check]:
    """What reads the host: gpuws' agent under its python3, else nvidia-smi."""
    snapshot = exam.snapshot
    facts = snapshot.facts
    if snapshot.telemetry_error and snapshot.telemetry_error.kind == "swallowed":
        yield Check("commands", "fail", snapshot.telemetry_error.text, snapshot.telemetry_error.remedy)
    elif facts is not None and facts.python is not None:
        where = f" at {facts.interpreter}" if facts.interpreter else ""
        yield Check("python", "ok", f"Python {facts.python}{where}")
    elif snapshot.telemetry == "nvidia-smi" or snapshot.telemetry_error or snapshot.warnings:
        faults = (*snapshot.warnings, snapshot.telemetry_error or NO_AGENT)
        why = next((one for one in faults if one.kind == "no-python"), NO_AGENT)
        instead = ": nvidia-smi is read instead" if snapshot.telemetry == "nvidia-smi" else ""
        yield Check(
            "python",
            "warn",
            f"{why.text}{instead}",
            why.remedy or "sudo apt-get install python3, or `python:` in hosts.yaml",
        )


def warnings(exam: Exam) -> Iterator[Check]:
    """What the agent warns of, where no other row says it."""
    for warning in exam.snapshot.warnings:
        if warning.kind not in SAID_ELSEWHERE:
            remedy = warning.remedy or f"gpuws gpus {exam.snapshot.name} shows what it is about"
            yield Check("telemetry", "warn", warning.text, remedy)


def hidepid(exam: Exam) -> Iterator[Check]:
    hidden = exam.machine.hidepid
    if hidden is None:
        return
    if hidden:
        detail = f"/proc is mounted with hidepid={hidden}: who holds a GPU can't be seen"
        remedy = "sudo mount -o remount,hidepid=0 /proc, or ask its admin to add you to the group of its `gid=`"
        yield Check("processes", "warn", detail, remedy)
    else:
        yield Check("processes", "ok", "everybody's can be seen")


def disks(exam: Exam) -> Iterator[Check]:
    for disk in exam.snapshot.disks:
        used = fullness(disk)
        if used is not None:
            by = _by(exam, "/tmp") if used >= FULL and disk.mount == "/tmp" else ""
            detail = _filled(disk.mount, disk) + by
            yield Check("disk", _level(used), detail, _remedy(used, f"sudo du -xhd1 {disk.mount}"))


def tmp(exam: Exam) -> Iterator[Check]:
    """/tmp where it is memory: disks have their own rows."""
    disk = exam.machine.tmp
    used = fullness(disk) if disk is not None else None
    if disk is None or used is None or any(one.mount == "/tmp" for one in exam.snapshot.disks):
        return
    detail = _filled("/tmp", disk) + (_by(exam, "/tmp") if used >= FULL else "")
    yield Check("disk", _level(used), detail, _remedy(used, "du -xhd1 /tmp"))


def _by(exam: Exam, directory: str) -> str:
    """Who has most of what is large there: `; 90M of bob's, 20M of yours`."""
    facts, sums = exam.snapshot.facts, dict[str, int]()
    for where, login, size in exam.left.large if exam.left is not None else ():
        if where == directory:
            sums[login] = sums.get(login, 0) + size
    most = sorted(sums.items(), key=lambda one: (-one[1], one[0]))[:3]
    mine = facts.login if facts else ""
    whose = {login: "yours" if login == mine else f"{text.plain(login, 40)}'s" for login, _ in most}
    words = [f"{units.size(size)} of {whose[login]}" for login, size in most]
    return f"; {', '.join(words)}" if words else ""


def shm(exam: Exam) -> Iterator[Check]:
    """/dev/shm of the host: for what runs there outside of containers."""
    disk = exam.machine.shm
    if disk is None or not disk.total:
        return
    used, more = fullness(disk), "sudo mount -o remount,size=50% /dev/shm"
    if used is not None and used >= FULL:
        detail = _filled("/dev/shm", disk) + _by(exam, "/dev/shm")
        yield Check("shm", "warn", detail, "ls -l /dev/shm: remove what crashed programs left")
    elif disk.total < SMALL_SHM and exam.snapshot.gpus:
        yield Check("shm", "warn", f"/dev/shm has {units.size(disk.total)}: data loaders and NCCL fail", more)
    else:
        yield Check("shm", "ok", _filled("/dev/shm", disk))


def memory(exam: Exam) -> Iterator[Check]:
    total, free = exam.snapshot.memory_total, exam.machine.memory_available
    if not total or free is None:
        return
    detail = f"{units.size(free)} of {units.size(total)} available"
    if free < LITTLE_MEMORY * total:
        yield Check("memory", "warn", f"{detail}: the kernel will soon end somebody's process", "ps aux --sort=-rss")
    else:
        yield Check("memory", "ok", detail)


def swap(exam: Exam) -> Iterator[Check]:
    used, total = exam.machine.swap_used, exam.machine.swap_total
    if used is None or total is None:
        return
    if total and used > total / 2:
        yield Check(
            "swap", "warn", f"{units.size(used)} of {units.size(total)} in use", "vmstat 1: si and so slow all down"
        )
    else:
        yield Check("swap", "ok", f"{units.size(used)} of {units.size(total)} in use" if total else "none")


def _level(used: float) -> Status:
    return "fail" if used >= OVERFULL else "warn" if used >= FULL else "ok"


def _remedy(used: float, command: str) -> str:
    return f"{command} shows where" if used >= FULL else ""


def _filled(name: str, disk: Disk) -> str:
    used = fullness(disk)
    full = "" if used is None else f" {used:.0%} full,"
    free = None if disk.used is None or disk.total is None else max(disk.total - disk.used, 0)
    return f"{name}{full} {units.size(free)} of {units.size(disk.total)} free"
