"""Who else is on GPUs that are to be put to use, and what must be typed for each of them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from gpuws.model.gpu import Gpu
from gpuws.model.reservations import names_of, uuids
from gpuws.model.slot import Slot, slots
from gpuws.model.tenancy import tenancy
from gpuws.model.text import typed


@dataclass(frozen=True, slots=True)
class Other:
    """Somebody on one GPU. `word`: the person's name, or HOST/INDEX where nobody can be named."""

    word: str
    detail: str


def others_on(
    wanted: Iterable[Slot], host: str, now: float | None = None, *, besides: str | None = None
) -> tuple[Other, ...]:
    """All but me, and but `besides`. Whoever reserved a GPU counts as whoever works on it."""
    return tuple(other for slot in wanted for other in _on(slot, host, now, besides))


def _on(slot: Slot, host: str, now: float | None, besides: str | None) -> Iterator[Other]:
    place = slot.mig or slot.gpu
    if slot.free or (not place.held_by and slot.gpu.health != "ok"):
        return
    strangers = [one.user for one in place.held_by if not one.mine and (one.user is None or one.user != besides)]
    if not place.held_by:
        strangers = [None]
    for word in dict.fromkeys(typed(name or "", f"{host}/{slot.label}") for name in strangers):
        yield Other(word, f"GPU {slot.label}: {tenancy(place, now)}.")


def within_reach(names: Sequence[str], gpus: Sequence[Gpu]) -> tuple[Slot, ...]:
    """GPUs and instances by the names that engines know: `all`, indices, UUIDs."""
    told = set(uuids(names, names_of(gpus)))
    return tuple(slot for gpu in gpus for slot in slots(gpu) if slot.uuid in told)
