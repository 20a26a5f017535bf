"""NVIDIA's driver and each GPU."""

from __future__ import annotations

from collections.abc import Iterator

from gpuws.model import units
from gpuws.model.alarms import recent
from gpuws.model.checkup.facts import Exam
from gpuws.model.gpu.fault import FaultKind
from gpuws.model.gpu.gpu import Gpu
from gpuws.model.gpu.reading import NO_PERMISSION, NOT_YET, Xid
from gpuws.model.gpu.xid import called, of_a_program, said
from gpuws.model.placement.plan import Check

HARMFUL = ("hardware slowdown", "software thermal", "hardware thermal", "power brake")
"""Reasons of throttling that are no sign of good work: heat and power supply."""

ACCESS = "ask its admin for access to /dev/nvidia*: often a group, video or render"
SOON = "try again in a moment"
FIXES: dict[FaultKind, str] = {
    "reboot-pending": "sudo reboot, once nobody works there",
    "not-loaded": "sudo modprobe nvidia; sudo dmesg shows why it fails",
    "no-permission": ACCESS,
    "no-library": "the driver's libraries are missing: sudo apt-get install libnvidia-compute-VERSION",
    "hung": "sudo dmesg | grep -i nvrm; a reboot, once nobody works there, is the usual way out",
    "starting": SOON,
    "amd-driver": SOON,
}
"""What keeps the GPUs from being read → its fix."""
GAP_FIXES = {NO_PERMISSION: ACCESS, NOT_YET: SOON}
"""Why a part of a reading is not there → its fix."""


def driver(exam: Exam) -> Iterator[Check]:
    snapshot = exam.snapshot
    fault = snapshot.telemetry_error
    if fault is None or (snapshot.telemetry is not None and fault.kind != "no-library"):
        if snapshot.driver is not None:
            cuda = f", CUDA {snapshot.cuda}" if snapshot.cuda else ""
            yield Check("driver", "ok", f"{snapshot.driver}{cuda}, read by {snapshot.telemetry or 'nobody now'}")
    elif fault.kind == "no-driver" and fault.remedy:  # another's is there
        yield Check("driver", "warn", fault.text, fault.remedy)
    elif fault.kind == "no-driver":
        yield from _driverless(exam)
    elif fault.kind not in ("no-python", "swallowed"):  # else another row says it
        known = snapshot.telemetry is not None or fault.kind == "starting"
        remedy = FIXES.get(fault.kind, f"gpuws gpus {snapshot.name}")
        yield Check("driver", "warn" if known else "fail", str(fault), remedy)


def _driverless(exam: Exam) -> Iterator[Check]:
    cards = exam.machine.cards
    if cards:
        detail = f"no NVIDIA driver, but {units.count(cards, 'NVIDIA GPU')} on the bus"
        yield Check("driver", "fail", detail, "sudo apt-get install nvidia-driver, or as its system names it")
    else:
        yield Check("driver", "ok", "no NVIDIA GPU, no driver" if cards == 0 else "no NVIDIA driver")


def module(exam: Exam) -> Iterator[Check]:
    """Programs start no more with libraries of another version than the module that is loaded."""
    loaded, library = exam.machine.module, exam.snapshot.driver
    if loaded is not None and library is not None and loaded != library:
        detail = f"the kernel has module {loaded} loaded, the libraries are {library}: new programs find no GPU"
        yield Check("driver", "fail", detail, "sudo reboot, once nobody works there")


def persistence(exam: Exam) -> Iterator[Check]:
    known = [gpu for gpu in exam.snapshot.gpus if gpu.persistence is not None]
    off = [gpu for gpu in known if not gpu.persistence]
    if off:
        detail = f"off for {_names(off)}: the driver is loaded anew for each program, which takes seconds"
        remedy = "sudo systemctl enable --now nvidia-persistenced, or sudo nvidia-smi -pm 1 until the next boot"
        yield Check("persistence", "warn", detail, remedy)
    elif known:
        yield Check("persistence", "ok", "on")


