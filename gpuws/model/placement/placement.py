"""Which GPUs a launch gets, and why the others not (DESIGN §6). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from gpuws.model import units
from gpuws.model.gpu.gpu import Gpu, Holder, MigInstance
from gpuws.model.gpu.slot import Slot
from gpuws.model.gpu.topology import Score, closeness, described, sets
from gpuws.model.ownership.others import others_on
from gpuws.model.ownership.tenancy import tenancy, tenanted
from gpuws.model.placement.plan import Check, Device, Plan, RejectedGpu
from gpuws.model.profile.profile import GpuWish
from gpuws.model.workspace.workspace import Workspace

Place = TypeVar("Place", Gpu, MigInstance)

NOT_GIVEN = "is AMD's: containers are given NVIDIA's only"


@dataclass(frozen=True, slots=True)
class Placement:
    """`devices` in index order, `gpus` those they are or belong to; `checks` say what is wrong or risky about them."""

    gpus: tuple[Gpu, ...]
    checks: tuple[Check, ...]
    devices: tuple[Device, ...] = ()
    rejected: tuple[RejectedGpu, ...] = ()

    @property
    def uuids(self) -> tuple[str, ...]:
        return tuple(device.uuid for device in self.devices)


@dataclass(frozen=True, slots=True)
class _Candidate(Slot):
    @property
    def name(self) -> str:
        return f"{self.gpu.name} MIG {self.mig.profile or ''}".strip() if self.mig else self.gpu.name

    @property
    def memory(self) -> int | None:
        return (self.mig or self.gpu).memory_total

    @property
    def memory_free(self) -> int | None:
        used = (self.mig or self.gpu).memory_used
        return None if used is None or self.memory is None else max(self.memory - used, 0)

    def tenancy(self, now: float | None) -> str:
        return tenancy(self.place, now)

    def device(self) -> Device:
        return Device(self.uuid, self.gpu.uuid, self.gpu.index, self.label, self.name, not self.free, self.memory)


def choose(wish: GpuWish, gpus: Sequence[Gpu], now: float | None = None) -> Placement:
    """GPUs for `wish`. Named GPUs are taken as named, with a warning when somebody lives there."""
    if wish.none:
        return Placement((), ())
    if not gpus:
        return Placement((), (Check("gpus", "fail", "this host shows no GPU", "choose another host, or gpus: none"),))
    return _named(wish, gpus, now) if wish.explicit else _any(wish, gpus, now)


def claims(devices: Sequence[Device], containers: Sequence[Workspace]) -> list[str]:
    """Who was given one of `devices` meanwhile, as the engine itself lists it: `GPU 3: bob's eval`.

    What was shared knowingly is not listed."""
    found = []
    for device in devices:
        for container in containers:
            if not device.shared and container.holds and _holds(container, device):
                owner = f"{container.owner}'s " if container.owner else ""
                found.append(f"GPU {device.label}: {owner}{container.name}")
    return found


def reserved(gpus: Sequence[Gpu], containers: Sequence[Workspace]) -> tuple[Gpu, ...]:
    """`gpus` with what the engine lists in this moment: telemetry tells of a new container a little later."""
    return tuple(_reserved(gpu, [one for one in containers if one.holds]) for gpu in gpus)


def _reserved(gpu: Gpu, containers: Sequence[Workspace]) -> Gpu:
    """Only what nobody is known to hold is changed: who is known already is known better."""
    parts = {part.uuid: part for part in _parts(gpu)}
    claimed = {
        uuid: (Holder("reservation", one.name, one.owner, mine=one.mine),)
        for uuid, part in parts.items()
        for one in containers
        if not tenanted(part.place) and _holds(one, part.device())
    }
    instances = tuple(_claimed(one, claimed) for one in gpu.mig_instances)
    return replace(_claimed(gpu, claimed), mig_instances=instances)


def _claimed(place: Place, claimed: Mapping[str, tuple[Holder, ...]]) -> Place:
    """With who holds it by the engine's list, so that nothing is missing of that any more."""
    gaps = tuple(gap for gap in place.gaps if gap.part != "reservations")
    return replace(place, held_by=claimed.get(place.uuid, place.held_by), gaps=gaps)


