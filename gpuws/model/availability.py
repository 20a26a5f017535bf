"""Whether a GPU, or an instance of one, is free, held or unknown, why, and since when. Pure; the one rule for it.

Memory and processes decide, and utilization where the device has it. What it does not have is an answer; what could
not be read is none, and whatever has no answer is never free."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from gpuws.model.reading import NO_PERMISSION, NOT_SUPPORTED, Gap

if TYPE_CHECKING:
    from gpuws.model.gpu import Gpu, MigInstance

State = Literal["free", "held", "unknown"]
Judgement = tuple[State, str]

UNEXPLAINED_MEMORY = 1 << 30
"""Drivers keep some hundred MiB without any process; more than this, and somebody whom we can't see holds it."""
NOISE = 1.0
"""Percent of utilization that some devices report at rest."""

UNSEEN = "memory in use by nobody visible"
GHOST = "busy without a process that is seen"
RESERVATIONS_UNSEEN = "reservations can't be seen here"
MUTE = "it tells too little of itself"


@dataclass(frozen=True, slots=True)
class Availability:
    """`reason`: why it is held or unknown; of a free one, what could not be seen. It holds no figures, so that it stays
    the same as long as nothing happens. `since`: epoch seconds; None where nobody watched it become so."""

    state: State
    reason: str = ""
    since: float | None = None


def of_gpu(gpu: Gpu) -> Availability:
    """A divided GPU is what its instances are together: its own figures are for administrators only."""
    if gpu.health != "ok":
        state: State = "held" if gpu.held_by else "unknown"
        return Availability(state, gpu.error or gpu.health.replace("-", " "), gpu.since)
    found = _held(gpu)
    if found is None and gpu.mig_instances:
        found = _together(gpu.mig_instances)
    if found is None:
        found = _unread(gpu.gaps) or _silent(gpu)
    return _dated(gpu, found or _free(gpu.gaps))


def of_instance(instance: MigInstance) -> Availability:
    found = _held(instance) or _unread(instance.gaps)
    return _dated(instance, found or _free(instance.gaps))


def unseen(place: Gpu | MigInstance) -> bool:
    """Memory is in use, and nobody is known who could have it. Memory shared with the host tells nothing."""
    shared = getattr(place, "unified", False)
    return not shared and not place.held_by and (place.memory_used or 0) >= UNEXPLAINED_MEMORY


def _held(place: Gpu | MigInstance) -> Judgement | None:
    kinds = {"unseen"} if unseen(place) else {one.kind for one in place.held_by}
    if not kinds:
        return None
    return "held", {"unseen": UNSEEN, "reservation": "reserved"}.get(kinds.pop() if len(kinds) == 1 else "", "in use")


def _together(instances: Iterable[MigInstance]) -> Judgement:
    """The worst of them."""
    found = [of_instance(one) for one in instances]
    worst = max(found, key=lambda one: ("free", "unknown", "held").index(one.state))
    return worst.state, worst.reason


def _unread(gaps: Iterable[Gap]) -> Judgement | None:
    unread = [gap for gap in gaps if gap.why != NOT_SUPPORTED and not _may_not_ask(gap)]
    if not unread:
        return None
    parts: dict[str, list[str]] = {}
    for gap in unread:
        parts.setdefault(gap.why, []).append(gap.part)
    return "unknown", "; ".join(f"{_listed(which)} {_words(why)}" for why, which in parts.items())


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if words[1:] else words)


def _words(why: str) -> str:
    return why if why.startswith("not ") else f"can't be read: {why}"


def _silent(gpu: Gpu) -> Judgement | None:
    """All was answered that it has, and that says too little, or that somebody works there."""
    missing = {gap.part for gap in gpu.gaps}
    if "memory" in missing and missing & {"processes", "utilization"}:
        return "unknown", MUTE
    if (gpu.utilization or 0) > NOISE:
        return "unknown", GHOST
    return None


def _free(gaps: Iterable[Gap]) -> Judgement:
    return "free", RESERVATIONS_UNSEEN if any(_may_not_ask(gap) for gap in gaps) else ""


def _may_not_ask(gap: Gap) -> bool:
    """An engine that I may not ask keeps nobody from what its GPUs tell themselves."""
    return gap.part == "reservations" and gap.why == NO_PERMISSION


def _dated(place: Gpu | MigInstance, found: Judgement) -> Availability:
    """Held since the first of its programs began, as far as they tell; else since when it was watched to be so."""
    state, reason = found
    starts = [one.started_at for one in place.processes if one.started_at is not None] if state == "held" else []
    return Availability(state, reason, min(starts) if starts else place.since)