def health(exam: Exam) -> Iterator[Check]:
    """One row for all that have the same fault."""
    faults: dict[tuple[str, str], list[Gpu]] = {}
    for gpu in exam.snapshot.gpus:
        faults.setdefault((gpu.health, gpu.error or gpu.health.replace("-", " ")), []).append(gpu)
    for (state, words), found in faults.items():
        if state == "ok":
            yield Check("gpu", "ok", f"{_names(found)} answer{'s' if len(found) == 1 else ''}")
        else:
            yield Check("gpu", "fail", f"{_names(found)}: {words}", _revived(state, found))


def _revived(state: str, gpus: list[Gpu]) -> str:
    if gpus[0].vendor == "amd":
        return "sudo dmesg | grep -i amdgpu says why"
    if state == "reset-required":
        which = ",".join(str(gpu.index) for gpu in gpus)
        return f"sudo nvidia-smi --gpu-reset -i {which}, when nobody works on it"
    if state == "lost":
        return "sudo reboot, once nobody works there"
    return "sudo dmesg | grep -iE 'nvrm|xid' says why"


def memory_errors(exam: Exam) -> Iterator[Check]:
    """ECC, and rows of memory that wait to be replaced."""
    well = 0
    for gpu in exam.snapshot.gpus:
        detail = gpu.detail
        if detail is None or detail.ecc_uncorrected is None:
            continue
        reset = f"sudo nvidia-smi --gpu-reset -i {gpu.index}, when nobody works on it"
        if detail.remap_failed:
            yield Check("ecc", "fail", f"{_name(gpu)}: replacing bad memory failed", "have the GPU replaced (RMA)")
        elif detail.remap_pending:
            yield Check("ecc", "warn", f"{_name(gpu)}: bad memory is replaced at its next reset", reset)
        elif detail.ecc_uncorrected:
            text = f"{_name(gpu)}: {detail.ecc_uncorrected} uncorrected memory errors since the driver was loaded"
            yield Check("ecc", "warn", text, f"nvidia-smi -q -d ECC,ROW_REMAPPER -i {gpu.index}; {reset}")
        else:
            well += 1
    if well:
        yield Check("ecc", "ok", f"no uncorrected memory error on {units.count(well, 'GPU')}")


def xids(exam: Exam) -> Iterator[Check]:
    """What the driver told lately, newest of each number; whether it can tell."""
    snapshot, faults = exam.snapshot, exam.snapshot.faults
    if faults is not None and faults.why:
        login = snapshot.facts.login if snapshot.facts else "LOGIN"
        remedy = f"sudo usermod -aG systemd-journal {login}: its members may read the kernel's log"
        yield Check("xid", "warn", f"faults can't be read here: {faults.why}", remedy)
    if snapshot.xids is None:
        return
    newest = {(xid.number, "" if xid.number else xid.text): xid for xid in recent(snapshot.xids, exam.now)}
    for xid in newest.values():
        yield Check("xid", "warn", _told(exam, xid), _looked_up(xid))
    if not newest and (faults is None or faults.log):
        yield Check("xid", "ok", "no fault in the kernel's log of the last day")
    elif not newest and faults is not None and faults.since is not None:
        listened = units.duration(max(exam.now - faults.since, 0.0))
        yield Check("xid", "ok", f"no fault told for {listened}; older ones are in the kernel's log, which is closed")


def _told(exam: Exam, xid: Xid) -> str:
    ago = "" if xid.at is None else f", {units.duration(exam.now - xid.at)} ago"
    words = said(xid)
    return f"{called(xid)} at {xid.bus_id}{ago}" + (f": {words}" if words else "")


