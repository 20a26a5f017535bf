"""Who holds how much, over all hosts: by person, by container, and the fleet's totals. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from gpuws.model import units
from gpuws.model.gpu.gpu import Gpu, GpuProcess, Holder, MigInstance
from gpuws.model.host.host import HostState
from gpuws.model.host.naming import labelled
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.ownership.identity import Me
from gpuws.model.ownership.join import holder_of
from gpuws.model.ownership.tenancy import NOBODY_KNOWN
from gpuws.model.settings import Thresholds

IDLE_AFTER = Thresholds().idle_after


@dataclass(frozen=True, slots=True)
class Share:
    """What one person, or one container, holds. `user` None: nobody knows whose it is.

    I am one person, whatever I am called on each host: `mine` is True, `user` the name under which I hold most,
    `aliases` are the others.

    `gpus` counts each GPU once, shared or divided ones too; `idle` are those of them on which all it holds rests,
    `reserved` those on which it runs nothing, `shared` those that others hold, too.
    `memory`: bytes of its processes, as far as they are known; `unknown`: processes that don't tell theirs."""

    user: str | None
    gpus: int = 0
    idle: int = 0
    reserved: int = 0
    shared: int = 0
    memory: int = 0
    unknown: int = 0
    mine: bool = False
    aliases: tuple[str | None, ...] = ()
    host: str | None = None  # of a container
    container: str | None = None

    def __str__(self) -> str:
        """`alice: 5 GPUs, 310G, 2 of them idle`"""
        name = labelled(self.host or "", self.container) if self.container else self.user or NOBODY_KNOWN
        words = [units.count(self.gpus, "GPU")]
        if self.memory:
            words.append(units.size(self.memory) + ("+?" if self.unknown else ""))
        if self.idle:
            words.append("idle" if self.idle == self.gpus == 1 else f"{self.idle} of them idle")
        return f"{name}: {', '.join(words)}"


@dataclass(frozen=True, slots=True)
class Totals:
    """The fleet at one moment. What is not known is counted beside each sum, never as zero.

    `free`, `held` and `unknown` GPUs are of hosts that are up, `faulty` ones are not unknown. `unseen`: GPUs of hosts
    that are not, with old values only.
    Memory and power are of GPUs of hosts that are up."""

    hosts: int = 0
    hosts_up: int = 0
    gpus: int = 0
    free: int = 0
    held: int = 0
    unknown: int = 0
    idle: int = 0
    faulty: int = 0
    unseen: int = 0
    memory_total: int = 0  # bytes
    memory_free: int = 0
    memory_unknown: int = 0  # GPUs
    power: float = 0.0  # watts
    power_unknown: int = 0  # GPUs


_Key = tuple[str, str, bool, str]
"""Host and container, "" for any; whether it is me, and if not, who."""


@dataclass(frozen=True, slots=True)
class _Part:
    """What a holder has on one GPU."""

    host: str
    gpu: Gpu
    holder: Holder
    me: bool
    memory: int
    unknown: int
    resting: bool
    shared: bool


def by_person(snapshots: Sequence[HostSnapshot], idle_after: float = IDLE_AFTER) -> tuple[Share, ...]:
    """Who holds most comes first; old values of hosts that are away count too. `idle_after`: seconds."""
    shares = _shares(_parts(snapshots, idle_after), lambda part: ("", "", *_person(part)))
    return tuple(sorted(shares, key=lambda share: (-share.gpus, -share.memory, share.user or "\uffff")))


def by_container(snapshots: Sequence[HostSnapshot], idle_after: float = IDLE_AFTER) -> tuple[Share, ...]:
    """Each container that holds a GPU, by host and name."""
    parts = (part for part in _parts(snapshots, idle_after) if part.holder.kind in ("container", "reservation"))
    shares = _shares(parts, lambda part: (part.host, part.holder.name, *_person(part)))
    return tuple(sorted(shares, key=lambda share: (share.host or "", share.container or "")))


def goes_to(share: Share, me: Me, holder: Holder) -> bool:
    """Whether a holder on a host where I am `me` is counted in that person's share."""
    return me.is_holder(holder) is share.mine and (holder.user or None) in (share.user, *share.aliases)


