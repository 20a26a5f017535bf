"""Workspaces as tables: one host's, and the fleet's in groups by host, person or project with their sums. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from gpuws.model import units
from gpuws.model.consent.facts import holds
from gpuws.model.gpu.gpu import Gpu
from gpuws.model.host.naming import labelled
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.session.tunnel import Tunnel
from gpuws.model.workspace.usage import NEAR, Usage, newest
from gpuws.model.workspace.workspace import Port, Ref, Workspace
from gpuws.present.figures import total
from gpuws.present.glyphs import LOOK
from gpuws.present.host_state import absent, empty, fresh, glyph, saying
from gpuws.present.line import Line, Role, Span, clean, joined, one
from gpuws.present.tables.base import Column, Table, TableRow

By = Literal["", "host", "user", "project"]
"""What the rows of the fleet's table are grouped by; "" not at all."""

STATE = Column("STATE", 18, kept=True, roomy=30)
"""Here a host says why it shows none, too."""
HOST = Column("HOST", 8, roomy=12)
NAME = Column("NAME", 18, kept=True, roomy=26)
OWNER = Column("OWNER", 8, drop=3)
GPUS = Column("GPUS", 5, at_right=True, drop=4)
GPU_MEMORY = Column("GPU MEM", 7, at_right=True, drop=5)
CPU = Column("CPU", 7, at_right=True, drop=7)
RAM = Column("RAM", 9, at_right=True, drop=6)
UPTIME = Column("UP", 6, at_right=True, drop=2)
IMAGE = Column("IMAGE", 0, least=12, drop=8)
CREATED = Column("CREATED", 7, drop=9)
PORTS = Column("PORTS", 10, drop=11, roomy=24)
TUNNELS = Column("TUNNELS", 11, drop=10, roomy=16)

OF_HOST = (NAME, STATE, OWNER, GPUS, GPU_MEMORY, RAM, CPU, UPTIME, IMAGE, CREATED, PORTS)
OF_FLEET = (STATE, OWNER, GPUS, GPU_MEMORY, RAM, CPU, UPTIME, IMAGE, CREATED, PORTS)
MEASURED = (STATE, OWNER, GPUS, GPU_MEMORY, RAM, CPU, UPTIME, IMAGE, PORTS, TUNNELS)
"""Behind name and host; `MEASURED` where somebody asks what they take at this moment."""


def _every(snapshot: HostSnapshot, workspace: Workspace) -> bool:  # noqa: ARG001 - a filter that means all
    return True


@dataclass(frozen=True, slots=True)
class Fleet:
    """What the fleet's table is about. `usage`: what each takes by the newest answer to who asked, None: nobody did;
    of the others what their hosts told by themselves is shown.
    `tunnels`: those that are open. `keep`: which are shown. `hosts`: one that shows none has a row all the same."""

    snapshots: Sequence[HostSnapshot]
    now: float
    by: By = ""
    usage: Mapping[Ref, Usage] | None = None
    tunnels: Sequence[Tunnel] = ()
    keep: Callable[[HostSnapshot, Workspace], bool] = _every
    hosts: bool = True


def of_host(snapshot: HostSnapshot, gpu: Gpu | None, now: float) -> Table:
    """One host's: those on `gpu` first, then mine, then running ones."""

    def rank(workspace: Workspace) -> tuple[bool, bool, bool, str]:
        here = gpu is not None and holds(workspace, gpu)
        return (not here, not workspace.mine, not workspace.enterable, workspace.name)

    about = _About(Fleet((snapshot,), now))
    rows = (
        TableRow(each.id, about.cells(OF_HOST, _Seen(snapshot, each))) for each in sorted(snapshot.workspaces, key=rank)
    )
    engine = snapshot.engine
    note = joined([clean(engine.error), clean(engine.remedy)], " — ") if engine and engine.error else ""
    return Table(OF_HOST, tuple(rows), note or empty(snapshot, f"No containers on {snapshot.name}. n launches one."))