def lost(plan: Plan, gpus: Sequence[Gpu]) -> list[str]:
    """What of a plan's GPUs is no longer as it was, with their tenants: one is not free any more, or somebody came to a
    shared one beside those who were there."""
    now = {candidate.uuid: candidate for gpu in gpus for candidate in _parts(gpu)}
    known = {other.word for other in plan.others}
    found = []
    for device in plan.devices:
        one = now.get(device.uuid)
        if one is None or one.free:
            continue
        if not device.shared or any(other.word not in known for other in others_on([one], plan.host)):
            found.append(f"GPU {one.label}: {one.tenancy(None)}")
    return found


def _holds(container: Workspace, device: Device) -> bool:
    """By request, or by gpuws' label. An instance and its GPU as a whole exclude each other."""
    keys = {"all", device.uuid, device.gpu, device.label, str(device.index)}
    told = {*container.gpus, *container.labels.get("gpuws.gpus", "").split(",")}
    whole = device.uuid == device.gpu
    return bool(keys & told) or (whole and any(key.startswith(f"{device.index}:") for key in told))


def _parts(gpu: Gpu) -> Iterator[_Candidate]:
    yield _Candidate(gpu)
    for instance in gpu.mig_instances:
        yield _Candidate(gpu, instance)


def _any(wish: GpuWish, gpus: Sequence[Gpu], now: float | None) -> Placement:
    candidates = [candidate for gpu in gpus for candidate in _offered(gpu, wish)]
    reasons = {candidate.uuid: _unsuitable(candidate, wish, now) for candidate in candidates}
    fit = [candidate for candidate in candidates if reasons[candidate.uuid] is None]
    rejected = tuple(RejectedGpu(c.label, reason) for c in candidates if (reason := reasons[c.uuid]) is not None)
    if len(fit) < wish.count:
        why = "; ".join(f"{one.label} {one.reason}" for one in rejected)
        detail = f"{wish.count} wanted, {len(fit)} fit" + (f": {why}" if why else "")
        remedy = "ask for fewer, choose another host, or name GPUs yourself"
        return _placed(fit, (Check("gpus", "fail", detail, remedy),), rejected)
    chosen = _best(fit, wish, gpus)
    names = ", ".join(f"{one.label} ({one.name})" for one in chosen)
    near = described([one.gpu for one in chosen])
    check = _good(chosen, names + (f", {near}" if near else ""))
    spared = tuple(RejectedGpu(c.label, "free, not needed", needed=False) for c in fit if c not in chosen)
    return _placed(chosen, (check,), rejected + spared)


def _offered(gpu: Gpu, wish: GpuWish) -> list[_Candidate]:
    """A divided GPU can't be had as a whole, and its instances only by whoever asks for such."""
    parts = [candidate for candidate in _parts(gpu) if candidate.mig]
    asked = wish.model and any(_matches(wish.model, f"MIG {part.mig.profile or ''}") for part in parts if part.mig)
    return parts if asked else [_Candidate(gpu)]


def _matches(model: str, name: str) -> bool:
    return re.search(model, name, re.IGNORECASE) is not None


def _unsuitable(candidate: _Candidate, wish: GpuWish, now: float | None) -> str | None:
    """Why it is not for a launch that names no GPUs; None: it is."""
    if candidate.mig is None and candidate.gpu.mig is not None and candidate.gpu.health == "ok":
        return "is divided (MIG): name an instance, or ask for model: MIG"
    if candidate.gpu.vendor != "nvidia":
        return NOT_GIVEN
    if not candidate.free:
        return candidate.tenancy(now)
    if wish.model and not _matches(wish.model, candidate.name):
        return f"is {candidate.name}"
    if wish.memory and (candidate.memory_free is None or candidate.memory_free < wish.memory):
        return f"{units.size(candidate.memory_free)} free"
    return None


