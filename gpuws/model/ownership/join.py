"""The join: pid → container → person, so that a GPU's row says who lives there. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Protocol

from gpuws.model.gpu import idle
from gpuws.model.gpu.gpu import SOMEBODY, Availability, Gpu, GpuProcess, Holder, MigInstance, unseen
from gpuws.model.gpu.idle import Idle
from gpuws.model.gpu.reading import Gap, GpuReading, MigReading, ProcessReading
from gpuws.model.ownership.identity import Me
from gpuws.model.ownership.reservations import names_of, of_gpu, reservations, uuids
from gpuws.model.session.notebook import Notebook
from gpuws.model.session.panes import Panes, panes_of, session_of
from gpuws.model.session.session import Session
from gpuws.model.workspace.workspace import Workspace

_OF_GPU = tuple(one.name for one in fields(GpuReading) if one.name != "gaps")
_OF_MIG = tuple(one.name for one in fields(MigReading) if one.name != "gaps")
_ID = 64  # characters of an engine's id; LXC has names instead


class Placed(Protocol):
    """A process by what says whose it is, whoever told of it."""

    @property
    def user(self) -> str | None: ...
    @property
    def uid(self) -> int | None: ...
    @property
    def container_ids(self) -> tuple[str, ...]: ...


Living = Sequence[tuple[ProcessReading, GpuProcess]]


@dataclass(frozen=True, slots=True)
class Past:
    """What earlier readings tell: `Gpu.trend` by UUID, since when who rests, how available each GPU and MIG instance
    was by its UUID. `now`: epoch seconds."""

    trends: Mapping[str, tuple[int | None, ...]]
    idle: Mapping[idle.Key, Idle]
    now: float
    available: Mapping[str, Availability] = field(default_factory=dict)


NO_PAST = Past({}, {}, 0.0)


def join_gpus(
    gpus: Sequence[GpuReading],
    processes: Sequence[ProcessReading],
    containers: Sequence[Workspace],
    me: Me,
    notebooks: Iterable[Notebook] = (),
    past: Past = NO_PAST,
    sessions: Iterable[Session] = (),
    unlisted: str | None = None,
) -> tuple[Gpu, ...]:
    """GPUs with their processes and holders; `me` is who I am on that host, `sessions` those inside containers.

    `unlisted`: why `containers` are not all there are, as a `Gap` says it."""
    by_id = {container.id: container for container in containers}
    paths = {notebook.kernel: notebook.path for notebook in notebooks}
    panes = panes_of(sessions)
    kept = reservations(containers, gpus)
    living: dict[str, list[tuple[ProcessReading, GpuProcess]]] = {}
    for process in processes:
        living.setdefault(process.gpu_uuid, []).append((process, _process(process, by_id, me, paths, panes)))
    gaps = () if unlisted is None else (Gap("reservations", unlisted),)
    return tuple(_gpu(gpu, living.get(gpu.uuid, ()), kept, past, gaps) for gpu in gpus)


def join_containers(
    containers: Sequence[Workspace], processes: Sequence[ProcessReading], gpus: Sequence[GpuReading]
) -> tuple[Workspace, ...]:
    """Containers with their GPUs by UUID and the GPU memory their processes use.

    Memory is None where that of one process is unknown; a GPU that is not there stays as the engine names it."""
    by_id = {container.id: container for container in containers}
    memory: dict[str, int | None] = {}
    for process in processes:
        owner = container_of(process, by_id)
        if owner is not None:
            before = memory.get(owner.id, 0)
            memory[owner.id] = None if before is None or process.memory is None else before + process.memory
    names = names_of(gpus)
    return tuple(
        replace(c, gpus=uuids(c.gpus, names), gpu_memory=memory.get(c.id, 0 if c.gpus else None))
        if c.gpus or c.id in memory
        else c
        for c in containers
    )


def container_of(process: Placed, by_id: Mapping[str, Workspace]) -> Workspace | None:
    """The innermost container this host's engine lists; engines nested inside one are not its own."""
    return next((by_id[cid] for cid in reversed(process.container_ids) if cid in by_id), None)


def program(command: str | None) -> str | None:
    """`train.py` of `/usr/bin/python3 -u train.py --lr 1`: what a person calls it."""
    words = (command or "").split()
    if not words:
        return None
    first = words[0].rsplit("/", 1)[-1]
    if first.startswith("python"):
        script = next((word for word in words[1:] if not word.startswith("-")), None)
        return script.rsplit("/", 1)[-1] if script else first
    return first


def holder_of(process: GpuProcess) -> Holder:
    """Whom a process makes a holder of its GPU, without idle time: its container, else itself by its program."""
    if process.container:
        return Holder("container", process.container, process.user, mine=process.mine)
    name = program(process.command) or f"pid {process.pid}"
    return Holder("process", name, process.user, mine=process.mine)


