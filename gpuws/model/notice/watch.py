""" "Tell me when it ends": said once of a container, a session, a process, a kernel, a GPU, a host, a task or a wait.
Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from gpuws.model.gpu.gpu import processes_of
from gpuws.model.host.host import HostState
from gpuws.model.host.pace import another_look
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.notice.notice import Notice, identity, named, said
from gpuws.model.notice.seen import session_key, shown
from gpuws.model.placement.queued_wait import QueuedWait
from gpuws.model.task import Task
from gpuws.model.workspace.workspace import Workspace

Thing = Literal["container", "session", "process", "kernel", "gpu", "host", "task", "wait"]
IN_BACKGROUND = frozenset({"task", "wait"})
"""What no snapshot of a host tells of."""
STEADY = 2
"""Readings in a row in which it must be gone: one may be late, or cut short."""
GONE = {"gpu": "is free", "process": "has ended"}


@dataclass(frozen=True, slots=True)
class Watch:
    """`key`: what tells the thing for good: a container's id, of a session `session_key`, a pid, a kernel's
    id, a GPU's UUID, a task's mark, of a wait `wait_key`; of a host how it was. `label`: as people call it. `since`:
    epoch seconds.

    `gone`: readings in a row in which it had ended; `read_at`: the last of them."""

    id: str
    thing: Thing
    host: str
    key: str
    label: str
    since: float
    gone: int = 0
    read_at: float | None = None


def until(thing: Thing, key: str, label: str) -> str:
    """What is waited for: `train ends`, `GPU 3 is free`."""
    if thing == "gpu":
        return f"{label} is free"
    if thing == "host":
        return f"{label} {'is back' if key == 'away' else 'has a GPU free'}"
    return f"{label} ends"


def looked(watch: Watch, snapshot: HostSnapshot) -> tuple[Watch, str]:
    """The watch after this snapshot, and how it ended: "" not yet."""
    if watch.thing == "host":
        return watch, _host(watch, snapshot)
    needed = {"container": "containers", "session": "sessions"}.get(watch.thing, "telemetry")
    if snapshot.state is not HostState.UP or needed not in snapshot.complete:
        return watch, ""
    ending = _ENDINGS[watch.thing](watch, snapshot)
    if ending is None:
        return (replace(watch, gone=0) if watch.gone else watch), ""
    if ending:
        return watch, ending
    if not another_look(snapshot.updated_at, watch.read_at):
        return watch, ""
    watch = replace(watch, gone=watch.gone + 1, read_at=snapshot.updated_at)
    return watch, GONE.get(watch.thing, "is gone") if watch.gone >= STEADY else ""


def over(watch: Watch, ending: str, now: float) -> Notice:
    """What is told then."""
    bad = any(word in ending for word in ("exited", "died", "lost", "failed", "memory")) and "exited 0" not in ending
    text = said("" if watch.thing == "host" else watch.host, f"{watch.label} {ending}")
    key = identity("asked", watch.id, watch.host, watch.key, watch.since)
    return Notice(key, "asked", watch.host, named(watch.label), text, now, True, "bad" if bad else "good")


def besides(notices: Sequence[Notice], ends: Sequence[Notice]) -> list[Notice]:
    """Those of `notices` that `ends`, which somebody asked for, don't tell: these go wherever the others would."""
    asked = {(one.host, one.subject) for one in ends}
    return [one for one in notices if (one.host, one.subject or one.host) not in asked]


def task_ending(task: Task) -> str:
    """How it ended."""
    return f"{task.state}: {task.error.message}" if task.error else task.state


def wait_key(wait: QueuedWait) -> str:
    """Its number is another's after a while."""
    return f"{wait.id} {wait.since:.3f}"


def _container(watch: Watch, snapshot: HostSnapshot) -> str | None:
    """None: it goes on; "": it is not there; else how it ended. So the others."""
    found = next((one for one in snapshot.workspaces if one.id == watch.key), None)
    return "" if found is None else ended(found)


def ended(one: Workspace) -> str | None:
    return None if one.state != "exited" else one.reason or one.status


def _session(watch: Watch, snapshot: HostSnapshot) -> str | None:
    found = next((one for one in snapshot.sessions if session_key(one) == watch.key), None)
    if found is None:
        return ""
    now = shown(found)
    if now.what == "ended":
        return "ended" if now.status is None else f"exited {now.status}"
    if now.what == "waiting":
        return "waits for you"
    sure = now.judged or not found.layout  # a shell alone may be a script that runs
    return "has ended: its prompt is back" if now.what == "rest" and sure else None


def _process(watch: Watch, snapshot: HostSnapshot) -> str | None:
    return None if any(str(one.pid) == watch.key for gpu in snapshot.gpus for one in processes_of(gpu)) else ""


def _kernel(watch: Watch, snapshot: HostSnapshot) -> str | None:
    found = next((one for one in snapshot.notebooks if one.kernel == watch.key), None)
    if found is None:
        return ""
    return {"idle": "has finished: its kernel is idle", "dead": "died"}.get(found.state or "")


def _gpu(watch: Watch, snapshot: HostSnapshot) -> str | None:
    for uuid, place in _places(snapshot):
        if uuid == watch.key:
            return "" if place else None
    return None


def _places(snapshot: HostSnapshot) -> Iterator[tuple[str, bool]]:
    for gpu in snapshot.gpus:
        yield gpu.uuid, gpu.free
        yield from ((one.uuid, one.free) for one in gpu.mig_instances)


def _host(watch: Watch, snapshot: HostSnapshot) -> str:
    """`key` "away": until it is there; "busy": until one of its GPUs is free."""
    if snapshot.state is not HostState.UP:
        return ""
    if watch.key == "away":
        return "is back"
    free = [f"GPU {gpu.index}" for gpu in snapshot.gpus if gpu.free] if "telemetry" in snapshot.complete else []
    return f"has {', '.join(free)} free" if free else ""


_ENDINGS = {
    "container": _container, "session": _session, "process": _process, "kernel": _kernel, "gpu": _gpu,
}  # fmt: skip
