"""Who rests on a host's GPUs, kept from reading to reading. Pure; the rules are in `model.gpu.idle`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gpuws.fleet.local.host.parts import Parts
from gpuws.model.gpu import idle
from gpuws.model.gpu.idle import Idle, Key, Rest
from gpuws.model.gpu.reading import HostReading, ProcessReading
from gpuws.model.ownership.join import container_of
from gpuws.model.ownership.reservations import of_gpu, reservations
from gpuws.model.session.notebook import Notebook

FRESH = 60.0  # seconds that what a notebook server told counts


def observe_all(before: Mapping[Key, Rest], parts: Parts) -> Mapping[Key, Rest]:
    """After a new reading. What is gone is forgotten; a reading without GPUs says nothing new."""
    reading = parts.reading
    if reading is None or reading.source is None:
        return before
    return {key: rest for key, rest in _looked_at(before, reading, parts) if rest is not None}


def idles(rests: Mapping[Key, Rest], parts: Parts) -> Mapping[Key, Idle]:
    """Since when each of them rests, with what Jupyter and tmux tell of it."""
    processes = {idle.process_key(p): p for p in parts.reading.processes} if parts.reading else {}
    kernels = _kernels(parts)
    activity = {session.name: session.activity for session in parts.sessions or ()}
    found = {}
    for key, rest in rests.items():
        process = processes.get(key)
        notebook = kernels.get(process.kernel) if process and process.kernel else None
        session = activity.get(process.session) if process and process.session else None
        found[key] = idle.idle(rest, notebook.last_activity if notebook else None, session)
    return found


def _looked_at(before: Mapping[Key, Rest], reading: HostReading, parts: Parts) -> Iterator[tuple[Key, Rest | None]]:
    containers = parts.workspaces or ()
    by_id = {container.id: container for container in containers}
    reserved = reservations(containers, reading.gpus)
    kernels = _kernels(parts)
    living: dict[str, list[ProcessReading]] = {}
    for process in reading.processes:
        living.setdefault(process.gpu_uuid, []).append(process)
    for gpu in reading.gpus:
        there = living.get(gpu.uuid, [])
        for process in there:
            key = idle.process_key(process)
            working = idle.works(process, gpu, there, kernels.get(process.kernel) if process.kernel else None)
            yield key, idle.observe(before.get(key), reading.taken_at, working, process.cpu_seconds)
        busy = {container.id for p in there if (container := container_of(p, by_id))}
        for container in of_gpu(reserved, gpu):
            key = (gpu.uuid, container.id)
            yield key, idle.observe(before.get(key), reading.taken_at, container.id in busy)


def _kernels(parts: Parts) -> Mapping[str, Notebook]:
    """Kernels whose server told of them just now."""
    told, reading = parts.notebooks_at, parts.reading
    if told is None or reading is None or reading.taken_at - told > FRESH:
        return {}
    return {notebook.kernel: notebook for notebook in parts.notebooks or ()}
