"""What the sources of one host told last, and how they become one snapshot. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from gpuws.model.gpu.fault import Fault
from gpuws.model.gpu.gpu import Gpu
from gpuws.model.gpu.memory_cap import breaches
from gpuws.model.gpu.reading import NO_PERMISSION, NOT_YET, Coverage, HostFacts, HostReading
from gpuws.model.host.host import Host, HostState
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.ownership.identity import me_on
from gpuws.model.ownership.join import NO_PAST, Past, join_containers, join_gpus
from gpuws.model.ownership.kernels import unnamed
from gpuws.model.session.homes import at_home
from gpuws.model.session.notebook import Notebook
from gpuws.model.session.session import Session
from gpuws.model.settings import Settings
from gpuws.model.workspace.engine import EngineInfo
from gpuws.model.workspace.usage import NOTHING_TAKEN, Counters, Taken
from gpuws.model.workspace.workspace import Workspace, measured

MOST_FAULTS = 20


@dataclass(frozen=True, slots=True)
class Status:
    """Where the connection stands."""

    state: HostState = HostState.CONNECTING
    phase: str = ""
    error: str | None = None
    remedy: str = ""
    retry_at: float | None = None
    generation: int = 0
    latency: float | None = None
    backend: str = ""
    backend_why: str = ""
    greeting: tuple[str, ...] = ()
    besides: tuple[str, ...] = ()


_OF_STATUS = tuple(field.name for field in fields(Status))


@dataclass(frozen=True, slots=True)
class Parts:
    """Each None until its source spoke once. Kept over reconnects: old values are shown with their age."""

    facts: HostFacts | None = None
    reading: HostReading | None = None
    telemetry_error: Fault | None = None
    sessions: tuple[Session, ...] | None = None
    inner_sessions: tuple[Session, ...] | None = None
    engine: EngineInfo | None = None
    workspaces: tuple[Workspace, ...] | None = None
    taken: Taken = NOTHING_TAKEN
    notebooks: tuple[Notebook, ...] | None = None
    notebooks_at: float | None = None  # epoch seconds
    sought: frozenset[str] = frozenset()  # kernels of mine on GPUs whose notebook was looked for


def assemble(host: Host, settings: Settings, status: Status, parts: Parts, past: Past = NO_PAST) -> HostSnapshot:
    """One frozen picture: containers and processes know each other's names and whose they are."""
    listed, reading = parts.workspaces or (), parts.reading
    sessions = at_home(parts.sessions or (), listed)
    me = me_on(host, settings, parts.facts, listed, sessions)
    joined = join_containers(listed, reading.processes if reading else (), reading.gpus if reading else ())
    workspaces = tuple(measured(replace(one, mine=me.made(one)), parts.taken) for one in joined)
    snapshot = HostSnapshot(
        name=host.name,
        **_standing(status),
        readonly=host.readonly or settings.readonly,
        me=me,
        tags=host.tags,
        facts=parts.facts,
        telemetry_error=parts.telemetry_error,
        coverage=coverage(parts),
        engine=parts.engine,
        workspaces=workspaces,
        sessions=me.whose(sessions + (parts.inner_sessions or ()), workspaces),
        notebooks=parts.notebooks or (),
        complete=complete(parts),
    )
    if reading is not None:
        snapshot = _measured(snapshot, reading, _gpus(reading, snapshot, parts, past))
    return _with_notebooks(snapshot, parts)


def _with_notebooks(snapshot: HostSnapshot, parts: Parts) -> HostSnapshot:
    """Its notebooks are read as far as who holds a GPU is named by them: of each kernel of mine there is one, or none
    was found. On a read-only host nothing is looked for."""
    known = "telemetry" in snapshot.complete and (snapshot.readonly or unnamed(snapshot.gpus) <= parts.sought)
    return replace(snapshot, complete=snapshot.complete | {"notebooks"}) if known else snapshot


