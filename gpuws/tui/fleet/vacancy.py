"""A host's GPUs in a few words: what somebody looking for a GPU wants to know first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gpuws.model.gpu.gpu import Gpu
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.ownership.tenancy import NOBODY_KNOWN, person
from gpuws.model.ownership.usage import by_person, rests
from gpuws.present.alerts import alert_lines, alerts
from gpuws.present.figures import fraction, free_instances
from gpuws.present.glyphs import DOWN, IDLE, LOOK, NOTHING, PARTIAL
from gpuws.present.line import Line, Span, clean, joined
from gpuws.tui.fleet.row import Row
from gpuws.tui.toolkit.bars import spark
from gpuws.tui.toolkit.fitting import fitted

STRIP = 16
"""So many GPUs have a cell each on a folded row."""
ROOMY = 44
"""From so many cells on words are not abridged."""


def vacancy(row: Row, idle_after: float, now: float, room: int) -> Line:
    """`1 free · 1 idle · ⚠ reboot pending · 2 reserved, unused (carol)`.

    A folded row also shows each GPU and who is there."""
    snapshot, gpus = row.snapshot, row.snapshot.gpus
    marks = alerts(snapshot, now)
    parts: list[Line] = [
        (*(_strip(gpus, idle_after) if row.folded else ()), *_free(gpus)),
        *_failing(gpus),
        *_unknown(gpus),
        *alert_lines(alert for alert in marks if alert.role == "error"),
        *_idle(gpus, idle_after),
        *alert_lines(alert for alert in marks if alert.role != "error"),
        *_reserved(gpus, room),
        *(_people(snapshot) if row.folded else ()),
    ]
    if snapshot.readonly:
        parts.append((Span("read-only", "muted"),))
    if snapshot.engine is not None and snapshot.engine.error:
        parts.append((Span(clean(snapshot.engine.error), "muted"),))
    return fitted(parts, room)


def _strip(gpus: Sequence[Gpu], idle_after: float) -> Line:
    """A cell for each GPU, in their order: free, idle, failing, or how busy."""
    if len(gpus) > STRIP:
        return ()
    return (*(cell(gpu, idle_after) for gpu in sorted(gpus, key=lambda gpu: gpu.index)), Span("  "))


def cell(gpu: Gpu, idle_after: float) -> Span:
    if gpu.health != "ok":
        return Span(DOWN, "error")
    if gpu.free:
        return Span(NOTHING, "free")
    if any(instance.free for instance in gpu.mig_instances):
        return Span(PARTIAL, "free")
    if gpu.availability.state == "unknown":
        return Span("?", "warn")
    if rests(gpu, idle_after):
        return Span(IDLE, "idle")
    load = gpu.utilization if gpu.mig is None else _share(gpu)
    return Span(spark([load]).replace(" ", "?"), "mine" if gpu.mine else "text")


def _share(gpu: Gpu) -> float | None:
    """A divided GPU tells no utilization: how full it is."""
    part = fraction(gpu.memory_used, gpu.memory_total)
    return None if part is None else part * 100


def _free(gpus: Sequence[Gpu]) -> Line:
    free = sum(gpu.free for gpu in gpus)
    parts = free_instances(gpus)
    if not free and not parts:
        return (Span("full" if any(gpu.availability.state == "held" for gpu in gpus) else "0 free", "muted"),)
    return (Span(f"{free} free" + (f" +{parts} MIG" if parts else ""), "free"),)


def _failing(gpus: Sequence[Gpu]) -> Iterator[Line]:
    if bad := sum(gpu.health != "ok" for gpu in gpus):
        yield (Span(f"{LOOK} {bad} failing", "error"),)


def _unknown(gpus: Sequence[Gpu]) -> Iterator[Line]:
    if number := sum(gpu.health == "ok" and gpu.availability.state == "unknown" for gpu in gpus):
        yield (Span(f"{number} unknown", "warn"),)


def _idle(gpus: Sequence[Gpu], idle_after: float) -> Iterator[Line]:
    if sleepy := sum(rests(gpu, idle_after) for gpu in gpus):
        yield (Span(f"{sleepy} idle", "idle"),)


def _reserved(gpus: Sequence[Gpu], room: int) -> Iterator[Line]:
    reserved = [holder for gpu in gpus for holder in gpu.held_by if holder.kind == "reservation"]
    if reserved:
        people = joined(dict.fromkeys(clean(person(holder)) for holder in reserved), ", ")
        yield (Span(f"{len(reserved)} reserved" + (f", unused ({people})" if room >= ROOMY else ""), "idle"),)


def _people(snapshot: HostSnapshot) -> Iterator[Line]:
    """`carol 3`: who holds how many, mine first."""
    for share in sorted(
        by_person((snapshot,)), key=lambda share: (not share.mine, -share.gpus, share.user or "\uffff")
    ):
        yield (Span(f"{clean(share.user, 40) or NOBODY_KNOWN} {share.gpus}", "mine" if share.mine else "text"),)