def watched(gpus: Iterable[Gpu]) -> Mapping[str, Availability]:
    """How available each GPU and each MIG instance is, to be compared with what comes next."""
    found: dict[str, Availability] = {}
    for gpu in gpus:
        places: tuple[Gpu | MigInstance, ...] = (gpu, *gpu.mig_instances)
        found |= {place.uuid: replace(place.availability, since=place.since) for place in places}
    return found


def _gpu(
    gpu: GpuReading, living: Living, kept: Mapping[str, list[Workspace]], past: Past, gaps: tuple[Gap, ...]
) -> Gpu:
    reserved = _reserved(of_gpu(kept, gpu), living, gpu, past)
    joined = Gpu(
        **{name: getattr(gpu, name) for name in _OF_GPU},
        gaps=gpu.gaps + gaps,
        held_by=(*_holders(living, past), *reserved),
        processes=tuple(process for _, process in living),
        trend=past.trends.get(gpu.uuid, ()),
        mig_instances=tuple(_instance(one, gpu, living, kept, past, gaps) for one in gpu.mig or ()),
    )
    if unseen(joined) or any(SOMEBODY in one.held_by for one in joined.mig_instances):
        joined = replace(joined, held_by=(*joined.held_by, SOMEBODY))
    return replace(joined, since=_since(joined, past))


def _instance(
    mig: MigReading,
    gpu: GpuReading,
    living: Living,
    kept: Mapping[str, list[Workspace]],
    past: Past,
    gaps: tuple[Gap, ...],
) -> MigInstance:
    """Whoever was given the whole GPU was given each instance."""
    inside = [(reading, process) for reading, process in living if reading.mig_uuid == mig.uuid]
    given = {c.id: c for place in (gpu.uuid, mig.uuid) for c in kept.get(place, ())}
    joined = MigInstance(
        **{name: getattr(mig, name) for name in _OF_MIG},
        gaps=mig.gaps + gaps,
        held_by=(*_holders(inside, past), *_reserved(given.values(), inside, gpu, past)),
        processes=tuple(process for _, process in inside),
    )
    if unseen(joined):
        joined = replace(joined, held_by=(*joined.held_by, SOMEBODY))
    return replace(joined, since=_since(joined, past))


def _since(place: Gpu | MigInstance, past: Past) -> float | None:
    """When it became as available as it is; None where that was not watched."""
    before, now = past.available.get(place.uuid), place.availability
    if before is not None and (before.state, before.reason) == (now.state, now.reason):
        return before.since
    return past.now or None


def _process(
    reading: ProcessReading,
    by_id: Mapping[str, Workspace],
    me: Me,
    paths: Mapping[str, str],
    panes: Panes,
) -> GpuProcess:
    container = container_of(reading, by_id)
    user = person_of(reading, container)
    return GpuProcess(
        pid=reading.pid,
        user=user,
        command=reading.command,
        memory=reading.memory,
        utilization=reading.utilization,
        container=container.name if container else unlisted_container(reading),
        session=session_of(reading, container, panes),
        notebook=paths.get(reading.kernel) if reading.kernel else None,
        started_at=reading.started_at,
        mine=container.mine if container else me.runs(user),
        container_id=container.id if container else None,
        cpu_percent=None if reading.cpu_percent is None else round(reading.cpu_percent),
        # seen from a container further in, its pid means nothing to the one that is listed
        inner_pid=reading.inner_pid if container and reading.container_ids[-1] == container.id else None,
        mig_uuid=reading.mig_uuid,
        job=reading.job,
        kernel=reading.kernel,
        io_wait=reading.io_wait,
    )


def person_of(reading: Placed, container: Workspace | None) -> str | None:
    """Label, home mount, then uid; most containers run as root, which says nothing of whom."""
    if container is not None and container.owner:
        return container.owner
    root = reading.uid == 0 or reading.user == "root"
    return None if root and reading.container_ids else reading.user


def unlisted_container(reading: Placed) -> str | None:
    """The outermost container, by what /proc calls it."""
    if not reading.container_ids:
        return None
    name = reading.container_ids[0]
    return name[:12] if len(name) == _ID else name


def _holders(living: Living, past: Past) -> Iterable[Holder]:
    groups: dict[Holder, list[Idle | None]] = {}
    for reading, process in living:
        groups.setdefault(holder_of(process), []).append(past.idle.get(idle.process_key(reading)))
    return [_resting(holder, idle.together(found), past.now) for holder, found in groups.items()]


def _reserved(given: Iterable[Workspace], living: Living, gpu: GpuReading, past: Past) -> list[Holder]:
    """Containers that were given it and run nothing on it."""
    busy = {process.container_id for _, process in living}
    return [
        _resting(Holder("reservation", c.name, c.owner, mine=c.mine), past.idle.get((gpu.uuid, c.id)), past.now)
        for c in given
        if c.id not in busy
    ]


def _resting(holder: Holder, found: Idle | None, now: float) -> Holder:
    seconds = idle.seconds(found, now) if found else None
    if found is None or seconds is None:
        return holder
    said = idle.evidence(found, now, process=holder.kind != "reservation")
    return replace(holder, idle_seconds=seconds, idle_evidence=said)
