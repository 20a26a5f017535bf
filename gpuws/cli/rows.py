"""Snapshots as rows of tables. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gpuws.cli.tables import Cell, Table, Tone
from gpuws.model import units
from gpuws.model.host import HostState
from gpuws.model.tenancy import tenanted, vacancy

if TYPE_CHECKING:
    from gpuws.model.gpu import Gpu, Holder, MigInstance
    from gpuws.model.host import Host
    from gpuws.model.profile import ProfileSummary
    from gpuws.model.rollup import Share, Totals
    from gpuws.model.snapshot import HostSnapshot
    from gpuws.model.workspace import Port, Workspace

BUSY = 10.0  # percent
FIGURES = frozenset({"GPU", "MEMORY", "UTIL", "TEMP", "POWER", "GPUS", "IDLE GPUS", "LIMIT", "WINDOWS", "ATTACHED"})
_KEPT = frozenset({"GPU", "STATE", "HELD BY", "SESSION"})
NOTHING = Cell(units.DASH, "dim")


def gpus(snapshots: Sequence[HostSnapshot], now: float) -> Table:
    rows = [row for snapshot in snapshots for row in _host_gpus(snapshot, now)]
    return Table(("HOST", "GPU", "NAME", "MEMORY", "UTIL", "TEMP", "POWER", "HELD BY"), tuple(rows), FIGURES, _KEPT)


def summary(sums: Totals) -> str:
    """`26 GPUs · 11 free · 14 held · 1 unknown · 2 idle · 812G free · 4.1kW`: what is known now, over all hosts."""
    words = [f"{sums.gpus} GPU{'' if sums.gpus == 1 else 's'}", f"{sums.free} free"]
    words += [f"{sums.held} held"] if sums.held else []
    words += [f"{sums.unknown} unknown"] if sums.unknown else []
    words += [f"{sums.idle} idle"] if sums.idle else []
    words += [f"{sums.faulty} out of order"] if sums.faulty else []
    words += [f"{sums.unseen} not seen now"] if sums.unseen else []
    words += [f"{units.size(sums.memory_free)} free"] if sums.memory_total else []
    words += [f"{sums.power / 1000:.1f}kW" if sums.power >= 1000 else f"{sums.power:.0f}W"] if sums.power else []
    return " · ".join(words)


def users(shares: Sequence[Share]) -> Table:
    rows = [
        (
            Cell(one.user or "?", "mine" if one.mine else ""),
            Cell(str(one.gpus)),
            Cell(str(one.idle), "warm" if one.idle else ""),
            Cell(units.size(one.memory if one.memory or not one.unknown else None) + ("+?" if one.unknown else "")),
        )
        for one in shares
    ]
    return Table(("USER", "GPUS", "IDLE GPUS", "MEMORY"), tuple(rows), FIGURES)


def containers(snapshots: Sequence[HostSnapshot], now: float) -> Table:
    rows: list[tuple[Cell, ...]] = [_container(snapshot, c, now) for snapshot in snapshots for c in snapshot.workspaces]
    rows += [_absent(snapshot, 10) for snapshot in snapshots if snapshot.state not in (HostState.UP, HostState.STALE)]
    rows += [_engineless(snapshot) for snapshot in snapshots if snapshot.engine and snapshot.engine.error]
    titles = ("HOST", "NAME", "STATE", "OWNER", "GPUS", "MEMORY", "LIMIT", "IMAGE", "CREATED", "PORTS")
    return Table(titles, tuple(rows), FIGURES, _KEPT | {"NAME"})


def sessions(snapshots: Sequence[HostSnapshot], now: float) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for snapshot in snapshots:
        for one in snapshot.sessions:
            activity = None if one.activity is None else now - one.activity
            inside = Cell(one.container) if one.container else NOTHING
            rows.append((
                Cell(snapshot.name), inside, Cell(one.label), Cell(str(one.windows)), Cell(str(one.attached)),
                Cell(units.duration(activity)), Cell(one.command or units.DASH),
            ))  # fmt: skip
    rows += [_absent(snapshot, 7) for snapshot in snapshots if snapshot.state not in (HostState.UP, HostState.STALE)]
    return Table(
        ("HOST", "CONTAINER", "SESSION", "WINDOWS", "ATTACHED", "IDLE", "COMMAND"), tuple(rows), FIGURES, _KEPT
    )


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
            Cell(one.owner, "mine" if one.owner == "mine" else ""),
            Cell(one.gpus),
            Cell(one.image or units.DASH),
            _about(one),
        )
        for one in summaries
    ]
    return Table(("PROFILE", "WHOSE", "GPUS", "IMAGE", "DESCRIPTION"), tuple(rows))


def _about(profile: ProfileSummary) -> Cell:
    """What it is for; of a shared one where it lies, and what is to be known of it."""
    if profile.error:
        return Cell(f"broken: {profile.error}", "bad") if profile.accepted else Cell(profile.error, "warm")
    if profile.note:
        return Cell(profile.note, "warm")
    where = f" ({profile.source})" if profile.owner == "shared" else ""
    return Cell(f"{profile.description}{where}".strip())


def _absent(snapshot: HostSnapshot, width: int) -> tuple[Cell, ...]:
    """A host that shows nothing keeps a row: its state says that something is missing."""
    tone: Tone = "warm" if snapshot.state in (HostState.CONNECTING, HostState.ASKING) else "bad"
    rest = [NOTHING] * (width - 3)
    return (Cell(snapshot.name), NOTHING, Cell(snapshot.state.value, tone), *rest)


def _engineless(snapshot: HostSnapshot) -> tuple[Cell, ...]:
    assert snapshot.engine is not None
    return (Cell(snapshot.name), NOTHING, Cell(snapshot.engine.error or "", "dim"), *[NOTHING] * 7)


def _host_gpus(snapshot: HostSnapshot, now: float) -> list[tuple[Cell, ...]]:
    if snapshot.state not in (HostState.UP, HostState.STALE):
        return [_absent(snapshot, 8)]
    if not snapshot.gpus:
        why = Cell(
            str(snapshot.telemetry_error or "") or ("not read yet" if snapshot.coverage == "waiting" else "no GPU"),
            "dim",
        )
        return [(Cell(snapshot.name), NOTHING, why, *[NOTHING] * 5)]
    age = units.duration(snapshot.age(now)) + " ago: " if snapshot.state is HostState.STALE else ""
    return [row for gpu in snapshot.gpus for row in (_gpu(snapshot, gpu, age), *_instances(snapshot, gpu, age))]


def _gpu(snapshot: HostSnapshot, gpu: Gpu, age: str) -> tuple[Cell, ...]:
    """`age`: how old its values are, where that is worth a word."""
    stale: Tone = "dim" if age else ""
    return (
        Cell(snapshot.name, stale),
        Cell(str(gpu.index), stale),
        Cell(gpu.name.removeprefix("NVIDIA "), stale),
        Cell(f"{units.gib(gpu.memory_used)}/{units.gib(gpu.memory_total)}G", stale),
        Cell(units.percent(gpu.utilization), stale or ("warm" if (gpu.utilization or 0) >= BUSY else "")),
        Cell(units.DASH if gpu.temperature is None else f"{gpu.temperature:.0f}°C", stale),
        Cell(units.DASH if gpu.power is None else f"{gpu.power:.0f}W", stale),
        _holders(gpu, stale, age),
    )


def _instances(snapshot: HostSnapshot, gpu: Gpu, age: str) -> list[tuple[Cell, ...]]:
    return [_instance(snapshot, gpu, one, age) for one in gpu.mig_instances]


def _instance(snapshot: HostSnapshot, gpu: Gpu, one: MigInstance, age: str) -> tuple[Cell, ...]:
    """What an instance does not have is its GPU's, and stands in the row above."""
    stale: Tone = "dim" if age else ""
    return (
        Cell(snapshot.name, stale),
        Cell(f"{gpu.index}:{one.index}", stale),
        Cell(f"MIG {one.profile or '?'}", stale),
        Cell(f"{units.gib(one.memory_used)}/{units.gib(one.memory_total)}G", stale),
        *[NOTHING] * 3,
        _people(one, stale, age),
    )


