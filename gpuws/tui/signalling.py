"""Ending processes: asked as INTERFACE §3 says, one rung of the ladder after another, watched until they are gone."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gpuws.model.actions import Signal
from gpuws.model.confirm import Confirmation
from gpuws.model.facts import gpus_of, process_name
from gpuws.model.gpu import GpuProcess
from gpuws.model.host import HostState
from gpuws.model.snapshot import HostSnapshot
from gpuws.model.text import plain
from gpuws.model.units import duration
from gpuws.tui.present.signals import ask, next_rung
from gpuws.tui.selection import Selection

if TYPE_CHECKING:
    from gpuws.tui.base import AppBase

Mark = tuple[str, int, float | None]
"""Host, pid and start: a pid that is another process by now is another mark."""
FORGET = 600.0
"""Seconds after which a signal that was sent counts as never sent."""


@dataclass(frozen=True, slots=True)
class Sent:
    process: GpuProcess
    signal: Signal
    at: float


class Signals:
    """What was sent in the last minutes to processes that are still there."""

    def __init__(self, app: AppBase) -> None:
        self._app = app
        self._sent: dict[Mark, Sent] = {}

    def begin(self, selection: Selection) -> None:
        """Ask, then send."""
        from gpuws.tui.screens.signal import SignalScreen

        snapshot = selection.snapshot
        chosen = selection.processes or ((selection.process,) if selection.process is not None else ())
        last = self._last(snapshot.name, chosen[0]) if len(chosen) == 1 else None

        def asked(signal: Signal) -> Confirmation:
            return ask(chosen, snapshot, time.time(), signal)

        def then(signal: Signal | None) -> None:
            if signal is not None:
                for process in chosen:
                    self._send(snapshot.name, process, signal)

        tried = f"{last.signal} was sent {duration(time.time() - last.at)} ago; it is still there." if last else ""
        self._app.push_screen(SignalScreen(asked, next_rung(last.signal if last else None), tried), then)

    def settle(self, snapshots: Sequence[HostSnapshot]) -> None:
        """Say which processes have ended; forget what was sent long ago. Costs nothing while nothing was sent."""
        if not self._sent:
            return
        hosts = {snapshot.name: snapshot for snapshot in snapshots}
        for mark, sent in list(self._sent.items()):
            snapshot = hosts.get(mark[0])
            if snapshot is not None and snapshot.state is HostState.UP and not gpus_of(sent.process, snapshot):
                del self._sent[mark]
                self._app.say(f"{plain(process_name(sent.process))} ({mark[1]}) on {mark[0]} has ended")
            elif time.time() - sent.at > FORGET:
                del self._sent[mark]

    def _last(self, host: str, process: GpuProcess) -> Sent | None:
        return self._sent.get((host, process.pid, process.started_at))

    def _send(self, host: str, process: GpuProcess, signal: Signal) -> None:
        name = f"{plain(process_name(process))} ({process.pid})"

        def sent(_: None) -> None:
            self._sent[host, process.pid, process.started_at] = Sent(process, signal, time.time())
            more = "" if signal == "KILL" else f"; if it stays, K offers {next_rung(signal)}"
            self._app.say(f"{signal} sent to {name}{more}")

        self._app.verbs.run(f"kill {process.pid}", lambda: self._app.fleet.signal(host, process.pid, signal), sent)
