"""Snapshots as rows of tables. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from gpuws.cli.tables import Cell, Table, Tone
from gpuws.model import units
from gpuws.model.container import Container, Port
from gpuws.model.gpu import Gpu, Holder
from gpuws.model.host import Host, HostState
from gpuws.model.profile import ProfileSummary
from gpuws.model.snapshot import HostSnapshot

BUSY = 10.0  # percent
FIGURES = frozenset({"GPU", "MEMORY", "UTIL", "TEMP", "POWER", "GPUS", "LIMIT", "WINDOWS", "ATTACHED"})
NOTHING = Cell(units.DASH, "dim")


def gpus(snapshots: Sequence[HostSnapshot], now: float) -> Table:  # noqa: ARG001 - every listing has a clock
    rows = [row for snapshot in snapshots for row in _host_gpus(snapshot)]
    return Table(("HOST", "GPU", "NAME", "MEMORY", "UTIL", "TEMP", "POWER", "HELD BY"), tuple(rows), FIGURES)


def containers(snapshots: Sequence[HostSnapshot], now: float) -> Table:
    rows: list[tuple[Cell, ...]] = [_container(snapshot, c, now) for snapshot in snapshots for c in snapshot.containers]
    rows += [_absent(snapshot, 10) for snapshot in snapshots if snapshot.state not in (HostState.UP, HostState.STALE)]
    rows += [_engineless(snapshot) for snapshot in snapshots if snapshot.engine and snapshot.engine.error]
    titles = ("HOST", "NAME", "STATE", "OWNER", "GPUS", "MEMORY", "LIMIT", "IMAGE", "CREATED", "PORTS")
    return Table(titles, tuple(rows), FIGURES)


def sessions(snapshots: Sequence[HostSnapshot], now: float) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for snapshot in snapshots:
        for one in snapshot.sessions:
            activity = None if one.activity is None else now - one.activity
            inside = Cell(one.container) if one.container else NOTHING
            rows.append((
                Cell(snapshot.name), inside, Cell(one.name), Cell(str(one.windows)), Cell(str(one.attached)),
                Cell(units.duration(activity)), Cell(one.command or units.DASH),
            ))  # fmt: skip
    rows += [_absent(snapshot, 7) for snapshot in snapshots if snapshot.state not in (HostState.UP, HostState.STALE)]
    return Table(("HOST", "CONTAINER", "SESSION", "WINDOWS", "ATTACHED", "IDLE", "COMMAND"), tuple(rows), FIGURES)


def inventory(hosts: Sequence[Host]) -> Table:
    rows = [
        (
            Cell(host.name),
            Cell(address(host)),
            Cell(host.jump or units.DASH),
            Cell(" ".join(host.tags) or units.DASH),
            Cell("read-only" if host.readonly else units.DASH),
        )
        for host in hosts
    ]
    return Table(("HOST", "ADDRESS", "JUMP", "TAGS", "ACCESS"), tuple(rows))


def address(host: Host) -> str:
    """As it would be written in hosts.yaml; an alias stands for itself."""
    if host.is_local:
        return "this machine"
    text = host.hostname or "(SSH configuration)"
    text = f"{host.user}@{text}" if host.user else text
    return f"{text}:{host.port}" if host.port else text


def profiles(summaries: Sequence[ProfileSummary]) -> Table:
    rows = [
        (
            Cell(one.name),
            Cell(one.gpus),
            Cell(one.image or units.DASH),
            Cell(f"broken: {one.error}", "bad") if one.error else Cell(one.description),
        )
        for one in summaries
    ]
    return Table(("PROFILE", "GPUS", "IMAGE", "DESCRIPTION"), tuple(rows))


def _absent(snapshot: HostSnapshot, width: int) -> tuple[Cell, ...]:
    """A host that shows nothing keeps a row: its state says that something is missing."""
    tone: Tone = "warm" if snapshot.state in (HostState.CONNECTING, HostState.ASKING) else "bad"
    rest = [NOTHING] * (width - 3)
    return (Cell(snapshot.name), NOTHING, Cell(snapshot.state.value, tone), *rest)


def _engineless(snapshot: HostSnapshot) -> tuple[Cell, ...]:
    assert snapshot.engine is not None
    return (Cell(snapshot.name), NOTHING, Cell(snapshot.engine.error or "", "dim"), *[NOTHING] * 7)


def _host_gpus(snapshot: HostSnapshot) -> list[tuple[Cell, ...]]:
    if snapshot.state not in (HostState.UP, HostState.STALE):
        return [_absent(snapshot, 8)]
    if not snapshot.gpus:
        why = Cell(snapshot.telemetry_error or "no GPU", "dim")
        return [(Cell(snapshot.name), NOTHING, why, *[NOTHING] * 5)]
    return [_gpu(snapshot, gpu) for gpu in snapshot.gpus]


def _gpu(snapshot: HostSnapshot, gpu: Gpu) -> tuple[Cell, ...]:
    stale: Tone = "dim" if snapshot.state is HostState.STALE else ""
    return (
        Cell(snapshot.name, stale),
        Cell(str(gpu.index), stale),
        Cell(gpu.name.removeprefix("NVIDIA "), stale),
        Cell(f"{units.gib(gpu.memory_used)}/{units.gib(gpu.memory_total)}G", stale),
        Cell(units.percent(gpu.utilization), stale or ("warm" if (gpu.utilization or 0) >= BUSY else "")),
        Cell(units.DASH if gpu.temperature is None else f"{gpu.temperature:.0f}°C", stale),
        Cell(units.DASH if gpu.power is None else f"{gpu.power:.0f}W", stale),
        _holders(gpu, stale),
    )


def _holders(gpu: Gpu, stale: Tone) -> Cell:
    if gpu.health != "ok":
        return Cell(f"{gpu.health}: {gpu.error}" if gpu.error else gpu.health, "bad")
    if gpu.free:
        return Cell("free", stale or "good")
    if not gpu.held_by:
        return Cell("held by somebody unseen", stale)
    return Cell(", ".join(holder(one) for one in gpu.held_by), stale or ("mine" if gpu.mine else ""))


def holder(one: Holder) -> str:
    """`bob jup (idle 9h00)`, `carol eval (reserved, unused 2d)`."""
    words = f"{one.user or '?'} {one.name}"
    if one.kind == "reservation":
        return f"{words} (reserved, unused{'' if one.idle_seconds is None else ' ' + units.duration(one.idle_seconds)})"
    return words if one.idle_seconds is None else f"{words} (idle {units.duration(one.idle_seconds)})"


def _container(snapshot: HostSnapshot, container: Container, now: float) -> tuple[Cell, ...]:
    indices = {gpu.uuid: str(gpu.index) for gpu in snapshot.gpus}
    held = ",".join(indices.get(name, name[:12]) for name in container.gpus)
    age = None if container.created is None else now - container.created
    return (
        Cell(snapshot.name),
        Cell(container.name, "mine" if container.mine else ""),
        _state(container),
        Cell(container.owner or units.DASH),
        Cell(held or units.DASH),
        Cell(units.size(container.gpu_memory) if container.gpus else units.DASH),
        Cell(units.size(container.memory_limit)),
        Cell(container.image),
        Cell(units.duration(age)),
        Cell(" ".join(port(one) for one in container.ports) or units.DASH),
    )


def _state(container: Container) -> Cell:
    if container.running:
        return Cell("running", "good")
    tone: Tone = "bad" if container.reason and not container.reason.startswith("exited 0") else "dim"
    return Cell(container.reason or container.state, tone)


def port(one: Port) -> str:
    """`8888`, or `127.0.0.1:16006→6006` where it is published."""
    return f"{one.host_ip or '*'}:{one.published}→{one.target}" if one.published else str(one.target)