def _holders(gpu: Gpu, stale: Tone, age: str) -> Cell:
    if gpu.health != "ok":
        return Cell(age + (f"{gpu.health}: {gpu.error}" if gpu.error else gpu.health), "bad")
    if gpu.mig_instances:
        free = sum(one.free for one in gpu.mig_instances)
        return Cell(f"{age}divided: {free} of {len(gpu.mig_instances)} free", stale or ("good" if free else ""))
    return _people(gpu, stale, age)


def _people(place: Gpu | MigInstance, stale: Tone, age: str) -> Cell:
    if not tenanted(place):
        return Cell(age + vacancy(place), stale or ("good" if place.free else "warm"))
    tone: Tone = "mine" if any(one.mine for one in place.held_by) else ""
    return Cell(age + ", ".join(holder(one) for one in place.held_by), stale or tone)


def holder(one: Holder) -> str:
    """`bob jup (idle 9h00)`, `carol eval (reserved, unused 2d)`, `somebody unseen`."""
    if one.kind == "unseen":
        return one.name
    words = f"{one.user or '?'} {one.name}"
    if one.kind == "reservation":
        return f"{words} (reserved, unused{'' if one.idle_seconds is None else ' ' + units.duration(one.idle_seconds)})"
    return words if one.idle_seconds is None else f"{words} (idle {units.duration(one.idle_seconds)})"


def _container(snapshot: HostSnapshot, container: Workspace, now: float) -> tuple[Cell, ...]:
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
        Cell(container.oci.image),
        Cell(units.duration(age)),
        Cell(" ".join(port(one) for one in container.oci.ports) or units.DASH),
    )


def _state(container: Workspace) -> Cell:
    """`running (unhealthy)`, `exited 1`, or the engine's own word."""
    bad = container.failed or container.oci.health == "unhealthy"
    if container.alive:
        notes = ", ".join(note for note in (container.oci.health, container.reason) if note)
        return Cell(
            f"{container.status} ({notes})" if notes else container.status, "bad" if bad else _living(container)
        )
    return Cell(container.reason or container.status, "bad" if bad else "dim")


def _living(container: Workspace) -> Tone:
    return "good" if container.enterable else "warm"


def port(one: Port) -> str:
    """`8888`, or `127.0.0.1:16006→6006` where it is published."""
    return f"{one.host_ip or '*'}:{one.published}→{one.target}" if one.published else str(one.target)