def listing(fleet: Fleet) -> Table:
    """All hosts'; one that shows none has a row that says why. Rows have their container's key (`key_of`)."""
    columns = columns_of(fleet)
    about = _About(fleet)
    seen = [_Seen(snapshot, each) for snapshot in fleet.snapshots for each in snapshot.workspaces
            if fleet.keep(snapshot, each)]  # fmt: skip
    rows = [*_grouped(about, columns, seen)] if fleet.by else [_row(about, columns, each, 0) for each in seen]
    if fleet.hosts:
        rows += [row for snapshot in fleet.snapshots for row in absent(snapshot, STATE, columns)]
        rows += [_without_engine(one, columns) for one in fleet.snapshots if one.engine and one.engine.error]
    return Table(columns, tuple(rows), "No containers. n launches one.")


def columns_of(fleet: Fleet) -> tuple[Column, ...]:
    """Of the fleet's table: what makes the groups has no column besides."""
    first = {"": (HOST, NAME), "host": (NAME,)}.get(fleet.by, (NAME, HOST))
    rest = MEASURED if fleet.usage is not None else (*OF_FLEET, *([TUNNELS] if fleet.tunnels else []))
    return (*first, *(column for column in rest if column is not OWNER or fleet.by != "user"))


def key_of(workspace: Workspace) -> str:
    """The key of its row in the fleet's table."""
    return labelled(workspace.ref.host, workspace.id)


# rows


@dataclass(frozen=True, slots=True)
class _Seen:
    host: HostSnapshot
    workspace: Workspace


@dataclass(frozen=True, slots=True)
class _Group:
    """`role`: of its name. `order`: what it stands behind."""

    name: str
    role: Role
    order: tuple[bool, bool, str]


class _About:
    """What is looked up for many rows."""

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet
        self._indices = {host.name: indices(host) for host in fleet.snapshots}
        self._tunnels: dict[tuple[str, str | None], list[str]] = {}
        for each in fleet.tunnels:
            if each.place is not None and not each.target.to:
                where = (each.place.host, each.place.workspace)
                self._tunnels.setdefault(where, []).append(f"{each.local_port}→{each.target.port}")

    def usage(self, workspace: Workspace) -> Usage:
        """Of what has ended nothing: what it took is over."""
        if not workspace.alive:
            return Usage()
        return newest((self.fleet.usage or {}).get(workspace.ref), workspace.usage) or Usage()

    def cells(self, columns: Iterable[Column], seen: _Seen) -> tuple[Line, ...]:
        return tuple(_CELLS[column.title](self, seen) for column in columns)

    def gpus(self, seen: _Seen) -> str:
        return gpu_names(seen.workspace, self._indices.get(seen.host.name, {}))

    def tunnels(self, workspace: Workspace) -> str:
        return " ".join(self._tunnels.get((workspace.ref.host, workspace.id), ()))


def _row(about: _About, columns: Sequence[Column], seen: _Seen, level: int) -> TableRow:
    cells = about.cells(columns, seen)
    if level:
        cells = ((Span("└ ", "rule"), *cells[0]), *cells[1:])
    return TableRow(key_of(seen.workspace), cells, level)


def _grouped(about: _About, columns: Sequence[Column], seen: Sequence[_Seen]) -> Iterator[TableRow]:
    """Each group with its sums, and those that belong to it: mine first, then those that run."""
    groups: dict[_Group, list[_Seen]] = {}
    for each in seen:
        groups.setdefault(_group(about.fleet.by, each), []).append(each)
    order = list(groups) if about.fleet.by == "host" else sorted(groups, key=lambda group: group.order)
    for group in order:
        found = groups[group]
        yield TableRow(f"={group.name}", tuple(_sum(about, column, group, found) for column in columns))
        found.sort(key=lambda one: (not one.workspace.mine, not one.workspace.alive, one.workspace.name))
        yield from (_row(about, columns, each, 1) for each in found)


