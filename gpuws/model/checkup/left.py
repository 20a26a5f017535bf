"""What is lost to a container, and what programs of mine left behind: each row names whose it is and what ends it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from gpuws.model import units
from gpuws.model.checkup.facts import Exam
from gpuws.model.gpu.gpu import UNSEEN
from gpuws.model.host.naming import labelled
from gpuws.model.placement.plan import Check

MUCH_SHM = 64 << 20
"""Bytes. Less is left by healthy programs, too: semaphores, small queues."""
SHOWN = 4


def shut(exam: Exam) -> Iterator[Check]:
    """systemd takes the devices away that NVIDIA's hook let in, when it reloads or a container's limits are changed."""
    for one in exam.shut:
        detail = f"{one.workspace}, yours, may not open {one.device} any more: systemd reloaded, or its limits changed"
        yield Check(
            "gpu_lost", "fail", detail, shlex.join(["gpuws", "restart", labelled(exam.snapshot.name, one.workspace)])
        )


def shm(exam: Exam) -> Iterator[Check]:
    """Memory until the next boot, whoever made it."""
    left = exam.left.shm if exam.left is not None else ()
    size = sum(bytes_ for _, bytes_ in left)
    if size < MUCH_SHM:
        return
    largest = sorted(left, key=lambda one: (-one[1], one[0]))
    more = f" and {len(left) - SHOWN} more" if len(left) > SHOWN else ""
    detail = f"{units.size(size)} in {units.count(len(left), 'file')} of yours that no program of yours has open"
    yield Check("shm_left", "warn", detail, shlex.join(["rm", "--", *(name for name, _ in largest[:SHOWN])]) + more)


def kernels(exam: Exam) -> Iterator[Check]:
    """They hold their GPUs, and no notebook leads to them."""
    for pid in exam.left.kernels if exam.left is not None else ():
        held = [gpu.index for gpu in exam.snapshot.gpus if any(one.pid == pid for one in gpu.processes)]
        holds = f", and holds GPU {', '.join(map(str, held))}" if held else ""
        detail = f"process {pid}, a kernel of yours, runs without its Jupyter server{holds}"
        yield Check("kernel_left", "warn", detail, f"kill {pid}")


def unseen(exam: Exam) -> Iterator[Check]:
    """Memory of a GPU that no process is told for. Who has its device open does not decide it: so has whoever reads
    its figures."""
    for gpu in exam.snapshot.gpus:
        if gpu.availability.reason == UNSEEN and gpu.memory_used is not None:
            detail = f"GPU {gpu.index}: {units.size(gpu.memory_used)} in use by nobody visible"
            remedy = f"sudo fuser -v /dev/nvidia{gpu.index} names who has it open: killed programs and other containers"
            yield Check("gpu_unseen", "warn", detail, remedy)
