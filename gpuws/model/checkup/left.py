"""What is lost to a container, and what programs of mine left behind: each row names whose it is and what ends it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from gpuws.model import units
from gpuws.model.checkup import claims, mending
from gpuws.model.checkup.facts import Exam, Leftovers, Opener
from gpuws.model.gpu.gpu import UNSEEN, Gpu
from gpuws.model.host.naming import labelled
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.placement.plan import Check
from gpuws.model.text import plain
from gpuws.model.workspace.workspace import Workspace

MUCH_SHM = 64 << 20
"""Bytes. Less is left by healthy programs, too: semaphores, small queues."""
SHOWN = 4


def shut(exam: Exam) -> Iterator[Check]:
    """systemd takes the devices away that NVIDIA's hook let in, when it reloads or a container's limits are changed."""
    snapshot = exam.snapshot
    for one in exam.shut:
        detail = f"{one.workspace}, yours, may not open {one.device} any more: systemd reloaded, or its limits changed"
        remedy = shlex.join(["gpuws", "restart", labelled(snapshot.name, one.workspace)])
        mends = (mending.restarted(each, snapshot) for each in snapshot.workspaces if each.typed == one.workspace)
        yield Check("gpu_lost", "fail", detail, remedy, next(mends, None))


def shm(exam: Exam) -> Iterator[Check]:
    """Memory until the next boot, whoever made it."""
    left = exam.left.shm if exam.left is not None else ()
    size = sum(bytes_ for _, bytes_ in left)
    if size < MUCH_SHM:
        return
    largest = sorted(left, key=lambda one: (-one[1], one[0]))
    more = f" and {len(left) - SHOWN} more" if len(left) > SHOWN else ""
    whose = _whose(exam)
    detail = f"{units.size(size)} in {units.count(len(left), 'file')} {whose} that no program {whose} has open"
    remedy = shlex.join(["rm", "--", *(name for name, _ in largest[:SHOWN])]) + more
    if exam.snapshot.me.shared:
        remedy = "ls -l /dev/shm says since when: ask whose it is"
    yield Check("shm_left", "warn", detail, remedy, mending.emptied([name for name, _ in largest], size, exam.snapshot))


def kernels(exam: Exam) -> Iterator[Check]:
    """They hold their GPUs, and no notebook leads to them."""
    for pid in exam.left.kernels if exam.left is not None else ():
        held = [gpu.index for gpu in exam.snapshot.gpus if any(one.pid == pid for one in gpu.processes)]
        holds = f", and holds GPU {', '.join(map(str, held))}" if held else ""
        detail = f"process {pid}, a kernel {_whose(exam)}, runs without its Jupyter server{holds}"
        lost = f"{detail.partition(',')[0]}: its variables are lost, and what it holds of a GPU is freed."
        mend = mending.ended(pid, _began(exam, pid), lost, exam.snapshot)
        yield Check("kernel_left", "warn", detail, _kill(exam, pid), mend)


def unseen(exam: Exam) -> Iterator[Check]:
    """Memory of a GPU that no process is told for. Who has its device open does not decide it: so has whoever reads
    its figures. Of others only root sees it; which containers can reach the GPU is known."""
    snapshot = exam.snapshot
    for gpu in snapshot.gpus:
        if gpu.availability.reason != UNSEEN or gpu.memory_used is None:
            continue
        detail = f"GPU {gpu.index}: {units.size(gpu.memory_used)} in use by nobody visible"
        mine = [one for one in hidden(exam.left, snapshot) if one.gpu == gpu.index] if exam.left is not None else []
        who = [f"process {one.pid} ({plain(one.name, 40)}) {_whose(exam)}" for one in mine]
        who += [f"{one.typed}, {claims.whose(one)}" for one in snapshot.workspaces if _has(one, gpu)]
        detail += f"; it is open to {', '.join(who[:SHOWN])}" if who else ""
        remedy = f"sudo fuser -v /dev/nvidia{gpu.index} names who has it open: killed programs and other containers"
        for one in mine:
            lost = f"process {one.pid} ({plain(one.name, 40)}) has /dev/nvidia{one.gpu} open: what it did is lost."
            mend = mending.ended(one.pid, one.began, lost, snapshot)
            yield Check("gpu_unseen", "warn", detail, _kill(exam, one.pid), mend)
        if not mine:
            yield Check("gpu_unseen", "warn", detail, remedy)


def hidden(left: Leftovers, snapshot: HostSnapshot) -> list[Opener]:
    """Processes of mine that have a GPU's device open and are seen on none: CUDA opens the devices of all, so one that
    is seen works elsewhere and holds nothing here."""
    seen = {process.pid for gpu in snapshot.gpus for process in gpu.processes}
    return [one for one in left.openers if one.pid not in seen]


def _whose(exam: Exam) -> str:
    """Behind what is known by its login alone."""
    facts, me = exam.snapshot.facts, exam.snapshot.me
    return f"of {facts.login}, which is several people's login," if me.shared and facts else "of yours"


def _kill(exam: Exam, pid: int) -> str:
    return f"ps -fp {pid} says what it is: ask whose" if exam.snapshot.me.shared else f"kill {pid}"


def _has(workspace: Workspace, gpu: Gpu) -> bool:
    named = {gpu.uuid, str(gpu.index), "all"}
    return workspace.holds and not named.isdisjoint((*workspace.gpus, *workspace.reach))


def _began(exam: Exam, pid: int) -> int:
    return dict(exam.left.began).get(pid, 0) if exam.left is not None else 0