def _best(fit: Sequence[_Candidate], wish: GpuWish, gpus: Sequence[Gpu]) -> list[_Candidate]:
    """Neighbours first, then what the policy wants, then low indices."""
    if any(candidate.mig for candidate in fit):
        return list(fit[: wish.count])
    by_gpu = {id(candidate.gpu): candidate for candidate in fit}
    busy = {_neighbourhood(gpu): 0 for gpu in gpus}
    for gpu in gpus:
        busy[_neighbourhood(gpu)] += not gpu.free
    sign = {"pack": 1, "spread": -1}.get(wish.policy, 0)

    def score(some: tuple[Gpu, ...]) -> tuple[Score, int]:
        return closeness(some), sign * sum(busy[_neighbourhood(gpu)] for gpu in some)

    best = max(sets([candidate.gpu for candidate in fit], wish.count), key=score)
    return [by_gpu[id(gpu)] for gpu in best]


def _neighbourhood(gpu: Gpu) -> int:
    return -1 if gpu.numa_node is None else gpu.numa_node


def _named(wish: GpuWish, gpus: Sequence[Gpu], now: float | None) -> Placement:
    everything = [candidate for gpu in gpus for candidate in _parts(gpu)]
    if wish.all:
        chosen, missing = [c for c in everything if c.mig or not c.gpu.mig_instances], []
    else:
        keys = [str(index) for index in wish.indices] or list(wish.uuids)
        by_key = {key: c for c in everything for key in (c.label, c.uuid)}
        chosen = [by_key[key] for key in dict.fromkeys(keys) if key in by_key]
        missing = [key for key in keys if key not in by_key]
    checks = []
    if missing:
        have = ", ".join(candidate.label for candidate in everything)
        checks.append(Check("gpus", "fail", f"no GPU {', '.join(missing)} on this host", f"it has {have}"))
    others = [candidate for candidate in chosen if candidate.gpu.vendor != "nvidia"]
    checks += [Check("gpus", "fail", f"GPU {one.label} {NOT_GIVEN}", "choose another host") for one in others]
    checks += [_warning(candidate, now) for candidate in chosen if not candidate.free or _divided(candidate)]
    if wish.all and not checks:
        what = f"all {len(chosen)} GPUs of the host" if len(chosen) > 1 else "the host's only GPU, as all of them"
        text = f"{what}: nobody else gets one there while it runs"
        checks.append(Check("gpus", "warn", text, "gpus: 1, or as many as it needs"))
    if not checks:
        checks.append(_good(chosen, ", ".join(candidate.label for candidate in chosen)))
    return _placed(sorted(chosen, key=lambda one: (one.gpu.index, one.mig.index if one.mig else -1)), tuple(checks), ())


def _good(chosen: Sequence[_Candidate], names: str) -> Check:
    """All are free; what could not be seen of them is said once."""
    blind = next((reason for one in chosen if (reason := one.availability.reason)), "")
    return Check("gpus", "warn" if blind else "ok", f"GPU {names}" + (f"; {blind}" if blind else ""))


def _divided(candidate: _Candidate) -> bool:
    return candidate.mig is None and candidate.gpu.mig is not None


def _warning(candidate: _Candidate, now: float | None) -> Check:
    if candidate.gpu.health == "ok" and _divided(candidate):
        text = f"GPU {candidate.label} is divided (MIG): programs use its first instance only"
        return Check("gpus", "warn", text, "name an instance by its UUID")
    text = f"GPU {candidate.label}: {candidate.tenancy(now)}"
    return Check("gpus", "warn" if candidate.gpu.health == "ok" else "fail", text, "choose a free one")


def _placed(chosen: Sequence[_Candidate], checks: tuple[Check, ...], rejected: tuple[RejectedGpu, ...]) -> Placement:
    gpus = tuple(dict.fromkeys(candidate.gpu.uuid for candidate in chosen))
    by_uuid = {candidate.gpu.uuid: candidate.gpu for candidate in chosen}
    devices = tuple(candidate.device() for candidate in chosen)
    return Placement(tuple(by_uuid[uuid] for uuid in gpus), checks, devices, rejected)
