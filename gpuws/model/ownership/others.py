"""Who else is on GPUs that are to be put to use, and what must be typed for each of them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from gpuws.model.gpu.gpu import SOMEBODY, Gpu, Holder
from gpuws.model.gpu.slot import Slot, slots
from gpuws.model.host.naming import labelled
from gpuws.model.ownership.reservations import names_of, uuids
from gpuws.model.ownership.tenancy import tenancy
from gpuws.model.text import typed
from gpuws.model.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Other:
    """Somebody on one GPU. `word`: the person's name, or HOST/INDEX where nobody can be named."""

    word: str
    detail: str


def others_on(
    wanted: Iterable[Slot], host: str, now: float | None = None, *, besides: Workspace | None = None
) -> tuple[Other, ...]:
    """All but me, and but a container and its owner. Whoever reserved a GPU counts as whoever works on it."""
    return tuple(other for slot in wanted for other in _on(slot, host, now, besides))


def _on(slot: Slot, host: str, now: float | None, besides: Workspace | None) -> Iterator[Other]:
    if slot.free:
        return
    there = slot.place.held_by or (SOMEBODY,)  # what can't be told is taken for somebody
    strangers = [one.user or "" for one in there if not one.mine and not _of(one, besides)]
    for word in dict.fromkeys(typed(name, labelled(host, slot.label)) for name in strangers):
        yield Other(word, f"GPU {slot.label}: {tenancy(slot.place, now)}.")


def _of(holder: Holder, container: Workspace | None) -> bool:
    if container is None:
        return False
    itself = holder.kind != "process" and holder.name == container.name
    return itself or (holder.user is not None and holder.user == container.owner)


def within_reach(names: Sequence[str], gpus: Sequence[Gpu]) -> tuple[Slot, ...]:
    """GPUs and instances by the names that engines know: `all`, indices, UUIDs."""
    told = set(uuids(names, names_of(gpus)))
    return tuple(slot for gpu in gpus for slot in slots(gpu) if slot.uuid in told)
