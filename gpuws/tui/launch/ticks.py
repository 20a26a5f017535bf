"""What the GPU field says, as ticks on the picture of a host's GPUs, and back. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from gpuws.model.errors import UsageError
from gpuws.model.gpu.gpu import Gpu
from gpuws.model.gpu.slot import Slot
from gpuws.model.profile.gpu_spec import spec
from gpuws.model.profile.profile import GpuWish
from gpuws.tui.launch.draft import Draft


def wish_of(draft: Draft) -> GpuWish | None:
    """None where nothing is said, or nothing that can be read yet."""
    try:
        return draft.wish
    except UsageError:
        return None


def named(draft: Draft) -> bool:
    """The GPUs were chosen one by one."""
    wish = wish_of(draft)
    return wish is not None and (wish.explicit or wish.none)


def number(draft: Draft, profile: int) -> int:
    """How many are wanted. `profile`: by the profile."""
    wish = wish_of(draft)
    if wish is None or wish.all:
        return profile
    return len(wish.indices or wish.uuids) or wish.count


def ticked(draft: Draft, gpus: Sequence[Gpu], planned: Iterable[str]) -> frozenset[str]:
    """UUIDs of those that are named; where none are, `planned`: those that the plan took."""
    wish = wish_of(draft)
    if wish is None or not (wish.explicit or wish.none):
        return frozenset(planned)
    slots = [slot for gpu in gpus for slot in offered(gpu)]
    return frozenset(
        slot.uuid for slot in slots if wish.all or slot.uuid in wish.uuids or slot.label in map(str, wish.indices)
    )


def as_spec(uuids: Collection[str], gpus: Sequence[Gpu]) -> str:
    """What names these GPUs: their numbers, or where instances are among them UUIDs."""
    slots = [slot for gpu in gpus for slot in offered(gpu) if slot.uuid in uuids]
    if any(slot.mig for slot in slots):
        return spec(GpuWish(uuids=tuple(slot.uuid for slot in slots)))
    return spec(GpuWish(indices=tuple(slot.gpu.index for slot in slots)))


def unasked(slots: Sequence[Slot]) -> str:
    """The GPU of these that I hold already, by its label; "" where there is none: another job there would be in the way
    of mine."""
    return next((slot.label for slot in slots if not slot.free and any(one.mine for one in slot.place.held_by)), "")


def offered(gpu: Gpu) -> tuple[Slot, ...]:
    """Instances stand for a divided GPU."""
    return tuple(Slot(gpu, instance) for instance in gpu.mig_instances) or (Slot(gpu),)
