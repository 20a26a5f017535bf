"""Ending processes: the ladder of signals, the command each stands for, and what is asked before. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gpuws.model.consent.confirm import Confirmation, confirmation, together
from gpuws.model.consent.shell_command import in_place
from gpuws.model.gpu.gpu import GpuProcess
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.workspace.actions import Signal

LADDER: tuple[Signal, ...] = ("INT", "TERM", "KILL")
MEANS: Mapping[Signal, str] = {
    "INT": "INT asks as ctrl-c does: most programs save and end.",
    "TERM": "TERM asks to end now.",
    "KILL": "KILL ends it at once: nothing is saved.",
}


def next_rung(sent: Signal | None) -> Signal:
    """The signal to offer after `sent` did not help."""
    return LADDER[min(LADDER.index(sent) + 1, len(LADDER) - 1)] if sent is not None else LADDER[0]


def kill_command(snapshot: HostSnapshot, process: GpuProcess, signal: Signal) -> str:
    """As typed at the workstation; inside its container, as root there, where its pid there is known."""
    if process.container_id is not None and process.inner_pid is not None:
        name = process.container or process.container_id[:12]
        return in_place(snapshot, name, ["kill", f"-{signal}", str(process.inner_pid)], root=True)
    return in_place(snapshot, None, ["kill", f"-{signal}", str(process.pid)])


def ask(processes: Sequence[GpuProcess], snapshot: HostSnapshot, now: float, signal: Signal) -> Confirmation:
    """What must be said and typed before it is sent to all of them."""
    asked = together(
        f"End {len(processes)} processes on {snapshot.name}?",
        [
            confirmation("signal", process, snapshot, now, command=kill_command(snapshot, process, signal))
            for process in processes
        ],
    )
    assert asked is not None  # ending something always asks
    return asked
