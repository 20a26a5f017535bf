"""Since when what holds a GPU has not worked, and what shows it. Pure.

Work is what was seen: a process above `AT_REST` percent of its GPU or `BUSY_CPU` percent of a core, a Jupyter kernel
that runs a cell. What was not watched counts only where something else tells of it: the kernel's last activity, the
output of its tmux session, or CPU time that did not grow while nobody looked."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from gpuws.model.gpu.reading import GpuReading, ProcessReading
from gpuws.model.session.notebook import Notebook

AT_REST = 5.0  # percent of a GPU
BUSY_CPU = 50.0  # percent of a core
QUIET_CPU = 5.0  # percent of a core: less is rest even where no GPU's utilization is known
GAP = 60.0  # seconds without a look, after which only CPU time can say that it rested
SHORTEST = 60.0  # seconds; idle time is told in steps of it

Key = tuple[str, str]
"""A GPU's UUID, and a process of it (`process_key`) or the id of a container that runs none there."""

_MOMENT = re.compile(r" (?:\d\d \w+ )?\d\d:\d\d\Z")

Why = Literal["watched", "worked", "kernel", "session"]


@dataclass(frozen=True, slots=True)
class Rest:
    """Seen at rest from `began` to `seen`, without a break; `worked`: it was seen at work just before."""

    began: float
    seen: float
    worked: bool = False
    cpu_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Idle:
    since: float
    why: Why


def process_key(process: ProcessReading) -> Key:
    """A pid names another process later: its start belongs to it."""
    return process.gpu_uuid, f"{process.pid}@{process.started_at}"


def works(
    process: ProcessReading, gpu: GpuReading, others: Iterable[ProcessReading], notebook: Notebook | None = None
) -> bool | None:
    """None: nothing tells. `others` are all processes of that GPU, whose lists come later than its load."""
    if notebook is not None and notebook.state == "busy":
        return True
    if (process.cpu_percent or 0.0) > BUSY_CPU or max(process.utilization or 0.0, process.lately or 0.0) > AT_REST:
        return True
    if gpu.utilization is None or process.mig_uuid is not None:
        return _works_by_itself(process)
    if gpu.utilization <= AT_REST:
        return False
    if process.utilization is None:
        return True if all(other.pid == process.pid for other in others) else None
    explained = any((other.utilization or 0.0) > AT_REST for other in others)
    return False if explained else None


def _works_by_itself(process: ProcessReading) -> bool | None:
    """A load of the whole GPU says nothing of an instance of it."""
    if process.utilization is not None:
        return False
    return None if process.cpu_percent is None else process.cpu_percent > QUIET_CPU


def observe(before: Rest | None, at: float, working: bool | None, cpu_seconds: float | None = None) -> Rest | None:
    """What is known after a look at `at`, epoch seconds; None: nothing. What was known lasts for a while."""
    if working is None:
        return before if before is not None and 0 <= at - before.seen <= GAP else None
    if working:
        return Rest(at, at, True, cpu_seconds)
    if before is None or not _rested(before, at, cpu_seconds):
        return Rest(at, at, False, cpu_seconds)
    return Rest(before.began, at, before.worked, cpu_seconds)


def idle(rest: Rest, kernel: float | None = None, session: float | None = None) -> Idle:
    """`kernel` and `session`: their last activity. The session's is output, which work may lack: it only
    reaches back from where watching began."""
    if kernel is not None:
        kernel = min(kernel, rest.seen)
        if kernel > rest.began or not rest.worked:
            return Idle(kernel, "kernel")
    if rest.worked:
        return Idle(rest.began, "worked")
    if session is not None and session < rest.began:
        return Idle(session, "session")
    return Idle(rest.began, "watched")


def together(found: Iterable[Idle | None]) -> Idle | None:
    """Of several processes the one that worked last counts; unknown for one is unknown for all."""
    idles = list(found)
    known = [one for one in idles if one is not None]
    return max(known, key=lambda one: one.since) if known and len(known) == len(idles) else None


def seconds(one: Idle, now: float) -> float | None:
    """Whole minutes; None under one."""
    passed = (now - one.since) // SHORTEST * SHORTEST
    return passed if passed > 0 else None


def evidence(one: Idle, now: float, *, process: bool = True) -> str:
    """`worked until 14:05`; `process` False: it runs none. "watched since" means: at least since."""
    said = {
        "watched": "watched since" if process else "no process, watched since",
        "worked": "worked until" if process else "no process since",
        "kernel": "kernel's last activity",
        "session": "tmux session quiet since",
    }
    return f"{said[one.why]} {clock(one.since, now)}"


def grounds(said: str) -> str:
    """What `evidence` said, without the moment."""
    return _MOMENT.sub("", said)


def clock(at: float, now: float) -> str:
    """`14:05` of today, else `20 Nov 14:05`; local time."""
    then = datetime.fromtimestamp(at)
    return then.strftime("%H:%M" if then.date() == datetime.fromtimestamp(now).date() else "%d %b %H:%M")


def _rested(before: Rest, at: float, cpu_seconds: float | None) -> bool:
    """Nothing happened since the look before, as far as CPU time tells where that is long ago."""
    passed = at - before.seen
    if 0 <= passed <= GAP:
        return True
    if passed < 0 or cpu_seconds is None or before.cpu_seconds is None:
        return False
    return 0 <= cpu_seconds - before.cpu_seconds <= passed * QUIET_CPU / 100
