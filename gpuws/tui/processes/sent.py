"""Signals that were sent in the last minutes to processes that are still there. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gpuws.model.consent.facts import gpus_of, process_name
from gpuws.model.gpu.gpu import GpuProcess
from gpuws.model.host.host import HostState
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.text import plain
from gpuws.model.workspace.actions import Signal

Mark = tuple[str, int, float | None]
"""Host, pid and start: a pid that is another process by now is another mark."""
FORGET = 600.0
"""Seconds after which a signal that was sent counts as never sent."""


@dataclass(frozen=True, slots=True)
class Sent:
    """`at`: Unix time."""

    process: GpuProcess
    signal: Signal
    at: float


class SentSignals:
    def __init__(self) -> None:
        self._sent: dict[Mark, Sent] = {}

    def last(self, host: str, process: GpuProcess) -> Sent | None:
        return self._sent.get((host, process.pid, process.started_at))

    def remember(self, host: str, process: GpuProcess, signal: Signal, now: float) -> None:
        self._sent[host, process.pid, process.started_at] = Sent(process, signal, now)

    def settle(self, snapshots: Sequence[HostSnapshot], now: float) -> list[str]:
        """A sentence for each process that has ended; what was sent long ago is forgotten. Costs nothing while nothing
        was sent."""
        if not self._sent:
            return []
        hosts, said = {snapshot.name: snapshot for snapshot in snapshots}, []
        for mark, sent in list(self._sent.items()):
            snapshot = hosts.get(mark[0])
            if snapshot is not None and snapshot.state is HostState.UP and not gpus_of(sent.process, snapshot):
                del self._sent[mark]
                said.append(f"{plain(process_name(sent.process))} ({mark[1]}) on {mark[0]} has ended")
            elif now - sent.at > FORGET:
                del self._sent[mark]
        return said
