"""GPUs of all hosts as a table, and their sums in a line. The list on the screen has the same columns. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gpuws.model import units
from gpuws.model.gpu.gpu import Gpu, MigInstance
from gpuws.model.host.host import HostState
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.units import count
from gpuws.present import figures
from gpuws.present.holders import everybody, program_of
from gpuws.present.host_state import absent, counted, saying
from gpuws.present.line import Line, Role, clean, joined, one, text_of
from gpuws.present.tables.base import NOTHING, Column, Table, TableRow

if TYPE_CHECKING:  # only whoever sums up loads it
    from gpuws.model.ownership.usage import Totals

BUSY = 10.0  # percent
HOST, GPU, NAME = Column("HOST"), Column("GPU", at_right=True, kept=True), Column("NAME")
MEMORY, UTIL = Column("MEMORY", at_right=True), Column("UTIL", at_right=True)
TREND = Column("5 MIN", only="screen")
TEMP, POWER = Column("TEMP", at_right=True), Column("POWER", at_right=True)
HELD_BY = Column("HELD BY", kept=True)
PROGRAM = Column("PROGRAM", extra=True)
COLUMNS = (HOST, GPU, NAME, MEMORY, UTIL, TEMP, POWER, HELD_BY, PROGRAM)


def listing(snapshots: Sequence[HostSnapshot], now: float) -> Table:
    """One row a GPU and one an instance of a divided one, with all who hold it."""
    return Table(COLUMNS, tuple(row for snapshot in snapshots for row in _host(snapshot, now)))


def summary(sums: Totals) -> str:
    """`26 GPUs · 11 free · 14 held · 1 unknown · 2 idle · 812G free · 4.1 kW`: what is known now, over all hosts."""
    words = [count(sums.gpus, "GPU"), f"{sums.free} free"]
    words += [f"{sums.held} held"] if sums.held else []
    words += [f"{sums.unknown} unknown"] if sums.unknown else []
    words += [f"{sums.idle} idle"] if sums.idle else []
    words += [f"{sums.faulty} failing"] if sums.faulty else []
    words += [f"{sums.unseen} not seen now"] if sums.unseen else []
    return joined([*words, free_memory(sums), power(sums)])


def free_memory(sums: Totals) -> str:
    """`≥812G free`, of GPUs that are seen; "" where nothing is known of it."""
    return f"{_least(sums.memory_unknown, sums)}{units.size(sums.memory_free)} free" if sums.memory_total else ""


def power(sums: Totals) -> str:
    """`4.1 kW`, drawn by GPUs that are seen; "" where nothing is known of it."""
    return f"{_least(sums.power_unknown, sums)}{figures.watts(sums.power)}" if sums.power else ""


def _least(unknown: int, sums: Totals) -> str:
    """≥ before a sum of which a part is not known; of a failing GPU nothing is expected."""
    return "≥" if unknown > sums.faulty else ""


def _host(snapshot: HostSnapshot, now: float) -> list[TableRow]:
    if not counted(snapshot):
        return list(absent(snapshot, NAME, COLUMNS))
    if not snapshot.gpus:
        waiting = "not read yet" if snapshot.coverage == "waiting" else "no GPU"
        why = one(clean(str(snapshot.telemetry_error or waiting), 500), "faint")
        return [saying(snapshot.name, NAME, why, COLUMNS)]
    age = "" if snapshot.state is HostState.UP else units.duration(snapshot.age(now)) + " ago: "
    places = [(gpu, mig) for gpu in snapshot.gpus for mig in (None, *gpu.mig_instances)]
    return [_row(snapshot, gpu, mig, age) for gpu, mig in places]


def _row(snapshot: HostSnapshot, gpu: Gpu, mig: MigInstance | None, age: str) -> TableRow:
    """`age`: how old its values are, where that is worth a word: they are faint then."""
    measures = _gpu(gpu) if mig is None else _instance(gpu, mig)
    program = "" if mig is None and gpu.mig_instances else program_of(mig or gpu)
    cells = (one(snapshot.name), *measures, everybody(mig or gpu), one(program, "muted"))
    if age:
        *others, held, _ = (text_of(cell) for cell in cells)
        cells = tuple(one(text, "faint") for text in (*others, age + held, program))
    return TableRow((mig or gpu).uuid, cells)


def _gpu(gpu: Gpu) -> tuple[Line, ...]:
    busy: Role = "warn" if (gpu.utilization or 0) >= BUSY else "text"
    return (
        one(str(gpu.index)),
        one(clean(gpu.name).removeprefix("NVIDIA ")),
        one(figures.memory(gpu.memory_used, gpu.memory_total) or units.DASH),
        one(figures.percent(gpu.utilization) or units.DASH, busy),
        one(figures.celsius(gpu.temperature) or units.DASH),
        one(figures.watts(gpu.power) or units.DASH),
    )


def _instance(gpu: Gpu, mig: MigInstance) -> tuple[Line, ...]:
    """What an instance does not have is its GPU's, and stands in the row above."""
    return (
        one(f"{gpu.index}:{mig.index}"),
        one(f"MIG {clean(mig.profile) or '?'}"),
        one(figures.memory(mig.memory_used, mig.memory_total) or units.DASH),
        *[NOTHING] * 3,
    )