def _gpus(reading: HostReading, snapshot: HostSnapshot, parts: Parts, past: Past) -> tuple[Gpu, ...]:
    """With who is on each of them."""
    notebooks, inner = parts.notebooks or (), parts.inner_sessions or ()
    processes, workspaces = reading.processes, snapshot.workspaces
    return join_gpus(reading.gpus, processes, workspaces, snapshot.me, notebooks, past, inner, unlisted(parts))


def _measured(snapshot: HostSnapshot, reading: HostReading, gpus: tuple[Gpu, ...]) -> HostSnapshot:
    """The picture with the figures of a reading."""
    above = (Fault("other", str(breach)) for breach in breaches(gpus, snapshot.workspaces))
    return replace(
        snapshot,
        updated_at=reading.taken_at,
        telemetry=reading.source,
        telemetry_error=reading.error or snapshot.telemetry_error,
        driver=reading.driver,
        cuda=reading.cuda,
        cpu_percent=reading.cpu_percent,
        load=reading.load,
        memory_used=reading.memory_used,
        memory_total=reading.memory_total,
        disks=reading.disks,
        net_received=reading.net_received,
        net_sent=reading.net_sent,
        io_wait=reading.io_wait,
        gpus=gpus,
        warnings=(*reading.warnings, *above),
        xids=reading.xids,
        faults=reading.faults,
        cost=reading.cost,
    )


def unlisted(parts: Parts) -> str | None:
    """Why containers may hold GPUs unseen; None where all are listed, or there is no engine."""
    engine = parts.engine
    if engine is None:
        return NOT_YET if parts.workspaces is None else None
    if engine.kind == "none" or engine.error is None:
        return None
    return NO_PERMISSION if engine.shut else engine.error


def standing(snapshot: HostSnapshot, status: Status) -> HostSnapshot:
    """The same picture where only the connection's status is another."""
    return replace(snapshot, **_standing(status))


def _standing(status: Status) -> dict[str, Any]:
    return {name: getattr(status, name) for name in _OF_STATUS}


def coverage(parts: Parts) -> Coverage:
    """A probe that ended before it told anything may never tell."""
    if parts.reading is not None:
        return parts.reading.coverage
    return "waiting" if parts.telemetry_error is None else "failed"


def complete(parts: Parts) -> frozenset[str]:
    """What has been read, or is known not to be there. Whose a container is takes my login there."""
    done = set()
    known = parts.facts is not None or parts.telemetry_error is not None
    if coverage(parts) in ("read", "none"):
        done.add("telemetry")
    no_engine = parts.engine is not None and parts.engine.error is not None
    if no_engine or (parts.workspaces is not None and known):
        done.add("containers")
    if parts.sessions is not None and (no_engine or parts.inner_sessions is not None):
        done.add("sessions")
    return frozenset(done)


def with_counters(parts: Parts, told: Sequence[Counters]) -> Parts:
    return replace(parts, taken=parts.taken.after(told))


def with_reading(parts: Parts, reading: HostReading) -> Parts:
    sessions = parts.sessions if reading.sessions is None else _still(parts.sessions or (), reading.sessions)
    return replace(parts, reading=_with_faults(parts.reading, reading), sessions=sessions, telemetry_error=None)


def _with_faults(before: HostReading | None, now: HostReading) -> HostReading:
    """The driver tells a fault once, to the agent that listens then: what one heard is kept when another comes."""
    if before is None or not before.xids or (now.faults is not None and (now.faults.log or now.faults.why)):
        return now
    kept = [xid for xid in before.xids if xid not in (now.xids or ())]
    return replace(now, xids=(*kept, *(now.xids or ()))[-MOST_FAULTS:]) if kept else now


def _still(before: tuple[Session, ...], now: tuple[Session, ...]) -> tuple[Session, ...]:
    """A session whose screen was not told is as it was: the agent tells what changed."""
    states = {(one.socket, one.id, one.created): one.state for one in before}
    return tuple(one if one.state else replace(one, state=states.get((one.socket, one.id, one.created))) for one in now)
