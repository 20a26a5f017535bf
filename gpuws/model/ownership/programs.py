"""The processes on the GPUs of all hosts, each once, with whose it is. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gpuws.model.gpu.gpu import Gpu, GpuProcess, Holder, processes_of
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.ownership.join import holder_of


@dataclass(frozen=True, slots=True)
class Program:
    """`process`: as on the first of its `gpus`. `holder`: what it makes a holder of them; `mine`: that is me.
    `memory`: bytes on all of them, None where one of them does not tell."""

    host: str
    process: GpuProcess
    holder: Holder
    mine: bool
    gpus: tuple[Gpu, ...]
    memory: int | None

    @property
    def container(self) -> str | None:
        return self.holder.name if self.holder.kind == "container" else None


def programs(snapshots: Sequence[HostSnapshot]) -> tuple[Program, ...]:
    """By host, the one with the most memory first."""
    return tuple(program for snapshot in snapshots for program in _of_host(snapshot))


def _of_host(snapshot: HostSnapshot) -> Iterator[Program]:
    found: dict[int, list[tuple[Gpu, GpuProcess]]] = {}
    for gpu in snapshot.gpus:
        for process in processes_of(gpu):
            found.setdefault(process.pid, []).append((gpu, process))
    made = [_program(snapshot, places) for places in found.values()]
    yield from sorted(made, key=lambda program: -(program.memory or 0))


def _program(snapshot: HostSnapshot, places: Sequence[tuple[Gpu, GpuProcess]]) -> Program:
    process = places[0][1]
    holder = holder_of(process)
    known = [each.memory for _, each in places if each.memory is not None]
    return Program(
        snapshot.name,
        process,
        holder,
        snapshot.me.is_holder(holder),
        tuple({gpu.uuid: gpu for gpu, _ in places}.values()),
        sum(known) if len(known) == len(places) else None,
    )