def _group(by: By, seen: _Seen) -> _Group:
    if by == "host":
        return _Group(seen.host.name, "title", (False, False, ""))
    if by == "user":
        owner, mine = clean(seen.workspace.owner, 40), seen.workspace.mine
        return _Group(owner or "nobody knows whose", "mine" if mine else "title", (not owner, not mine, owner))
    project = clean(seen.workspace.oci.project, 60)
    return _Group(project or "in no project", "title", (not project, False, project))


def _sum(about: _About, column: Column, group: _Group, found: Sequence[_Seen]) -> Line:
    workspaces = [each.workspace for each in found]
    match column.title:
        case "NAME":
            return (Span(group.name, group.role), *_freshness(about.fleet.by, found[0].host))
        case "STATE":
            return tuple(_states(workspaces))
        case "GPUS":
            return _number(len({gpu for each in found if each.workspace.alive for gpu in _gpus(each)}))
        case "GPU MEM":
            return _total([each.gpu_memory for each in workspaces if each.gpus and each.alive], _size)
        case "CPU":
            return _total([about.usage(each).cores for each in workspaces if each.alive], cores)
        case "RAM":
            return _total([about.usage(each).memory for each in workspaces if each.alive], _size)
    return ()


def _total(values: Sequence[float | None], said: Callable[[float | None], str]) -> Line:
    """`≥140G` where not all of it is known."""
    known = total(values)
    return one(f"{'≥' if known is not None and None in values else ''}{said(known)}", "muted")


def _freshness(by: By, host: HostSnapshot) -> Line:
    """Behind a host's name, where what it shows is old."""
    if by != "host" or fresh(host):
        return ()
    sign, role = glyph(host)
    return (Span(f" {sign}", role),)


def _states(workspaces: Sequence[Workspace]) -> Iterator[Span]:
    """`3 of 5 run · 1 ⚠`"""
    alive, unwell = sum(each.alive for each in workspaces), sum(_unwell(each) for each in workspaces)
    said = f"{alive} running" if alive == len(workspaces) else f"{alive} of {len(workspaces)} run"
    yield Span(said, "ok" if alive else "muted")
    if unwell:
        yield Span(" · ", "rule")
        yield Span(f"{unwell} {LOOK}", "error")


def _gpus(seen: _Seen) -> Iterator[tuple[str, str]]:
    """Those that it has, each with its host: two containers may share one."""
    given = [gpu.uuid for gpu in seen.host.gpus] if "all" in seen.workspace.gpus else seen.workspace.gpus
    return ((seen.host.name, gpu) for gpu in given)


def _number(number: int) -> Line:
    return one(str(number), "muted") if number else ()


# cells


def _name(_: _About, seen: _Seen) -> Line:
    return one(clean(seen.workspace.name), _mine(seen.workspace))


def _owner(_: _About, seen: _Seen) -> Line:
    return one(clean(seen.workspace.owner) or units.DASH, _mine(seen.workspace))


def _mine(workspace: Workspace) -> Role:
    return "mine" if workspace.mine else "text"


def _gpu_memory(_: _About, seen: _Seen) -> Line:
    workspace = seen.workspace
    return one(units.size(workspace.gpu_memory) if workspace.gpus and workspace.alive else units.DASH)


def _cpu(about: _About, seen: _Seen) -> Line:
    busy, cap = about.usage(seen.workspace).cores, seen.workspace.cpu_limit
    return _against(busy, cap, cores(busy), "" if cap is None else f"{cap:g}")


def _ram(about: _About, seen: _Seen) -> Line:
    taken = about.usage(seen.workspace)
    used, cap = taken.memory, seen.workspace.memory_limit or taken.limit
    return _against(used, cap, units.size(used), "" if cap is None else units.size(cap))


def _against(value: float | None, cap: float | None, said: str, most: str) -> Line:
    """`21G/64G`; what has no cap stands alone."""
    near = value is not None and bool(cap) and value >= NEAR * (cap or 1)
    return (Span(said, "warn" if near else "text"), *((Span(f"/{most}", "muted"),) if most else ()))


