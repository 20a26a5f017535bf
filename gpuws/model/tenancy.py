"""Who lives on a GPU, in a few words. Pure but for the clock."""

from __future__ import annotations

import time

from gpuws.model import units
from gpuws.model.gpu import SOMEBODY, Gpu, GpuProcess, Holder, MigInstance

LONGEST = 40
"""Characters of a command."""


def tenancy(gpu: Gpu | MigInstance, now: float | None = None) -> str:
    """`alice: python train.py 61G, 3h12`, `carol: reserved, unused 2d`, `unknown: …`, `free`. `now`: epoch seconds."""
    if isinstance(gpu, Gpu) and gpu.health != "ok":
        return gpu.error or gpu.health
    if not tenanted(gpu):
        return vacancy(gpu)
    holder = gpu.held_by[0]
    more = f" and {len(gpu.held_by) - 1} more" if len(gpu.held_by) > 1 else ""
    who = holder.user or "somebody"
    if holder.kind == "reservation":
        return f"{who}: {holder.name} reserved, unused{_after(holder.idle_seconds)}{more}"
    own = [process for process in gpu.processes if _of(process, holder)]
    words = [f"{who}: {_what(holder, own)} {units.size(_memory(own, gpu.memory_used))}"]
    started = [process.started_at for process in own if process.started_at is not None]
    if started:
        words.append(units.duration((time.time() if now is None else now) - min(started)))
    if holder.idle_seconds is not None:
        words.append(f"idle{_after(holder.idle_seconds)}")
    return ", ".join(words) + more


def tenanted(place: Gpu | MigInstance) -> bool:
    """Somebody is known to live there, by name."""
    return any(holder != SOMEBODY for holder in place.held_by)


def vacancy(place: Gpu | MigInstance) -> str:
    """What is said where nobody is known to live."""
    found = place.availability
    if found.state == "held":
        return f"held by {SOMEBODY.name}, {units.size(place.memory_used)}"
    if found.state == "unknown":
        return f"unknown: {found.reason}"
    return f"free, {found.reason}" if found.reason else "free"


def _after(seconds: float | None) -> str:
    return "" if seconds is None else f" {units.duration(seconds)}"


def _of(process: GpuProcess, holder: Holder) -> bool:
    if holder.kind == "container":
        return process.container == holder.name
    return process.container is None and process.user == holder.user and holder.name in (process.command or "")


def _what(holder: Holder, processes: list[GpuProcess]) -> str:
    """A container by its name, with the tmux session where all of it runs; a process as it was typed, without its
    path."""
    if holder.kind == "container":
        sessions = {process.session for process in processes}
        session = sessions.pop() if len(sessions) == 1 else None
        return f"{holder.name}:{session}" if session else holder.name
    command = processes[0].command if processes else None
    words = (command or "").split()
    if not words:
        return holder.name
    program = words[0].rsplit("/", 1)[-1]
    text = program if program == holder.name else f"{program} {holder.name}"
    return text[:LONGEST]


def _memory(processes: list[GpuProcess], total: int | None) -> int | None:
    """What its own processes hold; all that is in use where that can't be told."""
    known = [process.memory for process in processes if process.memory is not None]
    return sum(known) if known and len(known) == len(processes) else total
