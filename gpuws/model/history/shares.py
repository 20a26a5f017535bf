"""Who has a GPU at one moment, in which parts, and whether they work there. Pure.

One rule for a week's sums: a GPU is one, and persons who hold it together have equal parts of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from gpuws.model.gpu.gpu import Gpu, GpuProcess, Holder, processes_of
from gpuws.model.gpu.idle import AT_REST, grounds
from gpuws.model.history.usage import FREE, Holding, Keep
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.ownership.join import holder_of


class Share(NamedTuple):
    """`part` of the GPU; `used`: work was seen. `idle`: seconds without work, None where nothing shows that; `why`:
    what does."""

    holding: Holding
    part: float
    used: bool = False
    idle: float | None = None
    why: str = ""


def shares(gpu: Gpu, snapshot: HostSnapshot, profiles: Mapping[str, str], keep: Keep) -> tuple[Share, ...]:
    """All parts of `gpu`. `profiles`: by the name of a container, what it was launched from."""
    state = snapshot.availability(gpu).state
    if state != "held":
        return (Share(FREE if state == "free" else Holding("unknown"), 1.0),)
    people: dict[Holding, dict[str, list[Holder]]] = {}
    for holder in gpu.held_by:
        who = _who(holder, snapshot)
        people.setdefault(who, {}).setdefault(profiles.get(holder.name, "") if _boxed(holder) else "", []).append(
            holder
        )
    if not people:
        return (Share(Holding("unseen"), 1.0),)
    found = []
    for who, by_profile in people.items():
        for profile, holders in by_profile.items():
            part = 1 / len(people) / len(by_profile)
            found.append(_share(_kept(who, profile, keep), part, holders, gpu))
    return tuple(found)


def profiles_of(snapshot: HostSnapshot) -> Mapping[str, str]:
    """By the name of a container."""
    return {one.name: one.profile for one in snapshot.workspaces if one.profile}


def _boxed(holder: Holder) -> bool:
    return holder.kind in ("container", "reservation")


def _who(holder: Holder, snapshot: HostSnapshot) -> Holding:
    if holder.kind == "unseen":
        return Holding("unseen")
    return Holding("person", holder.user or "", snapshot.me.is_holder(holder))


def _kept(who: Holding, profile: str, keep: Keep) -> Holding:
    """As it is written down."""
    if who.kind != "person" or who.mine or keep == "all":
        return who._replace(profile=profile)
    return Holding("others")


def _share(holding: Holding, part: float, holders: Sequence[Holder], gpu: Gpu) -> Share:
    """It rests once all that it holds does; the last of them to work says since when."""
    resting = [one for one in holders if one.idle_seconds is not None]
    if len(resting) == len(holders):
        last = min(resting, key=lambda one: one.idle_seconds or 0.0)
        return Share(holding, part, False, last.idle_seconds, grounds(last.idle_evidence or ""))
    return Share(holding, part, any(_works(one, gpu) for one in holders if one not in resting))


def _works(holder: Holder, gpu: Gpu) -> bool:
    """Its programs' own load decides where it is told, else the GPU's."""
    if holder.kind == "reservation":
        return False
    own = [one.utilization for one in processes_of(gpu) if _its(one, holder)]
    known = [load for load in own if load is not None]
    return max(known) > AT_REST if known else (gpu.utilization or 0.0) > AT_REST


def _its(process: GpuProcess, holder: Holder) -> bool:
    one = holder_of(process)
    return (one.kind, one.name, one.user) == (holder.kind, holder.name, holder.user)