def totals(snapshots: Sequence[HostSnapshot], idle_after: float = IDLE_AFTER) -> Totals:
    live = [gpu for snapshot in snapshots if snapshot.state is HostState.UP for gpu in snapshot.gpus]
    every = sum(len(snapshot.gpus) for snapshot in snapshots)
    states = [gpu.availability.state for gpu in live]
    free_memory = [gpu.memory_free for gpu in live]
    return Totals(
        hosts=len(snapshots),
        hosts_up=sum(snapshot.state is HostState.UP for snapshot in snapshots),
        gpus=every,
        free=states.count("free"),
        held=states.count("held"),
        unknown=sum(state == "unknown" and gpu.health == "ok" for gpu, state in zip(live, states, strict=True)),
        idle=sum(rests(gpu, idle_after) for gpu in live),
        faulty=sum(gpu.health != "ok" for gpu in live),
        unseen=every - len(live),
        memory_total=sum(gpu.memory_total or 0 for gpu in live if gpu.memory_free is not None),
        memory_free=sum(memory for memory in free_memory if memory is not None),
        memory_unknown=free_memory.count(None),
        power=sum(gpu.power for gpu in live if gpu.power is not None),
        power_unknown=sum(gpu.power is None for gpu in live),
    )


def rests(place: Gpu | MigInstance, idle_after: float = IDLE_AFTER) -> bool:
    """Somebody holds it, and nobody who does has worked for `idle_after` seconds."""
    return bool(place.held_by) and all(holder.rests(idle_after) for holder in place.held_by)


def _has(holder: Holder, process: GpuProcess) -> bool:
    one = holder_of(process)
    return (one.kind, one.name, one.user) == (holder.kind, holder.name, holder.user)


def _person(part: _Part) -> tuple[bool, str]:
    return _somebody(part.me, part.holder)


def _somebody(me: bool, holder: Holder) -> tuple[bool, str]:
    return me, "" if me else holder.user or ""


def _memory(gpu: Gpu, holder: Holder) -> list[int | None]:
    """Of each of its processes; of somebody unseen, what is in use."""
    if holder.kind == "unseen":
        return [gpu.memory_used]
    return [process.memory for process in gpu.processes if _has(holder, process)]


def _parts(snapshots: Sequence[HostSnapshot], idle_after: float) -> Iterator[_Part]:
    for snapshot in snapshots:
        for gpu in snapshot.gpus:
            people = {_somebody(snapshot.me.is_holder(holder), holder) for holder in gpu.held_by}
            for holder in gpu.held_by:
                memory = _memory(gpu, holder)
                known = sum(one for one in memory if one is not None)
                me, rests = snapshot.me.is_holder(holder), holder.rests(idle_after)
                yield _Part(snapshot.name, gpu, holder, me, known, memory.count(None), rests, len(people) > 1)


def _shares(parts: Iterable[_Part], key: Callable[[_Part], _Key]) -> list[Share]:
    groups: dict[_Key, dict[tuple[str, str], list[_Part]]] = {}
    for part in parts:
        groups.setdefault(key(part), {}).setdefault((part.host, part.gpu.uuid), []).append(part)
    return [_share(host, container, list(gpus.values())) for (host, container, *_), gpus in groups.items()]


def _share(host: str, container: str, gpus: list[list[_Part]]) -> Share:
    every = [part for parts in gpus for part in parts]
    (user, _), *others = Counter(part.holder.user or None for part in every).most_common()
    share = Share(
        user=user,
        gpus=len(gpus),
        idle=sum(all(part.resting for part in parts) for parts in gpus),
        reserved=sum(all(part.holder.kind == "reservation" for part in parts) for parts in gpus),
        shared=sum(parts[0].shared for parts in gpus),
        memory=sum(part.memory for part in every),
        unknown=sum(part.unknown for part in every),
        mine=every[0].me,
        aliases=tuple(name for name, _ in others),
    )
    return replace(share, host=host, container=container) if container else share
