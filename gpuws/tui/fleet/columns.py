"""The columns of the fleet list, each in one place: title, width, when it leaves, what stands in it, how it sorts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from gpuws.model.gpu.gpu import Gpu
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.present.figures import highest, mean, model, models, total
from gpuws.present.holders import main_process
from gpuws.present.line import Line, clean, one
from gpuws.present.tables import gpus
from gpuws.present.tables.base import Column
from gpuws.present.tables.sorting import Rank, word
from gpuws.tui.fleet import cells
from gpuws.tui.toolkit.table_lines import Frame, Placed, placed

NAME_MIN, NAME_MAX = 13, 40
STEP = 10.0
"""Percent: a smaller difference of utilization changes no order; others are as coarse, so that rows rest."""
GIB = 1 << 30


@dataclass(frozen=True, slots=True)
class FleetColumn:
    """`id`: as it is remembered. `about`: a sentence. `cell`: what stands in it, in so many cells. `gpu` and `host`:
    what GPUs within their host, and hosts among each other, are sorted by; None where nothing is known. `falling`: the
    highest comes first. `usual`: it is shown without being asked for."""

    id: str
    column: Column
    about: str
    cell: Callable[[cells.Subject, int], Line]
    gpu: Callable[[Gpu], Rank | None]
    host: Callable[[HostSnapshot], Rank | None]
    falling: bool = False
    usual: bool = True


def _steps(value: float | None, step: float) -> float | None:
    return None if value is None else value // step


def load(gpu: Gpu) -> float | None:
    """Mean utilization of the last minutes, else the latest; in whole steps."""
    value = mean(gpu.trend)
    value = gpu.utilization if value is None else value
    return None if value is None else round(value / STEP) * STEP


def person(gpu: Gpu) -> Rank:
    """Mine, others by name, held by nobody knows whom, free."""
    names = sorted(clean(holder.user) for holder in gpu.held_by if holder.user)
    return (0 if gpu.mine else 1 if names else 2 if not gpu.free else 3, names[0] if names else "")


def _command(gpu: Gpu) -> Rank | None:
    process = main_process(gpu)
    return None if process is None else word(one(clean(process.command)))


def _begun(gpu: Gpu) -> float | None:
    """The higher, the longer its oldest process runs."""
    return highest(None if process.started_at is None else -process.started_at for process in gpu.processes)


def _mean_load(snapshot: HostSnapshot) -> float | None:
    return _steps(mean(load(gpu) for gpu in snapshot.gpus), STEP)


def _of_no_host(_: HostSnapshot) -> None:
    """Hosts stay as they stand."""


NAME = FleetColumn(
    "name", Column("HOST / GPU", NAME_MIN), "Hosts with their GPUs; always there", cells.name,
    lambda gpu: gpu.index, lambda snapshot: word(one(snapshot.name)),
)  # fmt: skip
COLUMNS = (
    NAME,
    FleetColumn(
        "model", Column("MODEL", 9, drop=7, roomy=14), "What the GPU is", cells.model,
        lambda gpu: model(gpu.name), lambda snapshot: models(snapshot.gpus) or None, usual=False,
    ),
    FleetColumn(
        "memory", Column(gpus.MEMORY.title, 16, roomy=26), "Memory in use, of how much", cells.memory,
        lambda gpu: _steps(gpu.memory_used, GIB),
        lambda snapshot: _steps(total(gpu.memory_used for gpu in snapshot.gpus), GIB), falling=True,
    ),
    FleetColumn(
        "free", Column("FREE", 5, True, drop=6), "Memory that is not in use", cells.free_memory,
        lambda gpu: _steps(gpu.memory_free, GIB),
        lambda snapshot: _steps(total(gpu.memory_free for gpu in snapshot.gpus), GIB), falling=True, usual=False,
    ),
    FleetColumn(
        "util", Column(gpus.UTIL.title, cells.PERCENT, True, roomy=14), "Utilization", cells.utilization,
        load, _mean_load, falling=True,
    ),
    FleetColumn(
        "trend", Column(gpus.TREND.title, 8, drop=4, roomy=16), "Utilization of the last five minutes", cells.past,
        load, _mean_load, falling=True,
    ),
    FleetColumn(
        "temp", Column(gpus.TEMP.title, 5, True, drop=3), "Temperature; a host's is its hottest GPU's", cells.heat,
        lambda gpu: _steps(gpu.temperature, 5),
        lambda snapshot: _steps(highest(gpu.temperature for gpu in snapshot.gpus), 5), falling=True,
    ),
    FleetColumn(
        "power", Column(gpus.POWER.title, 7, True, drop=5), "Power drawn", cells.power,
        lambda gpu: _steps(gpu.power, 25), lambda snapshot: _steps(total(gpu.power for gpu in snapshot.gpus), 100),
        falling=True,
    ),
    FleetColumn(
        "who", Column(gpus.HELD_BY.title, 0, least=29), "Who holds it, and what runs; of a host what is free",
        cells.held_by, person, lambda snapshot: min((person(gpu) for gpu in snapshot.gpus), default=None),
    ),
    FleetColumn(
        "program", Column("PROGRAM", 26, roomy=60, extra=True), "Process id and command line", cells.program,
        _command, _of_no_host,
    ),
    FleetColumn(
        "time", Column("TIME", 6, True, drop=2), "How long it runs; of a host how far away it is", cells.time,
        _begun, lambda snapshot: highest(_begun(gpu) for gpu in snapshot.gpus), falling=True,
    ),
)  # fmt: skip
BY_ID = {column.id: column for column in COLUMNS}
USUAL = tuple(column.id for column in COLUMNS if column.usual)


def chosen(ids: Sequence[str]) -> tuple[FleetColumn, ...]:
    """These, as far as there are such columns, with the name before them; none: the usual ones."""
    known = [BY_ID[each] for each in dict.fromkeys(ids) if each in BY_ID and each != NAME.id]
    return (NAME, *known) if known else tuple(BY_ID[each] for each in USUAL)


@dataclass(frozen=True, slots=True)
class Layout:
    """`places`: of the columns that fit into `width` cells, from left to right."""

    width: int
    shown: tuple[FleetColumn, ...]
    columns: tuple[Column, ...]
    places: tuple[Placed, ...]

    def column(self, place: Placed) -> FleetColumn:
        return self.shown[place.column]

    @property
    def ids(self) -> list[str]:
        return [self.column(place).id for place in self.places]


def layout(width: int, name: int, shown: tuple[FleetColumn, ...] = chosen(())) -> Layout:
    """`name`: the widest text of the first column."""
    first = min(max(name, NAME_MIN), NAME_MAX, max(NAME_MIN, width * 2 // 9))
    columns = tuple(replace(each.column, size=first) if each is NAME else each.column for each in shown)
    frame = Frame(lead=1, gap=1 if width < 140 else 2, comfort=12)
    return Layout(width, shown, columns, placed(columns, width, frame))
