"""A checkup of one host: what its snapshot knows, and what is asked for now. Nothing there is changed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from gpuws.engines.parallel import each
from gpuws.fleet.local.host.shut import shut
from gpuws.fleet.local.host.supervisor import Supervisor
from gpuws.fleet.publisher import Publisher
from gpuws.model.checkup.claims import binds, wanted
from gpuws.model.checkup.facts import Claims, Exam, Leftovers, MachineFacts, Shut
from gpuws.model.checkup.rules import checkup, unreached
from gpuws.model.errors import GpuwsError
from gpuws.model.host.host import HostState
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.placement.plan import Check
from gpuws.probe.agent.nvml import misreports
from gpuws.probe.claims import claims as look_at_claims
from gpuws.probe.examine import examine as ask
from gpuws.probe.leftovers import leftovers

CLOSER = 4.0  # seconds for a sample with what is read only while somebody looks


def examine(supervisor: Supervisor, publisher: Publisher, idle_after: float) -> tuple[Check, ...]:
    """As long as its slowest question takes."""
    try:
        link = supervisor.link()
    except GpuwsError as error:
        exam = Exam(supervisor.snapshot, time.time(), idle_after)
        lost_just_now = exam.snapshot.state is HostState.UP
        return (Check("link", "fail", error.message, error.remedy),) if lost_just_now else unreached(exam)
    asked: list[Callable[[], Any]] = [
        lambda: _asked(supervisor),
        lambda: _engine(supervisor),
        lambda: _looked(supervisor, publisher),
        lambda: _left(supervisor),
        lambda: _shut(supervisor),
        lambda: claimed(supervisor),
    ]
    machine, engine, snapshot, left, lost, claims = each(lambda question: question(), asked, len(asked))
    facts = link.facts()
    garbled = misreports(snapshot.driver)  # type: ignore[no-untyped-call] # the agent runs under Python 3.6, too
    exam = Exam(snapshot, time.time(), idle_after, facts, machine, garbled, left, lost, claims)
    return checkup(exam, engine)


def _asked(supervisor: Supervisor) -> MachineFacts:
    try:
        return ask(supervisor.link())
    except GpuwsError:  # lost meanwhile: its state says so
        return MachineFacts()


def claimed(supervisor: Supervisor) -> Claims | None:
    """Nothing is asked for where no container of mine wants anything."""
    snapshot = supervisor.snapshot
    ports = [port.published for _, port in wanted(snapshot) if port.published is not None]
    mounted = {path: workspace for workspace, path in binds(snapshot)}
    if not ports and not mounted:
        return None
    try:
        found = look_at_claims(supervisor.link(), ports, list(mounted))
    except GpuwsError:
        return None
    if found is None:
        return None
    return replace(found, owned=tuple(replace(one, workspace=mounted[one.path].typed) for one in found.owned))


def _left(supervisor: Supervisor) -> Leftovers | None:
    try:
        return leftovers(supervisor.link())
    except GpuwsError:
        return None


def _shut(supervisor: Supervisor) -> tuple[Shut, ...]:
    snapshot = supervisor.snapshot
    if snapshot.engine is None or snapshot.engine.error or snapshot.readonly:
        return ()
    try:
        return shut(supervisor.engine(), snapshot.workspaces)
    except GpuwsError:
        return ()


def _engine(supervisor: Supervisor) -> tuple[Check, ...]:
    """Where there is none, the snapshot says why."""
    snapshot = supervisor.snapshot
    if snapshot.engine is None or snapshot.engine.error:
        return ()
    try:
        return supervisor.engine().checkup(gpus=bool(snapshot.gpus))
    except GpuwsError as error:
        return (Check("engine", "fail", error.message, error.remedy),)


def _looked(supervisor: Supervisor, publisher: Publisher) -> HostSnapshot:
    """The snapshot with clocks and memory errors of its GPUs, where its agent can read them, and with a round trip."""
    far = not supervisor.host.is_local
    changed = threading.Event()
    stop = publisher.subscribe(lambda _: changed.set())
    supervisor.look_closely(True)
    deadline = time.monotonic() + CLOSER
    try:
        while _coming(supervisor.snapshot, far) and (left := deadline - time.monotonic()) > 0:
            changed.wait(left)
            changed.clear()
    finally:
        supervisor.look_closely(False)
        stop()
    return supervisor.snapshot


def _coming(snapshot: HostSnapshot, far: bool) -> bool:
    if far and snapshot.latency is None:
        return True
    well = [gpu for gpu in snapshot.gpus if gpu.health == "ok"]
    return snapshot.telemetry == "nvml" and bool(well) and all(gpu.detail is None for gpu in well)
