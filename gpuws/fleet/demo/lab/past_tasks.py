"""What the demo did in the background before it was looked at: a failure that was seen, and what went well."""

from __future__ import annotations

from gpuws.fleet.background.store import Call, NoStore
from gpuws.model.placement.plan import Asked, Progress, Want
from gpuws.model.task import Task, Why
from gpuws.model.units import timestamp

HOUR = 3600.0
VLLM = "vllm/vllm-openai:v0.10.2"


def past_tasks(now: float) -> tuple[Task, ...]:
    """Oldest first. `now`: epoch seconds."""
    flash = Asked("bravo", "flash-attn", Want())
    ago = now - 3 * HOUR, now - 2 * HOUR
    return (
        Task(
            "1", "demo-1", "pull_image", f"pull {VLLM}", "foxtrot", ago[0], "done", Progress("done", VLLM, 1.0),
            ago[0] + 312.0, VLLM, seen=True,
        ),
        Task(
            "2", "demo-2", "launch", "launch flash-attn", "bravo", ago[1], "failed", Progress("building", FAILED[-1]),
            ago[1] + 95.0, error=WHY, asked=flash, seen=True,
        ),
    )  # fmt: skip


FAILED = (
    "launch flash-attn on bravo",
    "Step 1/4 : FROM pytorch/pytorch:2.8.0-cuda12.8-cudnn9-runtime",
    "Step 3/4 : RUN pip install --no-build-isolation flash-attn==2.8.3",
    "OSError: CUDA_HOME environment variable is not set. Please set it to your CUDA install root.",
    "ERROR: Failed building wheel for flash-attn",
)
WHY = Why(
    "bravo: the build of gpuws/flash-attn failed: pip install flash-attn==2.8.3 returned 1",
    "its base image has no compiler: build FROM the -devel image of the same version",
)
LOGS = {
    "1": (
        f"pull {VLLM} on foxtrot", "pulling", "layer a3be5d4ce401: downloading 3.1G", "layer 6f4ebca3e823: done 29M",
        "layer a3be5d4ce401: unpacking 3.1G", "layer a3be5d4ce401: done 3.1G", f"done: {VLLM}",
    ),
    "2": (*FAILED, f"failed: {WHY.message}", f"→ {WHY.remedy}"),
}  # fmt: skip


class PastStore(NoStore):
    """Knows what those tasks said, each line a second after the other."""

    def __init__(self, tasks: tuple[Task, ...]) -> None:
        self._tasks = {task.id: task for task in tasks}

    def all(self) -> list[tuple[Task, Call]]:
        return [(task, _call(task)) for task in self._tasks.values()]

    def log(self, task_id: str) -> list[str]:
        if task_id not in self._tasks:
            return []
        began = self._tasks[task_id].began_at
        return [f"{timestamp(began + second)} {line}" for second, line in enumerate(LOGS[task_id])]


def _call(task: Task) -> Call:
    if task.asked is not None:
        return Call(task.verb, {"plan": task.asked})
    return Call(task.verb, {"host": task.host, "reference": task.title.partition(" ")[2]})
