"""Waiting for GPUs: which are free for long enough, where a wish can come true at all, who is in the way. Pure.

Times are the hosts' samples: nothing is looked at more often than telemetry brings it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gpuws.model.gpu.gpu import Gpu, MigInstance
from gpuws.model.gpu.slot import Slot, slots
from gpuws.model.host.completeness import HOLDERS
from gpuws.model.host.host import HostState
from gpuws.model.host.pace import another_look
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.ownership.tenancy import tenancy
from gpuws.model.placement.placement import Placement, choose
from gpuws.model.placement.plan import Device, Plan
from gpuws.model.profile.profile import GpuWish

STEADY = 2
"""Samples in a row that must show a GPU free: between two programs of one script it is free for a moment, and a
container that was just made is listed a little after it took its GPUs."""

MOST = 1 << 20
"""More GPUs than any host has."""

Times = Mapping[str, int]
"""UUID of a GPU or MIG instance → in how many samples in a row it was free."""


@dataclass(frozen=True, slots=True)
class Observed:
    """What was seen of a host so far. `at`: epoch seconds of the newest sample that counts; `samples`: how
    many in a row."""

    at: float | None = None
    times: Times = field(default_factory=dict)
    samples: int = 0

    @property
    def enough(self) -> bool:
        return self.samples >= STEADY

    @property
    def steady(self) -> frozenset[str]:
        return frozenset(uuid for uuid, times in self.times.items() if times >= STEADY)


@dataclass(frozen=True, slots=True)
class Fit:
    """A host that has what is waited for. `detail`: the GPUs as a person reads them; `free`: how many it has in all."""

    host: str
    devices: tuple[Device, ...]
    detail: str
    free: int


def observed(before: Observed, snapshot: HostSnapshot) -> Observed:
    """`before` and what `snapshot` shows; a host that is not up, or does not show all, starts anew."""
    if snapshot.state is not HostState.UP or not snapshot.complete >= HOLDERS or snapshot.updated_at is None:
        return Observed()
    free = [slot.uuid for gpu in snapshot.gpus for slot in slots(gpu) if slot.free]
    if not another_look(snapshot.updated_at, before.at):  # no further look, but what is held now counts at once
        return replace(before, times={uuid: before.times[uuid] for uuid in free if uuid in before.times})
    return Observed(snapshot.updated_at, {uuid: before.times.get(uuid, 0) + 1 for uuid in free}, before.samples + 1)


def fitting(wish: GpuWish, snapshot: HostSnapshot, seen: Observed) -> Fit | None:
    """What a launch would get there now."""
    placement = _chosen(wish, snapshot, seen)
    if _fails(placement) or not placement.devices:
        return None
    if not seen.steady.issuperset(placement.uuids):  # GPUs that were named are chosen although they are held
        return None
    detail = ", ".join(f"{one.label} ({one.name})" for one in placement.devices)
    blind = next((f"; {reason}" for gpu in placement.gpus if (reason := gpu.availability.reason)), "")
    return Fit(snapshot.name, placement.devices, f"GPU {detail}{blind}", sum(gpu.free for gpu in snapshot.gpus))


def best_first(wish: GpuWish, fits: Sequence[Fit]) -> tuple[Fit, ...]:
    """What the policy wants first: the emptiest host, or for `pack` the fullest; else the configuration's order."""
    sign = 1 if wish.policy == "pack" else -1
    return tuple(sorted(fits, key=lambda fit: sign * fit.free))


def possible(wish: GpuWish, gpus: Sequence[Gpu]) -> bool:
    """Whether these GPUs would do if nobody held any."""
    if wish.explicit:
        return not _fails(choose(wish, [_emptied(gpu) for gpu in gpus]))
    return len(_suitable(wish, gpus)) >= wish.count


def mends(plan: Plan) -> bool:
    """Whether waiting would mend all that keeps this launch off, or it would have GPUs to itself then."""
    if plan.problems:
        return all(check.name == "gpus" for check in plan.problems)
    return bool(plan.others) or any(device.shared for device in plan.devices)


def in_the_way(wish: GpuWish, gpus: Sequence[Gpu]) -> tuple[int, tuple[str, ...]]:
    """How many GPUs for `wish` are free, and who has the others: `0 alice: train.py 61G, 3h12`."""
    known = {slot.uuid: slot for gpu in gpus for slot in slots(gpu)}
    suitable = [known[uuid] for uuid in _suitable(wish, gpus)]
    held = [slot for slot in suitable if not slot.free]
    return len(suitable) - len(held), tuple(f"{slot.label} {_tenant(slot)}" for slot in held)


def _suitable(wish: GpuWish, gpus: Sequence[Gpu]) -> tuple[str, ...]:
    """All that would do if nobody held any: asked for more than there can be, a placement lists them, chosen or not."""
    return choose(wish if wish.explicit else replace(wish, count=MOST), [_emptied(gpu) for gpu in gpus]).uuids


def _tenant(slot: Slot) -> str:
    return tenancy(slot.place)


def _chosen(wish: GpuWish, snapshot: HostSnapshot, seen: Observed) -> Placement:
    if wish.explicit:
        return choose(wish, snapshot.gpus)
    return choose(wish, [settled for gpu in snapshot.gpus for settled in _settled(gpu, seen.steady)])


def _fails(placement: Placement) -> bool:
    return any(check.status == "fail" for check in placement.checks)


def _settled(gpu: Gpu, steady: Collection[str]) -> Iterator[Gpu]:
    """`gpu` without what is free only since a moment."""
    if gpu.mig_instances:
        kept = tuple(one for one in gpu.mig_instances if not one.free or one.uuid in steady)
        yield replace(gpu, mig_instances=kept)
    elif not gpu.free or gpu.uuid in steady:
        yield gpu


def _emptied(gpu: Gpu) -> Gpu:
    """As if nobody held it, all of it had been read and nothing were wrong with it."""
    instances = tuple(_without_people(one) for one in gpu.mig_instances)
    used = None if gpu.memory_used is None else 0
    return replace(
        gpu, health="ok", error=None, held_by=(), processes=(), memory_used=used, utilization=None, gaps=(),
        mig_instances=instances,
    )  # fmt: skip


def _without_people(instance: MigInstance) -> MigInstance:
    used = None if instance.memory_used is None else 0
    return replace(instance, held_by=(), processes=(), memory_used=used, gaps=())