def _looked_up(xid: Xid) -> str:
    if xid.number is None:
        return "nvidia-smi -q -d ECC,ROW_REMAPPER shows what became of its memory"
    if of_a_program(xid):
        return f"a program's fault, the GPU is well: Xid {xid.number} in https://docs.nvidia.com/deploy/xid-errors"
    return f"Xid {xid.number} in https://docs.nvidia.com/deploy/xid-errors"


def throttle(exam: Exam) -> Iterator[Check]:
    known = [gpu for gpu in exam.snapshot.gpus if gpu.detail is not None and gpu.detail.throttle is not None]
    held = 0
    for gpu in known:
        harmful = [reason for reason in (gpu.detail.throttle or () if gpu.detail else ()) if reason in HARMFUL]
        if harmful:
            held += 1
            warm = f", {gpu.temperature:.0f} °C" if gpu.temperature is not None else ""
            detail = f"{_name(gpu)} is throttled by {', '.join(harmful)}{warm}"
            how = f"look at its cooling and power: nvidia-smi -q -d TEMPERATURE,POWER,PERFORMANCE -i {gpu.index}"
            yield Check("clocks", "warn", detail, how)
    hot = [gpu for gpu in exam.snapshot.gpus if _was_hot(gpu)]
    for gpu in hot:
        told, which = gpu.throttled, f"-i {gpu.index}"
        if told is not None and told.heat is not None:
            detail = f"{_name(gpu)} was throttled by heat for {units.duration(told.heat)}"
            remedy = f"look at its cooling: nvidia-smi -q -d TEMPERATURE,PERFORMANCE {which}"
            yield Check("clocks", "warn", f"{detail} of the last {units.duration(told.seconds)}", remedy)
    if known and not held and not hot:
        yield Check("clocks", "ok", "not throttled by heat or power supply")


def _was_hot(gpu: Gpu) -> bool:
    """In more than a hundredth of the time."""
    told = gpu.throttled
    return told is not None and told.heat is not None and told.heat > told.seconds / 100


def ghosts(exam: Exam) -> Iterator[Check]:
    for gpu in exam.snapshot.gpus:
        if gpu.availability.ghost:
            detail = f"{_name(gpu)} reports {units.percent(gpu.utilization)} without a process: a ghost of a killed one"
            yield Check("ghost", "warn", detail, f"sudo nvidia-smi --gpu-reset -i {gpu.index}, when nobody works on it")


def unread(exam: Exam) -> Iterator[Check]:
    """One row for all of which the same can't be told."""
    found: dict[str, list[Gpu]] = {}
    for gpu in exam.snapshot.gpus:
        if gpu.health == "ok" and gpu.availability.state == "unknown" and not gpu.availability.ghost:
            found.setdefault(gpu.availability.reason, []).append(gpu)
    for reason, gpus in found.items():
        fixes = (GAP_FIXES[gap.why] for gpu in gpus for gap in gpu.gaps if gap.why in GAP_FIXES)
        remedy = next(fixes, f"gpuws gpus {exam.snapshot.name}")
        yield Check("gpu", "warn", f"{_names(gpus)}: {reason}, so never called free", remedy)


def pids(exam: Exam) -> Iterator[Check]:
    if exam.misreports or any(one.kind == "misreports" for one in exam.snapshot.warnings):
        detail = f"driver {exam.snapshot.driver} misreports processes: some holders of GPUs are missing"
        yield Check("pids", "warn", detail, "upgrade the driver to 535.104 or later")


def _name(gpu: Gpu) -> str:
    return f"GPU {gpu.index}"


def _names(gpus: list[Gpu]) -> str:
    """`GPU 0`, `GPUs 0-7`, `GPUs 0, 2`."""
    indices = sorted(gpu.index for gpu in gpus)
    if len(indices) == 1:
        return f"GPU {indices[0]}"
    whole = indices == list(range(indices[0], indices[-1] + 1)) and len(indices) > 2
    return "GPUs " + (f"{indices[0]}-{indices[-1]}" if whole else ", ".join(map(str, indices)))
