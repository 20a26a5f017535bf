"""Who lives on a GPU: the one rule for whose is whose, and the words for it. Pure but for the clock.

Launches say in these words why they leave a GPU alone; the screen and the shell add their colours (`present.holders`).
"""

from __future__ import annotations

import time
from collections.abc import Iterable

from gpuws.model import units
from gpuws.model.gpu.gpu import SOMEBODY, Gpu, GpuProcess, Holder, MigInstance
from gpuws.model.ownership.join import holder_of

LONGEST = 40
"""Characters of a command."""
NOBODY_KNOWN = "somebody"
"""Who holds something where nobody knows whose it is."""


def tenanted(place: Gpu | MigInstance) -> bool:
    """Somebody is known to live there, by name."""
    return any(holder != SOMEBODY for holder in place.held_by)


def foremost(place: Gpu | MigInstance) -> Holder:
    """Whom to show where there is room for one: who runs before who only reserved, me before others."""
    return min(place.held_by, key=lambda one: (one.kind == "reservation", not one.mine))


def programs(holder: Holder, processes: Iterable[GpuProcess]) -> list[GpuProcess]:
    """Those of `processes` that make it a holder."""
    return [one for one in processes if _same(holder_of(one), holder)]


def _same(one: Holder, other: Holder) -> bool:
    return (one.kind, one.name, one.user) == (other.kind, other.name, other.user)


def person(holder: Holder) -> str:
    return holder.user or NOBODY_KNOWN


def rest(holder: Holder) -> str:
    """That it does not work: `reserved, unused 2d`, `idle 9h00`; "" where nobody knows that it does not."""
    since = "" if holder.idle_seconds is None else f" {units.duration(holder.idle_seconds)}"
    if holder.kind == "reservation":
        return f"reserved, unused{since}"
    return f"idle{since}" if since else ""


def defect(gpu: Gpu) -> str:
    """What is wrong with a GPU that is out of order; "" where it is not."""
    return "" if gpu.health == "ok" else gpu.error or gpu.health.replace("-", " ")


def tenancy(place: Gpu | MigInstance, now: float | None = None) -> str:
    """`alice: python train.py 61G, 3h12`, `carol: eval reserved, unused 2d`, `unknown: …`, `free`: of several holders
    the first. `now`: epoch seconds."""
    if isinstance(place, Gpu) and (wrong := defect(place)):
        return wrong
    if not tenanted(place):
        return vacancy(place)
    holder = place.held_by[0]
    more = f" and {len(place.held_by) - 1} more" if len(place.held_by) > 1 else ""
    if holder.kind == "reservation":
        return f"{person(holder)}: {holder.name} {rest(holder)}{more}"
    own = programs(holder, place.processes)
    words = [f"{person(holder)}: {_what(holder, own)} {units.size(_memory(own, place.memory_used))}"]
    started = [process.started_at for process in own if process.started_at is not None]
    if started:
        words.append(units.duration((time.time() if now is None else now) - min(started)))
    if resting := rest(holder):
        words.append(resting)
    return ", ".join(words) + more


def vacancy(place: Gpu | MigInstance) -> str:
    """What is said where nobody is known to live."""
    found = place.availability
    if found.state == "held":
        return f"held by {SOMEBODY.name}, {units.size(place.memory_used)}"
    if found.state == "unknown":
        return f"unknown: {found.reason}"
    return f"free, {found.reason}" if found.reason else "free"


def _what(holder: Holder, own: list[GpuProcess]) -> str:
    """A container by its name, with the tmux session where all of it runs; a process as it was typed, without its
    path."""
    if holder.kind == "container":
        sessions = {process.session for process in own}
        session = sessions.pop() if len(sessions) == 1 else None
        return f"{holder.name}:{session}" if session else holder.name
    command = own[0].command if own else None
    words = (command or "").split()
    if not words:
        return holder.name
    program = words[0].rsplit("/", 1)[-1]
    text = program if program == holder.name else f"{program} {holder.name}"
    return text[:LONGEST]


def _memory(own: list[GpuProcess], total: int | None) -> int | None:
    """What its own processes hold; all that is in use where that can't be told."""
    known = [process.memory for process in own if process.memory is not None]
    return sum(known) if known and len(known) == len(own) else total