def cores(value: float | None) -> str:
    """`1.5` for one and a half processors."""
    return units.DASH if value is None else f"{value:.1f}" if value < 100 else f"{value:.0f}"


def _size(value: float | None) -> str:
    return units.size(None if value is None else int(value))


def _uptime(about: _About, seen: _Seen) -> Line:
    started = seen.workspace.started
    return one(units.duration(None if started is None else about.fleet.now - started), "muted")


def _created(about: _About, seen: _Seen) -> Line:
    created = seen.workspace.created
    return one(units.duration(None if created is None else about.fleet.now - created), "muted")


def _ports(_: _About, seen: _Seen) -> Line:
    return one(" ".join(port(each) for each in seen.workspace.oci.ports) or units.DASH, "muted")


_CELLS: Mapping[str, Callable[[_About, _Seen], Line]] = {
    "HOST": lambda _, seen: one(seen.host.name),
    "NAME": _name,
    "STATE": lambda _, seen: (state(seen.workspace),),
    "OWNER": _owner,
    "GPUS": lambda about, seen: one(about.gpus(seen) or units.DASH),
    "GPU MEM": _gpu_memory,
    "CPU": _cpu,
    "RAM": _ram,
    "UP": _uptime,
    "IMAGE": lambda _, seen: one(clean(seen.workspace.oci.image or seen.workspace.engine, 500), "muted"),
    "CREATED": _created,
    "PORTS": _ports,
    "TUNNELS": lambda about, seen: one(about.tunnels(seen.workspace) or units.DASH, "muted"),
}


def state(workspace: Workspace) -> Span:
    """`running (unhealthy, 3 restarts)`, `exited 1`, or the engine's own word."""
    bad = _unwell(workspace)
    if not workspace.alive:
        return Span(clean(workspace.reason or workspace.status), "error" if bad else "muted")
    restarts = workspace.oci.restarts
    notes = joined([workspace.oci.health, workspace.reason, units.count(restarts, "restart") if restarts else ""], ", ")
    said = clean(f"{workspace.status} ({notes})" if notes else workspace.status)
    return Span(said, "error" if bad else "ok" if workspace.enterable else "warn")


def _unwell(workspace: Workspace) -> bool:
    return workspace.failed or workspace.oci.health == "unhealthy"


def indices(snapshot: HostSnapshot) -> Mapping[str, str]:
    """What GPUs and MIG instances are called, by UUID: `2`, and `2:0` for an instance."""
    found = {gpu.uuid: str(gpu.index) for gpu in snapshot.gpus}
    for gpu in snapshot.gpus:
        found |= {each.uuid: f"{gpu.index}:{each.index}" for each in gpu.mig_instances}
    return found


def gpu_names(workspace: Workspace, known: Mapping[str, str]) -> str:
    """`0,1`, `0-3`, by their numbers as far as they are `known`."""
    names = [clean(known.get(gpu, gpu[:12])) for gpu in workspace.gpus]
    numbers = sorted(int(name) for name in names if name.isdecimal())
    others = sorted(name for name in names if not name.isdecimal())
    return ",".join([*_runs(numbers), *others])


def _runs(numbers: Sequence[int]) -> Iterator[str]:
    """Three in a row, or more, as one."""
    run: list[int] = []
    for number in [*numbers, -1]:
        if run and number != run[-1] + 1:
            yield from (f"{run[0]}-{run[-1]}",) if len(run) > 2 else map(str, run)
            run = []
        run.append(number)


def port(which: Port) -> str:
    """`8888`, or `127.0.0.1:16006→6006` where it is published."""
    if which.published is None:
        return str(which.target)
    return f"{which.host_ip or '*'}:{which.published}→{which.target}"


def _without_engine(snapshot: HostSnapshot, columns: Sequence[Column]) -> TableRow:
    why = one(clean(snapshot.engine.error if snapshot.engine else "", 500), "muted")
    return saying(snapshot.name, STATE, why, columns)
