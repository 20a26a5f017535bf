"""The join: pid → container → person, so that a GPU's row says who lives there. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import fields, replace

from gpuws.model.container import Container
from gpuws.model.gpu import Gpu, GpuProcess, Holder
from gpuws.model.reading import GpuReading, ProcessReading


def join_gpus(
    gpus: Sequence[GpuReading],
    processes: Sequence[ProcessReading],
    containers: Sequence[Container],
    mine: Collection[str],
) -> tuple[Gpu, ...]:
    """GPUs with their processes and holders; `mine` are my names on that host."""
    by_id = {container.id: container for container in containers}
    return tuple(_gpu(gpu, [p for p in processes if p.gpu_uuid == gpu.uuid], by_id, mine) for gpu in gpus)


def join_containers(
    containers: Sequence[Container], processes: Sequence[ProcessReading], gpus: Sequence[GpuReading]
) -> tuple[Container, ...]:
    """Containers with their GPUs by UUID and the GPU memory their processes use.

    Memory is None where that of one process is unknown; a GPU that is not there stays as the engine names it."""
    by_id = {container.id: container for container in containers}
    memory: dict[str, int | None] = {}
    for process in processes:
        owner = container_of(process, by_id)
        if owner is not None:
            before = memory.get(owner.id, 0)
            memory[owner.id] = None if before is None or process.memory is None else before + process.memory
    return tuple(
        replace(c, gpus=_uuids(c, gpus), gpu_memory=memory.get(c.id, 0 if c.gpus else None)) for c in containers
    )


def container_of(process: ProcessReading, by_id: Mapping[str, Container]) -> Container | None:
    """The innermost container this host's engine lists; engines nested inside one are not its own."""
    return next((by_id[cid] for cid in reversed(process.container_ids) if cid in by_id), None)


def _uuids(container: Container, gpus: Sequence[GpuReading]) -> tuple[str, ...]:
    if "all" in container.gpus and gpus:
        return tuple(gpu.uuid for gpu in gpus)
    by_index = {str(gpu.index): gpu.uuid for gpu in gpus}
    return tuple(by_index.get(key, key) for key in container.gpus)


def _gpu(gpu: GpuReading, readings: list[ProcessReading], by_id: Mapping[str, Container], mine: Collection[str]) -> Gpu:
    processes = tuple(_process(reading, by_id, mine) for reading in readings)
    holders = [*_holders(readings, by_id, mine)]
    living = {holder.name for holder in holders if holder.kind == "container"}
    holders += [
        Holder("reservation", c.name, c.owner, mine=c.mine)
        for c in by_id.values()
        if _reserves(c, gpu) and c.name not in living
    ]
    reading = {field.name: getattr(gpu, field.name) for field in fields(GpuReading)}
    return Gpu(**reading, held_by=tuple(holders), processes=processes)


def _reserves(container: Container, gpu: GpuReading) -> bool:
    """A container keeps its GPUs while it runs, is paused, or was created and may start any moment."""
    if container.state not in ("running", "paused", "restarting", "created"):
        return False
    return bool({gpu.uuid, str(gpu.index), "all"} & set(container.gpus))


def _process(reading: ProcessReading, by_id: Mapping[str, Container], mine: Collection[str]) -> GpuProcess:
    container = container_of(reading, by_id)
    name = container.name if container else (reading.container_ids[0][:12] if reading.container_ids else None)
    user = _person(reading, container)
    return GpuProcess(
        pid=reading.pid,
        user=user,
        command=reading.command,
        memory=reading.memory,
        utilization=reading.utilization,
        container=name,
        session=reading.session,
        started_at=reading.started_at,
        mine=container.mine if container else user in mine,
    )


def _person(reading: ProcessReading, container: Container | None) -> str | None:
    """Inside a container the uid says little: most run as root. Label, home mount, then uid."""
    if container is not None and container.owner:
        return container.owner
    return reading.user


def _holders(
    readings: Iterable[ProcessReading], by_id: Mapping[str, Container], mine: Collection[str]
) -> Iterable[Holder]:
    seen: dict[tuple[str, str | None, str], Holder] = {}
    for reading in readings:
        process = _process(reading, by_id, mine)
        if process.container:
            holder = Holder("container", process.container, process.user, mine=process.mine)
        else:
            holder = Holder(
                "process", program(process.command) or f"pid {process.pid}", process.user, mine=process.mine
            )
        seen.setdefault((holder.kind, holder.user, holder.name), holder)
    return seen.values()


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
