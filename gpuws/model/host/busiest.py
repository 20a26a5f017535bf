"""Which processes load a host most, with whose they are. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gpuws.model.gpu.gpu import processes_of
from gpuws.model.host import programs
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.ownership.join import container_of, person_of, unlisted_container

WAITS = "D"
"""The state of one that waits for a disk, a server or a driver, and can't be ended in it."""


@dataclass(frozen=True, slots=True)
class LoadReading:
    """A process as a host tells it. Units: percent of one core, bytes, seconds, epoch seconds.

    `name`: the kernel's, at most 15 letters. `memory`: resident; `shared`: of that, what other processes may have, too.
    `state`: as `ps` has it. `waits`: for how long it is known not to have run while it waits, `waits_in`: in which
    function of the kernel, where that is told: of one's own processes."""

    pid: int
    parent: int | None = None
    name: str = ""
    user: str | None = None
    uid: int | None = None
    command: str | None = None
    state: str = ""
    cpu_percent: float | None = None
    memory: int | None = None
    shared: int | None = None
    started_at: float | None = None
    container_ids: tuple[str, ...] = ()
    session: str | None = None
    job: str | None = None
    waits: float | None = None
    waits_in: str | None = None


@dataclass(frozen=True, slots=True)
class StalledMount:
    """Places of one NFS server that does not answer, and pids of who waits for it."""

    server: str
    places: tuple[str, ...]
    waiting: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class LoadTold:
    """One answer of a host. `seconds`: over which CPU time was measured, None: since each began. `hidden`: /proc shows
    only my own processes there. `count`: of processes that can be seen."""

    processes: tuple[LoadReading, ...] = ()
    seconds: float | None = None
    count: int | None = None
    hidden: bool = False
    stalled: tuple[StalledMount, ...] = ()


@dataclass(frozen=True, slots=True)
class HostProcess:
    """A process, or several alike of one parent (`pids`), with its person.

    `kind`: what it is known as ("data loader", "VS Code server"), "" where its command says it. `gpus`: indices of
    those that it holds. `memory`: resident; of several, what they share is counted once. The rest is as in
    `LoadReading` and `GpuProcess`."""

    pids: tuple[int, ...]
    user: str | None = None
    command: str | None = None
    kind: str = ""
    state: str = ""
    cpu_percent: float | None = None
    memory: int | None = None
    started_at: float | None = None
    container: str | None = None
    session: str | None = None
    job: str | None = None
    gpus: tuple[int, ...] = ()
    mine: bool = False
    waits: float | None = None
    waits_in: str | None = None

    @property
    def pid(self) -> int:
        return self.pids[0]


@dataclass(frozen=True, slots=True)
class Busiest:
    """Of one host, those that take most CPU first. The rest is as in `LoadTold`; `cores`: of the host."""

    host: str
    at: float  # epoch seconds
    processes: tuple[HostProcess, ...] = ()
    seconds: float | None = None
    count: int | None = None
    hidden: bool = False
    cores: int | None = None
    stalled: tuple[StalledMount, ...] = ()


def busiest(told: LoadTold, snapshot: HostSnapshot, at: float) -> Busiest:
    """What the host told, with the names that are known of it."""
    on_gpus: dict[int, set[int]] = {}
    for gpu in snapshot.gpus:
        for process in processes_of(gpu):
            on_gpus.setdefault(process.pid, set()).add(gpu.index)
    by_pid = {one.pid: one for one in told.processes}
    groups: dict[object, list[LoadReading]] = {}
    for one in told.processes:
        kind = programs.kind_of(one, by_pid.get(one.parent or 0), frozenset(on_gpus))
        groups.setdefault(_alike(one, kind, one.pid in on_gpus), []).append(one)
    found = (_together(alike, by_pid, on_gpus, snapshot) for alike in groups.values())
    return Busiest(
        snapshot.name,
        at,
        tuple(sorted(found, key=lambda one: (-(one.cpu_percent or 0), -(one.memory or 0), one.pid))),
        told.seconds,
        told.count,
        told.hidden,
        snapshot.facts.cpu_count if snapshot.facts else None,
        told.stalled,
    )


def _alike(one: LoadReading, kind: str, holds: bool) -> object:
    """What is one row: workers of one parent with one command, none of which holds a GPU. One that waits in vain is a
    row of its own."""
    if holds or one.waits is not None or (one.parent or 0) <= 2:  # 2: the kernel's own
        return one.pid
    return one.parent, one.name, one.command, one.uid, kind, one.container_ids


def _together(
    alike: Sequence[LoadReading],
    by_pid: Mapping[int, LoadReading],
    on_gpus: Mapping[int, set[int]],
    snapshot: HostSnapshot,
) -> HostProcess:
    first = alike[0]
    container = container_of(first, {one.id: one for one in snapshot.workspaces})
    user = person_of(first, container)
    return HostProcess(
        pids=tuple(one.pid for one in alike),
        user=user,
        command=first.command,
        kind=programs.kind_of(first, by_pid.get(first.parent or 0), frozenset(on_gpus)),
        state=first.state,
        cpu_percent=_sum([one.cpu_percent for one in alike]),
        memory=_memory(alike),
        started_at=min((one.started_at for one in alike if one.started_at is not None), default=None),
        container=container.name if container else unlisted_container(first),
        session=first.session,
        job=first.job,
        gpus=tuple(sorted(on_gpus.get(first.pid, ()))),
        mine=container.mine if container else snapshot.me.runs(user),
        waits=first.waits,
        waits_in=first.waits_in,
    )


def _sum(found: Sequence[float | None]) -> float | None:
    known = [one for one in found if one is not None]
    return round(sum(known), 1) if known else None


def _memory(alike: Sequence[LoadReading]) -> int | None:
    known = [(one.memory, min(one.shared or 0, one.memory)) for one in alike if one.memory is not None]
    if not known:
        return None
    return sum(memory - shared for memory, shared in known) + max(shared for _, shared in known)
