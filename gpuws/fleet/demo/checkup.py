"""What the demo's hosts would tell a doctor."""

from __future__ import annotations

from gpuws.fleet.demo.launching import gpu_mode
from gpuws.model.checkup.facts import Exam, LinkFacts, MachineFacts
from gpuws.model.checkup.rules import checkup, unreached
from gpuws.model.gpu.reading import Disk
from gpuws.model.host.host import LOCAL, HostState
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.placement.plan import Check

GIB = 1 << 30
KEY = "ssh-ed25519 SHA256:8mW0ZgqQv4m0d3T6J9y3bq0mYh1q2s7cFv5nT2kXb1E"
LATE = "foxtrot"
"""The host whose clock runs behind."""


def examine(snapshot: HostSnapshot, now: float, idle_after: float) -> tuple[Check, ...]:
    exam = Exam(snapshot, now, idle_after, _link(snapshot), _machine(snapshot))
    if snapshot.state not in (HostState.UP, HostState.STALE):
        return unreached(exam)
    return checkup(exam, _engine(snapshot))


def _link(snapshot: HostSnapshot) -> LinkFacts | None:
    return None if snapshot.name == LOCAL else LinkFacts("OpenSSH_9.6p1", KEY, 0.2, sessions=3)


def _machine(snapshot: HostSnapshot) -> MachineFacts:
    total = snapshot.memory_total or 64 * GIB
    used = snapshot.memory_used or 0
    return MachineFacts(
        ahead=-41.0 if snapshot.name == LATE else 0.0,
        hidepid="",
        shm=Disk("/dev/shm", GIB, total // 2),
        memory_available=max(total - used, 0),
        swap_used=0,
        swap_total=8 * GIB,
        tmux="tmux 3.4",
        cards=len(snapshot.gpus),
        kills=False,
        lingers=True,
    )


def _engine(snapshot: HostSnapshot) -> tuple[Check, ...]:
    engine = snapshot.engine
    if engine is None or engine.error:
        return ()
    how = "GPUs through CDI" if gpu_mode(engine) == "cdi" else "GPUs through NVIDIA's hook"
    return (Check("engine", "ok", f"Docker {engine.version}, API {engine.api_version}, {how}"),)
